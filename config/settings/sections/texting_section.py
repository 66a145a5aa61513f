"""The section ``[texting]``: sending hours, limits and prices of texts; whether texts go out at a moment."""

from datetime import datetime, time, timedelta
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from config.settings.sections.section_base import Section


class Texting(Section):
    """When and how many texts go out, and how keywords are obeyed."""

    not_before: time = Field(default=time(8), description="No text but an immediate answer goes out before this time.")
    not_after: time = Field(default=time(20), description="No text but an immediate answer goes out after this time.")
    not_on: tuple[Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"], ...] = Field(
        default=("sunday",), description="Days on which only immediate answers go out."
    )
    immediate_minutes: int = Field(
        default=15, ge=0, le=1440, description="An answer this many minutes after what it answers is an immediate one."
    )
    per_minute: int = Field(default=60, ge=1, le=6000, description="How many texts go out in a minute at most.")
    per_person_and_day: int = Field(
        default=10, ge=1, le=1000, description="How many texts one number gets within 24 hours at most."
    )
    lookups_per_hour: int = Field(
        default=10, ge=1, le=1000, description="How many keywords of one number are answered within an hour at most."
    )
    confirm_minutes: int = Field(
        default=60, ge=5, le=1440, description="How long OUI or YES answers the question whether to erase."
    )
    undo_hours: int = Field(
        default=24, ge=0, le=720, description="How long an erasure by text can be taken back before it is done."
    )
    answer_wait_minutes: int = Field(
        default=10,
        ge=0,
        le=1440,
        description="How many minutes an answer waits before it leaves, so that it can be withdrawn whole.",
    )
    segment_price: float = Field(
        default=0, ge=0, le=10, description="What one segment of a text costs in euros, for “portevoix texts”."
    )

    @field_validator("not_on")
    @classmethod
    def _some_day_is_left(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) == 7:
            raise ValueError("names every day of the week, so no text could ever go out; take one out")
        return value

    @field_validator("not_after")
    @classmethod
    def _some_time_is_left(cls, value: time, info: ValidationInfo) -> time:
        if value <= info.data.get("not_before", time()):
            raise ValueError("is not later than not_before, so no text could ever go out; write it like 20:00:00")
        return value


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
