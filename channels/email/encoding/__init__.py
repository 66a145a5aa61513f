"""Bytes to text and files: charsets, transfer encodings, uuencode."""
