"""A town's quarters, as its own files say: their outlines, and how many live there."""
