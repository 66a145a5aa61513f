"""Attacks that once held, one module for each thing attacked."""
