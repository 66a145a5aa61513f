"""How long a call goes on at most: for whoever waits for what it may still bring, and for whoever lets it open keys."""

from datetime import timedelta

LONGEST_CALL = timedelta(hours=4)
"""The provider ends a call after this time (its limit on call length), so that a recording can come no later."""
