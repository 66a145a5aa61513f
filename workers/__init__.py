"""What happens after the door closed: load, call ``gateway.reading.readers``, save; and everything that waits for a network."""
