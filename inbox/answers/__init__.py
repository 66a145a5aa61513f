"""Answers of the town: their words, whom they reach, what becomes of contributions, what is still owed."""
