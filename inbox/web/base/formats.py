"""How times, lengths and references look on a page."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask
from flask_babel import format_currency, format_date, format_datetime, format_decimal, format_time, ngettext
from flask_babel import gettext as _

from config.phone_numbers import national_format
from inbox.records import references


def clock(seconds: float) -> str:
    """A place in a recording: ``0:07``, ``12:30``, ``1:02:03``."""
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def length_in_words(seconds: float) -> str:
    """How long a recording is, in words."""
    whole = round(seconds)
    if whole < 60:
        return str(ngettext("%(num)d second", "%(num)d seconds", whole))
    return str(_("%(minutes)d min %(seconds)02d s", minutes=whole // 60, seconds=whole % 60))


def percent(share: float | None) -> str:
    """A confidence between 0 and 1, in whole percent."""
    return "–" if share is None else f"{share:.0%}".replace("%", "\N{NO-BREAK SPACE}%")


def moment(at: datetime) -> str:
    """Day and time, short."""
    return str(format_datetime(at, "d MMM yyyy, HH:mm"))


def brief_moment(at: datetime) -> str:
    """The time when it was today, else the day."""
    now = datetime.now(UTC)
    if format_date(at) == format_date(now):
        return str(format_time(at, "HH:mm"))
    return str(format_datetime(at, "d MMM" if at.year == now.year else "d MMM yyyy"))


def since(at: datetime, now: datetime | None = None) -> str:
    """How long ago, roughly; for heartbeats."""
    seconds = max(0, int(((now or datetime.now(UTC)) - at).total_seconds()))
    if seconds < 90:
        return str(ngettext("%(num)d second ago", "%(num)d seconds ago", seconds))
    if seconds < 90 * 60:
        minutes = round(seconds / 60)
        return str(ngettext("%(num)d minute ago", "%(num)d minutes ago", minutes))
    if seconds < 36 * 3600:
        hours = round(seconds / 3600)
        return str(ngettext("%(num)d hour ago", "%(num)d hours ago", hours))
    days = round(seconds / 86400)
    return str(ngettext("%(num)d day ago", "%(num)d days ago", days))


def pretty(reference: str) -> str:
    """A reference in groups of three that stay on one line."""
    return references.format_reference(reference).replace(" ", "\N{NO-BREAK SPACE}")


def number(value: int) -> str:
    """A count, with the language's separators."""
    return str(format_decimal(value))


def file_size(size: int) -> str:
    """Bytes in the unit people read: kB or MB of a thousand."""
    if size < 1_000_000:
        return str(_("%(size)s kB", size=format_decimal(max(1, round(size / 1000)))))
    return str(_("%(size)s MB", size=format_decimal(round(size / 1_000_000, 1))))


def euros(amount: float) -> str:
    """A price, to a tenth of a cent."""
    return str(format_currency(amount, "EUR", "#,##0.00# ¤"))


def install(app: Flask) -> None:
    """Make the formats filters of the templates."""
    for filter_ in (clock, length_in_words, percent, moment, brief_moment, since, number, file_size, euros):
        app.jinja_env.filters[filter_.__name__] = filter_
    app.jinja_env.filters["as_dialled"] = national_format
