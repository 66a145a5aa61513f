"""Texts that only say something: put into values, and written with many others by a few statements."""
