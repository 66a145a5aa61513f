"""Backups of everything but the keys, and restoring them."""
