"""Scanned files as they lie in a folder: whole or still being written, grown since, or nobody's scan at all."""
