"""Spreadsheet files of contributions."""
