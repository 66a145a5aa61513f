"""How often a failed step is tried again, and after how long."""

from datetime import timedelta

MAX_ATTEMPTS = 3
"""The failure that puts a step in quarantine."""

BACKOFF = (timedelta(seconds=20), timedelta(minutes=5))
"""How long a step rests after its first and its second failure."""

LOST_WORKER = "the worker stopped before it had finished"
"""The reason of a step whose worker died each time."""
