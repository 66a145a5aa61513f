"""Providers of text messages and calls, one folder each."""
