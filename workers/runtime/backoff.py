"""How long to wait before something that failed is tried again."""

_MOST_DOUBLINGS = 1000
"""A float holds less than 2 to the power of 1024."""


def exponential_delay(first: float, times: int, longest: float) -> float:
    """Seconds to wait: ``first``, doubled ``times`` times, and never more than ``longest``."""
    return min(first * 2.0 ** min(times, _MOST_DOUBLINGS), longest)
