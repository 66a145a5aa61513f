"""What the steps do, one module a kind."""
