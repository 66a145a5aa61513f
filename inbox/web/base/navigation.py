"""The menu: which pages a person sees, by role; other rooms add theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import Flask, current_app, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from config.enums import Role
from inbox.web.base.app_context import store_of
from inbox.web.base.guard import access_of, current_person
from inbox.web.base.labels import Label

_KEY = "portevoix_menu"


@dataclass(frozen=True)
class MenuEntry:
    """One line of the menu. Its route states who may enter, so the entry need not."""

    endpoint: str
    label: Label
    icon: str = ""
    count: Callable[[Session], int] | None = None
    """How many things are there to look at, if that is worth saying in the menu."""
    under: str = ""
    """What the addresses of all pages behind this line begin with, where its own blueprint has not all of them."""


@dataclass(frozen=True)
class Shown:
    """One line of the menu as this person sees it on this page."""

    url: str
    label: Label
    icon: str
    current: bool
    count: int | None = None


OURS = (
    MenuEntry("centre_day.show", _l("Today"), "clock"),
    MenuEntry("contributions.index", _l("Contributions"), "inbox"),
    MenuEntry("triage.overview", _l("To decide"), "desk"),
    MenuEntry("reports.index", _l("Reports"), "status"),
    MenuEntry("batches.index", _l("Scanned batches"), "paper"),
    MenuEntry("oversight.ledger_page", _l("Ledger"), "ledger"),
    MenuEntry("oversight.quarantine", _l("Quarantine"), "alert"),
    MenuEntry("oversight.status", _l("Status"), "status"),
    MenuEntry("openings.index", _l("Openings"), "status"),
    MenuEntry("rights.index", _l("Residents’ rights"), "person", under="/rights"),
    MenuEntry("administration.home", _l("Settings"), "gear", under="/settings"),
)


def install(app: Flask, added: Iterable[MenuEntry] = (), paper: Iterable[MenuEntry] = ()) -> None:
    """Set up the menu: our first three, those other rooms add, the others; those of ``paper`` after the batches."""
    batches = 1 + next(at for at, entry in enumerate(OURS) if entry.endpoint == "batches.index")
    app.extensions[_KEY] = (*OURS[:3], *added, *OURS[3:batches], *paper, *OURS[batches:])


def menu() -> list[Shown]:
    """The menu of the person of this request; empty before signing in."""
    person = current_person()
    if person is None:
        return []
    entries: tuple[MenuEntry, ...] = current_app.extensions[_KEY]
    with store_of().read() as rows:
        return [
            Shown(
                url_for(entry.endpoint),
                entry.label,
                entry.icon,
                _is_current(entry),
                entry.count(rows) if entry.count else None,
            )
            for entry in entries
            if entry.endpoint in current_app.view_functions and _may_enter(entry, person.roles)
        ]


def _may_enter(entry: MenuEntry, roles: frozenset[Role]) -> bool:
    access = access_of(current_app, entry.endpoint)
    return access is not None and not access.roles.isdisjoint(roles)


def _is_current(entry: MenuEntry) -> bool:
    if request.endpoint == entry.endpoint or (entry.under and request.path.startswith(entry.under)):
        return True
    blueprint = entry.endpoint.rpartition(".")[0]
    if blueprint == "batches" and (request.blueprint or "").startswith("batch_"):
        return True  # the further pages of a batch
    # A contribution belongs to the list it was opened from; the oversight pages stand each for itself.
    return blueprint == request.blueprint and blueprint != "oversight"
