"""Paper: how a form is laid out, printed, split and found again."""
