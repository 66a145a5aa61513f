"""What came in, stored once, and made into parts and contributions."""
