"""The town a call reaches: its consultations, what residents have said before, and what can happen meanwhile."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from config.enums import ArrivalKind, Channel, Moderation, SetAsideReason, StepKind, StepState
from config.settings.loader import Settings
from config.wording.consultation import Consultation, read_consultation
from config.wording.message_catalog import resident_text, spoken_text
from config.wording.message_keys import SAMPLE_FACTS, TEXT_KEYS
from gateway.intake.contribute import NewPart, create_contributions
from gateway.intake.intake_store import IncomingMessage, store_message
from gateway.reading.readers import Readers
from inbox.consultations import consultation_versions, printed_forms
from inbox.erasure.erase import erase_contribution
from inbox.listings.ledger import count_ledger
from inbox.models import Contribution, Intake, Message, Part, Step
from inbox.models.column_types import utc_now
from inbox.records import references
from inbox.storage.database import Store
from workers.pools.step_runner import run_step_in
from workers.runtime.worker_context import WorkerContext

NUMBER, PARKS_NUMBER, NOBODYS = "+33298000000", "+33298000001", "+33299999999"
MOBILE, LANDLINE, WITHHELD = "+33612345678", "+33298445566", "anonymous"
SAMPLE = "482915307"
_IN_EVERY_LANGUAGE = ("title", "question", "can_change", "cannot_change", "decides")
_VOICES = {"fr": "fr-FR", "en": "en-GB", "es": "es-ES"}
_SPOKEN = re.compile(r"\d, \d, \d\. \d, \d, \d\. \d, \d, \d")


@dataclass(frozen=True)
class World:
    """What is so before somebody phones; everything usual unless said otherwise."""

    sender: str = MOBILE
    to: str = NUMBER
    languages: tuple[str, ...] = ("fr", "en")
    opens: int = -30
    """Days from today."""
    closes: int = 30
    prompts: tuple[str, ...] = ()
    """The town's own recordings, as they lie in its folder."""
    voicemail: dict[str, Any] = field(default_factory=dict)
    said_before: tuple[str, ...] = ()
    """References there are, by the state of what they lead to."""
    per_hour: int = 10
    """How many references one number may ask for within an hour."""


@cache
def consultations_of(file: Path, languages: tuple[str, ...], opens: date, closes: date) -> tuple[Consultation, ...]:
    """The usual consultation, as the world wants it, and another one on another number."""
    example = read_consultation(file)
    changes: dict[str, Any] = {
        "languages": languages,
        "opens": opens,
        "closes": closes,
        "themes": (),
        "texts": {
            one: {"voice_press_9": f"9 ({one})", "voice_greeting": f"Hello ({one})"}
            for one in languages
            if one not in ("fr", "en", "br")
        },
    }
    changes |= {
        name: {one: words.get(one, words["fr"]) for one in languages}
        for name, words in ((name, getattr(example, name)) for name in _IN_EVERY_LANGUAGE)
    }
    parks = {
        "slug": "parcs",
        "languages": ("fr",),
        "title": {"fr": "Les parcs"},
        "question": {"fr": "Que faut-il dans nos parcs ?"},
        "addresses": example.addresses.model_copy(update={"phones": (PARKS_NUMBER,), "mailboxes": (), "centres": ()}),
        "themes": (),
    }
    return example.model_copy(update=changes), example.model_copy(update=parks)


def printed_card(session: Session) -> str:
    """A number printed for the usual consultation, under which nobody has said anything."""
    version = consultation_versions.current_version(session, "rues-et-places")
    assert version is not None
    printed_forms.keep_layout(session, "12345678901", b"{}", version.id)
    return printed_forms.issue_copies(session, "12345678901", 1)[0]


def say_before(session: Session, world: World) -> dict[str, str]:
    """What residents said before the call, by the name of its state: the references."""
    found = {}
    for number, name in enumerate(world.said_before):
        if name == "card":
            found[name] = printed_card(session)
            continue
        arrived = IncomingMessage(
            Channel.SMS, "AC" + "1" * 32, f"SM{number:032x}", ArrivalKind.WEBHOOK, b"Des bancs", addressed_to=NUMBER
        )
        intake_id = store_message(session, arrived).intake_id
        (contribution_id,) = create_contributions(session, intake_id, [NewPart("text", Channel.SMS, body="Des bancs")])
        assert contribution_id is not None
        found[name] = references.reference_of(session, contribution_id)
        contribution = session.get_one(Contribution, contribution_id)
        if name == "published":
            contribution.moderation = Moderation.PUBLISHED
        elif name == "set aside":
            contribution.moderation, contribution.set_aside_reason = Moderation.SET_ASIDE, SetAsideReason.INSULTING
        elif name == "erased":
            erase_contribution(session, contribution_id, by=None, reason="test")
    return found


@cache
def names_of_texts(file: Path, languages: tuple[str, ...], opens: date, closes: date, today: date) -> Mapping[str, str]:
    """Every spoken text, filled in, by what it says: the short name of which it is."""
    found: dict[str, str] = {}
    for consultation in (None, *consultations_of(file, languages, opens, closes)):
        for language in languages:
            reason = resident_text("reason_insulting", language, consultation)
            facts: dict[str, Any] = {"reference": SAMPLE, "received": today, "reason": reason}
            for key in TEXT_KEYS:
                if key.startswith("voice_"):
                    said = spoken_text(key, language, consultation, **{**SAMPLE_FACTS, **facts})
                    whose = " (parcs)" if consultation and consultation.slug == "parcs" else ""
                    name = f"{said.language} {key.removeprefix('voice_')}"
                    found.setdefault(said.text, name + whose)
                    for piece in said.pieces if len(said.pieces) > 1 else ():
                        found.setdefault(piece.text, f"{said.language} {piece.name.removeprefix('voice_') or 'digits'}")
    return found


@dataclass
class Town:
    """The running gateway's store, and what a script can have happen to it."""

    settings: Settings
    store: Store
    texts: Mapping[str, str]
    numbers: dict[str, str]
    call_sid: str = ""
    told: set[str] = field(default_factory=set)
    """The numbers said that lead to nothing said before: they must be this call's."""

    def name(self, verb: ElementTree.Element) -> str:
        """What a ``Say`` says, in short, with its voice where that is not the language's own."""
        text, said = verb.text or "", ""
        for spelt in dict.fromkeys(_SPOKEN.findall(text)):
            digits = re.sub(r"\D", "", spelt)
            said = " of " + next((name for name, number in self.numbers.items() if number == digits), "this call")
            if said == " of this call":
                self.told.add(digits)
            text = text.replace(spelt, "4, 8, 2. 9, 1, 5. 3, 0, 7")
        name = self.texts.get(text, f"«{text}»")
        own = _VOICES.get(name[:2]) == verb.get("language")
        return name + said + ("" if own else f" [{verb.get('language')}]")

    def without_digits(self, lines: list[str]) -> list[str]:
        """Nine recorded digits in a row as one line: they are this call's number."""
        told = "\n".join(lines)
        for nine in re.findall(r"(?:    plays \S+/digit-\d\.wav\n){9}", told):
            self.told.add("".join(re.findall(r"digit-(\d)", nine)))
            told = told.replace(nine, "    plays nine recorded digits of this call\n")
        return told.splitlines()

    def world(self, monkeypatch: Any) -> dict[str, Callable[[], None]]:
        """What can happen meanwhile."""
        return {
            "(the recording is fetched)": self.fetch,
            "(the database goes down)": lambda: monkeypatch.setattr(self.store, "write", database_is_down),
            "(the database is back)": lambda: monkeypatch.setattr(
                self.store, "write", type(self.store).write.__get__(self.store)
            ),
        }

    def fetch(self) -> None:
        """A worker fetches what the provider has."""
        with self.store.read() as session:
            due = session.scalars(
                select(Step.id).where(Step.kind == StepKind.FETCH_MEDIA, Step.state == StepState.OPEN)
            ).all()
        with Readers(self.settings) as readers:
            for step_id in due:
                run_step_in(WorkerContext(self.settings, self.store, readers), step_id)

    def kept(self) -> str:
        """What is kept of the call, in a line."""
        with self.store.read() as session:
            counted = count_ledger(session)
            assert counted.balanced, counted.problems
            found = session.scalars(select(Intake).where(Intake.external_id == self.call_sid)).one_or_none()
            if found is None:
                return "= nothing"
            version = found.consultation_version
            words = [
                "caller known" if found.contributor_id else "caller unknown",
                consultation_versions.as_consultation(version).slug if version else "no consultation",
                found.language or "no language",
                *(self._part(session, part) for part in found.parts),
            ]
            return "= " + ", ".join(words if found.parts else [*words, "nothing said"])

    def _part(self, session: Session, part: Part) -> str:
        media = part.media
        there = [one for one in media if one.discarded_at is None]
        states = f"{len(part.contributions)} voice of {len(there)} recording{'s' if len(there) != 1 else ''}"
        if len(there) < len(media):
            states += f" and {len(media) - len(there)} spoken anew"
        (contribution,) = part.contributions
        assert self.told <= {references.reference_of(session, contribution.id)}
        sent = session.scalars(select(Message).where(Message.contribution_id == contribution.id)).all()
        receipts = ["number texted" if one.state.value == "queued" else "number spoken only" for one in sent]
        assert part.language == contribution.language
        return ", ".join([states, f"to be heard in {part.language}", *receipts])


@contextmanager
def database_is_down(patience: float | None = None) -> Iterator[Session]:
    """A store that cannot be written to."""
    raise OperationalError("BEGIN IMMEDIATE", {}, sqlite3.OperationalError("unable to open database file"))
    yield


def today(settings: Settings) -> date:
    """The town's day."""
    return utc_now().astimezone(settings.zone).date()
