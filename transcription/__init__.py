"""Media to text, and text to themes: a path or a text in, a value out."""
