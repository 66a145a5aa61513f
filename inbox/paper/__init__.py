"""Scanned paper: what became of each page, the keying desk, and the end of a batch."""
