"""What happens after the door closed: load, call ``gateway.reading``, save; and everything that waits for a network."""
