"""The overview of a batch, its end, and the keying desk."""
