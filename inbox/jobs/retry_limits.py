"""How often a failed step is tried again (three attempts), and after how long."""

from datetime import timedelta

BACKOFF = (timedelta(seconds=20), timedelta(minutes=5))
"""How long a step rests after its first and its second failure; a further pause is a further try."""

MAX_ATTEMPTS = len(BACKOFF) + 1
"""The failure that puts a step in quarantine: the third."""

LOST_WORKER = "the worker stopped before it had finished"
"""The reason of a step whose worker died each time."""
