"""The town's sending hours: when texts go out that nobody is waiting for."""

from __future__ import annotations

from datetime import datetime, timedelta

from config.settings.sections import Texting

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def is_sending_time(here: datetime, rules: Texting) -> bool:
    """Whether texts go out at this moment of the town's time."""
    return _DAYS[here.weekday()] not in rules.not_on and rules.not_before <= here.time() < rules.not_after


def next_opening(here: datetime, rules: Texting) -> datetime | None:
    """The next moment, in the town's time, at which texts go out again; None when no day is left to."""
    for days in range(8):
        day = here + timedelta(days=days)
        opening = datetime.combine(day.date(), rules.not_before, here.tzinfo)
        if opening > here and _DAYS[opening.weekday()] not in rules.not_on:
            return opening
    return None
