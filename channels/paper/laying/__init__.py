"""Laying a form out: from a consultation to places in millimetres."""
