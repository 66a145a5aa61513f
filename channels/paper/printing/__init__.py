"""Printing: layouts and posters as PDF, the same to the byte each time."""
