"""Forms from the consultation to a file: laid out, kept, numbered, printed."""
