"""Answers of the town put on their way: each by the way its contribution came."""
