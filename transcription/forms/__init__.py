"""Printed forms of ours, filled by hand and scanned: the page found, its boxes, characters and zones read."""
