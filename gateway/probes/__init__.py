"""What ``portevoix doctor`` asks about everything outside."""
