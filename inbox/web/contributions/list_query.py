"""What the list is asked for, as it stands in the address: view, filters, words, place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.enums import Channel, Moderation, Reading
from inbox.consultations import consultation_versions
from inbox.listings.contribution_list import StateCounts
from inbox.listings.filters import ContributionFilter
from inbox.listings.visibility import Aspect, Visibility
from inbox.models import Centre, PlaceMention
from inbox.web.base.labels import CHANNELS, Label, options
from inbox.web.base.page_language import choose_language, language_name
from inbox.web.base.row_ids import number_in
from inbox.web.contributions.theme_labels import title_of

_MOST_QUARTERS = 200

Choices = list[tuple[str, Label]]

VIEWS: dict[str, tuple[Label, dict[str, Any]]] = {
    "": (_lp("several", "All"), {}),
    "todo": (_lp("several", "To review"), {"moderation": Moderation.IN_REVIEW}),
    "person": (_lp("several", "Needs a person"), {"reading": Reading.NEEDS_PERSON}),
    "waiting": (_lp("several", "Being read"), {"reading": Reading.WAITING}),
    "published": (_lp("several", "Published"), {"moderation": Moderation.PUBLISHED}),
    "aside": (_lp("several", "Set aside"), {"moderation": Moderation.SET_ASIDE}),
}


def views_for(sight: Visibility) -> list[str]:
    """The names of the tabs there are for somebody: those by state that they may open, those by reading if they may."""
    names = []
    for name, (_label, conditions) in VIEWS.items():
        state = conditions.get("moderation")
        if (state is None or sight.may_open(state)) and ("reading" not in conditions or sight.sees(Aspect.READINGS)):
            names.append(name)
    return names


@dataclass(frozen=True)
class ListView:
    """A tab of the list."""

    label: Label
    url: str
    count: int
    current: bool


@dataclass(frozen=True)
class FilterChoice:
    """A select of the filter form."""

    name: str
    label: Label
    options: Choices
    value: str


@dataclass(frozen=True)
class ListQuery:
    """The list as somebody asked for it. What makes no sense is left out rather than refused."""

    view: str = ""
    q: str = ""
    channel: str = ""
    theme: str = ""
    consultation: str = ""
    doubtful: bool = False
    centre: str = ""
    language: str = ""
    quarter: str = ""
    passed_on: bool = False
    assigned: str = ""
    """``me``, or nothing."""
    since: str = ""
    until: str = ""
    """Days, as in ISO 8601; the last one is within."""
    before: int | None = None
    after: int | None = None
    """The place in the list: older than one contribution, or newer than another."""

    @classmethod
    def from_query(cls, query: Mapping[str, str], sight: Visibility) -> ListQuery:
        """Read the address's query, as somebody may ask it."""
        moderates = sight.sees(Aspect.READINGS)
        return cls(
            view=query.get("view", "") if query.get("view") in views_for(sight) else "",
            q=query.get("q", "").strip()[:200],
            channel=query.get("channel", "") if query.get("channel") in set(Channel) else "",
            theme=query.get("theme", "")[:64],
            consultation=query.get("consultation", "")[:64],
            doubtful=query.get("doubtful") == "1" and sight.sees(Aspect.READINGS),
            centre=query.get("centre", "")[:64] if moderates else "",
            language=query.get("language", "")[:8] if moderates else "",
            quarter=query.get("quarter", "")[:64] if moderates else "",
            passed_on=moderates and query.get("passed_on") == "1",
            assigned="me" if moderates and query.get("assigned") == "me" else "",
            since=query.get("since", "") if moderates and _day(query.get("since", "")) else "",
            until=query.get("until", "") if moderates and _day(query.get("until", "")) else "",
            before=number_in(query, "before"),
            after=number_in(query, "after"),
        )

    @property
    def narrowed(self) -> bool:
        """Whether more than a view was asked for."""
        return bool(self.q) or self.filtered

    @property
    def filtered(self) -> bool:
        """Whether one of the selects was used."""
        wanted = (self.channel, self.theme, self.consultation, self.doubtful, self.centre, self.language, self.quarter)
        return any(wanted) or bool(self.passed_on or self.assigned or self.since or self.until)

    def query(self, before: int | None = None, after: int | None = None) -> dict[str, Any]:
        """The same question as an address's query, at another place of the list."""
        said = {"view": self.view, "q": self.q, "channel": self.channel, "theme": self.theme}
        said |= {"consultation": self.consultation, "doubtful": "1" if self.doubtful else ""}
        said |= {"centre": self.centre, "language": self.language, "assigned": self.assigned}
        said |= {"quarter": self.quarter, "passed_on": "1" if self.passed_on else ""}
        said |= {"since": self.since, "until": self.until}
        return {name: value for name, value in {**said, "before": before, "after": after}.items() if value}

    def filter(self, person_id: int | None = None, zone: tzinfo = UTC) -> ContributionFilter:
        """The same question for the store; ``person_id`` is who asks, days are those of ``zone``."""
        until = _day(self.until)
        return ContributionFilter(
            channel=Channel(self.channel) if self.channel else None,
            theme=self.theme or None,
            consultation=self.consultation or None,
            text=self.q or None,
            doubtful=self.doubtful,
            centre=self.centre or None,
            language=self.language or None,
            quarter=self.quarter or None,
            passed_on=self.passed_on,
            assigned_to=person_id if self.assigned else None,
            since=_beginning(_day(self.since), zone),
            until=_beginning(until + timedelta(days=1) if until else None, zone),
            **VIEWS[self.view][1],
        )


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        return None


def _beginning(day: date | None, zone: tzinfo) -> datetime | None:
    return datetime.combine(day, time.min, zone) if day is not None and 1970 < day.year < 9000 else None


def list_views(asked: ListQuery, counts: StateCounts, sight: Visibility) -> list[ListView]:
    """The tabs, each with its count; a tab keeps the filters."""
    numbers = {
        "todo": counts.in_review,
        "person": counts.needs_person,
        "waiting": counts.waiting,
        "published": counts.published,
        "aside": counts.set_aside,
        "": counts.all,
    }
    return [
        ListView(
            VIEWS[name][0],
            url_for("contributions.index", **replace(asked, view=name).query()),
            numbers[name],
            name == asked.view,
        )
        for name in views_for(sight)
    ]


def filter_choices(
    session: Session, asked: ListQuery, themes: Mapping[str, str], sight: Visibility
) -> list[FilterChoice]:
    """The selects of the filter form; the consultation only when there are several."""
    by_label: Choices = [(key, label) for label, key in sorted((label, key) for key, label in themes.items())]
    found = [
        FilterChoice("channel", _("Channel"), options(CHANNELS, _l("All channels")), asked.channel),
        FilterChoice("theme", _("Theme"), [("", _l("All themes")), *by_label], asked.theme),
    ]
    if sight.sees(Aspect.READINGS):
        unsure: Choices = [("", _("All texts")), ("1", _("Only doubtful machine text"))]
        found.append(FilterChoice("doubtful", _("Text"), unsure, "1" if asked.doubtful else ""))
        found += _moderators_choices(session, asked)
    known = consultation_versions.current_versions_by_slug(session)
    if len(known) > 1:
        language = choose_language()
        titles: Choices = [(version.consultation.slug, title_of(version, language)) for version in known]
        found.append(
            FilterChoice("consultation", _("Consultation"), [("", _("All consultations")), *titles], asked.consultation)
        )
    return found


def _moderators_choices(session: Session, asked: ListQuery) -> list[FilterChoice]:
    """The selects by centre, language and whose it is."""
    centres: Choices = [(row.slug, row.name) for row in session.scalars(select(Centre).order_by(Centre.name))]
    languages: Choices = [(code, language_name(code)) for code in _languages(session, asked.language)]
    whose: Choices = [("", _("Anybody’s")), ("me", _("Given to me"))]
    passed: Choices = [("", _("Passed on or not")), ("1", _("Passed on to a service"))]
    found = [
        FilterChoice("assigned", _("Whose"), whose, asked.assigned),
        FilterChoice("passed_on", _("Service requests"), passed, "1" if asked.passed_on else ""),
    ]
    if quarters := _quarters(session, asked.quarter):
        named: Choices = [(one, one) for one in quarters]
        found.append(FilterChoice("quarter", _("Quarter"), [("", _("All quarters")), *named], asked.quarter))
    if centres:
        found.append(FilterChoice("centre", _("Centre"), [("", _("All centres")), *centres], asked.centre))
    if len(languages) > 1:
        found.append(FilterChoice("language", _("Language"), [("", _("All languages")), *languages], asked.language))
    return found


def _quarters(session: Session, asked_for: str) -> list[str]:
    """The quarters of the town's list of places and of the forms, and the one that is asked for."""
    known = select(PlaceMention.quarter).where(PlaceMention.quarter != "").distinct().limit(_MOST_QUARTERS)
    found = {asked_for, *session.scalars(known)} - {""}
    for version in consultation_versions.current_versions_by_slug(session):
        consultation = consultation_versions.as_consultation(version)
        found |= {one.label.get(consultation.language, "") for one in consultation.form.quarters} - {""}
    return sorted(found)


def _languages(session: Session, asked_for: str) -> list[str]:
    """The languages of the consultations, and the one that is asked for."""
    found = [asked_for] if asked_for else []
    for version in consultation_versions.current_versions_by_slug(session):
        found += consultation_versions.as_consultation(version).languages
    return sorted(set(found))
