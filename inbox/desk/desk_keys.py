"""Which key does what at somebody's desk: usual ones, changed or switched off by each person for themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from inbox.errors import InboxError
from inbox.models import DeskSettings

USUAL: Mapping[str, str] = {
    "publish": "p",
    "set_aside": "x",
    "pass_on": "s",
    "next": "j",
    "previous": "k",
    "undo": "u",
    "edit": "e",
    "mask": "m",
    "themes": "t",
    "add_theme": "g",
    "doubt": "n",
    "other": "o",
    "play": "l",
    "slower": "<",
    "faster": ">",
    "zoom": "z",
    "turn": "r",
    "note": "c",
    "assign": "a",
    "beside": "b",
    "list": "i",
    "search": "/",
    "help": "?",
}
"""Action to key. Digits are taken: they keep a theme, or choose a reason while these are shown."""


class BadKeys(InboxError):
    """Keys that are no single characters, or one key for two actions."""

    remedy = "Give each action a key of its own: one letter or sign, no digit."


@dataclass(frozen=True, slots=True)
class DeskKeys:
    """Somebody's keys."""

    shortcuts: bool
    keys: Mapping[str, str]


def keys_of(session: Session, person_id: int) -> DeskKeys:
    """The keys of somebody; the usual ones where they changed nothing."""
    row = session.get(DeskSettings, person_id)
    if row is None:
        return DeskKeys(True, USUAL)
    return DeskKeys(row.shortcuts, {action: str(row.keys.get(action, key)) for action, key in USUAL.items()})


def change_keys(session: Session, person_id: int, shortcuts: bool, keys: Mapping[str, str]) -> None:
    """Keep somebody's keys; raises BadKeys."""
    chosen = {action: keys.get(action, key).strip()[:2].lower() for action, key in USUAL.items()}
    if any(len(key) != 1 or key.isdigit() or not key.isprintable() for key in chosen.values()):
        raise BadKeys("a key is no single letter or sign")
    if len(set(chosen.values())) < len(chosen):
        raise BadKeys("one key for two actions")
    row = session.get(DeskSettings, person_id, with_for_update=True)
    if row is None:
        row = DeskSettings(person_id=person_id, shortcuts=shortcuts, keys={})
        session.add(row)
    row.shortcuts = shortcuts
    row.keys = {action: key for action, key in chosen.items() if key != USUAL[action]}
    session.flush()
