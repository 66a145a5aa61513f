"""Moderators' work on many contributions: queues, who looks at what, assignment, bulk actions, views, keys, appeals."""
