"""Requests of residents about their data: what they ask, what is kept of them, what they were given and when."""
