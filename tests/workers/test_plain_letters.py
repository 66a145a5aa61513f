"""First letters are written many at once: to the same effect as one by one, whatever happens meanwhile."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event, func, select

from config.enums import Queue, StepState
from config.sandbox.warm_pool import WarmPool
from config.settings.sections.mail_section import Smtp
from gateway.mail import plain_letters
from inbox.erasure.erase import erase_intake
from inbox.models import Contribution, Message, Reference, Step
from inbox.records import references
from tests.fixtures_mail import take_in_mail
from tests.workers.text_town import Build, Town, build, paused, sqlite_build
from tests.workers.town_rows import differing
from workers.pools import light_steps, mail_steps
from workers.pools.pool import LOADED

__all__ = ["build", "sqlite_build"]

TOWN = "avis@ville.example"
THOUGHT = "Il faudrait plus de bancs à l'ombre rue de Siam, et des arbres."
SIGNED = f"Bonjour,\n\n{THOUGHT}\n\n-- \nAnne Le Gall\n02 98 00 00 00"
QUOTING = f"{THOUGHT}\n\nLe lundi 2 novembre 2026, Yves a écrit :\n> Que faut-il rue de Siam ?\n> Dites-le nous.\n"
PAGE = "MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n"
FILES = 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n'
WITH_FILE = (
    f"--b\n\n{THOUGHT}\n--b\nContent-Type: text/csv\nContent-Disposition: attachment; filename=a.csv\n\n1;2\n--b--"
)
LETTERS: list[tuple[str, str]] = [
    ("From: un@poste.example\nSubject: Bancs\n", THOUGHT),
    (
        "From: Deux <DEUX@Poste.example>\nSubject: Buses\n",
        "We need more buses in the evening, and a bench at each stop.",
    ),
    ("From: trois@poste.example\nSubject: Avis\n", SIGNED),
    ("From: quatre@poste.example\nSubject: Re: question\n", QUOTING),
    (f"From: cinq@poste.example\nSubject: Page\n{PAGE}", f"<p>{THOUGHT}</p><p>Merci&nbsp;!</p>"),
    (f"From: six@poste.example\nSubject: Avec\n{FILES}", WITH_FILE),
    ("From: sept@poste.example\nSubject: Absent\nAuto-Submitted: auto-replied\n", "Je suis absente."),
    ("Return-Path: <listes@poste.example>\nFrom: huit@poste.example\nSubject: Parking\n", "Moins de voitures !"),
    ("Subject: sans nom\n", "Un passage piéton devant l'école."),
    ("From: neuf@poste.example\nSubject: vide\n", "   "),
    ("From: dix@poste.example\nSubject: no 482 915 307\n", "Suite de 482 915 307 : un tram."),
    ("From: onze@poste.example\nSubject: deux fois\n", "Des jeux pour les enfants, place de Metz."),
    ("From: onze@poste.example\nSubject: deux fois\n", "Des jeux pour les enfants, place de Metz !"),
    ("From: douze@poste.example\nSubject: x\nIn-Reply-To: <receipt.482915307@ville.example>\n", "Merci beaucoup"),
    ("From: treize@poste.example\nSubject: 公园\n", "公园里需要更多的长椅"),
]
FIRST = LETTERS[:5]


@pytest.fixture(autouse=True)
def warm(tmp_path: Path) -> Iterator[None]:
    with WarmPool(tmp_path, LOADED[Queue.MAIL]):
        yield


def town_of(build: Build, letters: list[tuple[str, str]]) -> Town:
    """A town that answers mails, to which these have come."""
    town = build()
    smtp = Smtp(host="127.0.0.1", tls="none", sender=TOWN)
    town = Town(replace(town.here, settings=town.here.settings.model_copy(update={"smtp": smtp})))
    for number, (head, body) in enumerate(letters):
        with town.store.write() as session:
            raw = f"{head}To: {TOWN}\n\n{body}\n".encode()
            take_in_mail(session, account="avis", raw=raw, digest=str(number), addressed_to=TOWN)
    return town


def work(town: Town) -> Town:
    mail_steps.drain_mail_queue(town.here)
    light_steps.drain_light_queue(town.here, Queue.THEMES)
    return town


def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_letters, "is_plain", lambda *_: False)


def test_the_same_rows_as_one_by_one(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    many = work(town_of(build, LETTERS))
    one_by_one(monkeypatch)
    single = work(town_of(build, LETTERS))
    assert many.open_steps() == single.open_steps() == 0
    assert differing(many.store, single.store) == []


def test_few_statements_for_many(sqlite_build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_steps, "HASTE", 60.0)  # however busy the machine is
    town = town_of(sqlite_build, [(f"From: h{number}@poste.example\n", THOUGHT) for number in range(20)])
    written: list[str] = []

    def note(_connection: object, _cursor: object, said: str, *_: object) -> None:
        if not said.startswith(("SELECT", "PRAGMA", "BEGIN")):
            written.append(said)

    event.listen(town.store.engine, "before_cursor_execute", note)
    work(town)
    assert len(written) < 60, "three for each of twenty letters, those that take and end their steps included"
    with town.store.read() as session:
        assert session.scalar(select(func.count(Message.id))) == 20


def test_one_that_is_erased_meanwhile(sqlite_build: Build) -> None:
    town = town_of(sqlite_build, FIRST)
    writes = itertools.count()

    def meanwhile() -> None:
        if next(writes) == 1:
            with town.store.write() as session:
                erase_intake(session, 2, None, "asked")

    work(paused(town, meanwhile))
    with town.store.read() as session:
        assert session.scalar(select(func.count(Contribution.id))) == len(FIRST) - 1
        assert set(session.scalars(select(Step.state))) <= {StepState.DONE, StepState.DROPPED, StepState.OPEN}


def test_a_reference_that_is_somebodys_already(sqlite_build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    town = town_of(sqlite_build, FIRST)
    drawn, first = references.random_reference, itertools.chain(["482915307"] * 3)
    monkeypatch.setattr(references, "random_reference", lambda: next(first, None) or drawn())
    work(town)
    with town.store.read() as session:
        assert len(set(session.scalars(select(Reference.number)))) == len(FIRST)
        assert session.scalar(select(func.count(Message.id))) == len(FIRST)
