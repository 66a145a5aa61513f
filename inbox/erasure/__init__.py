"""Erasing: requests, erasing itself, tombstones, retention."""
