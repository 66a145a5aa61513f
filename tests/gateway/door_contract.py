"""What every door owes, whatever comes through it: a door's class names its cases and how each is posted.

Proven or refused, and then nothing stored; the same twice is once, with the same answer; the raw bytes
kept; neither secrets, addresses nor words in the logs; stored all the same when nobody can be woken.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from config.enums import StepKind
from gateway.base.queue import QueueNotifier, connect_redis
from gateway.intake.raw_messages import copy_raw_message
from inbox.consultations import consultation_versions
from inbox.listings.ledger import count_ledger
from inbox.models import Arrival, Contribution, Intake, Medium, Message, OptOut, Part, Refusal, Step
from inbox.models.sealed_places import place_of
from inbox.storage.database import Store
from inbox.storage.envelope_encryption import vault_of
from tests.opened import json_in

ANSWERS = {
    "receipt": "avis est bien arriv|opinion has arrived",
    "call receipt": "appel est bien arriv|call has arrived",
    "stop": "plus de SMS de notre part|no more texts from us",
    "start": "aurez de nouveau nos SMS|get our texts again",
    "how to erase": "envoyez : EFFACER|send: ERASE",
    "help": "Votre avis : envoyez|Your opinion: send",
    "unknown": "Nous ne trouvons pas|cannot find",
}


@dataclass(frozen=True)
class Post:
    """One webhook, as bytes."""

    path: str
    body: bytes
    headers: Mapping[str, str]
    content_type: str = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Case:
    """A line of a table: what differs from the usual payload, and all that it makes."""

    fields: Mapping[str, Any]
    makes: Mapping[str, Any]
    path: str = ""
    status: int = 0
    before: tuple[Mapping[str, Any], ...] = field(default=())
    """Payloads that came before it; ``PATH`` in one is where it was posted, when elsewhere."""


def made(store: Store) -> dict[str, Any]:
    """All that is in the store, in words; what is not there is not named."""
    with store.read() as session:
        parts = session.scalars(select(Part).order_by(Part.id)).all()
        media = session.scalars(select(Medium).order_by(Medium.part_id, Medium.position)).all()
        vault = vault_of(session)
        slugs = [_slug(intake) for intake in session.scalars(select(Intake).order_by(Intake.id))]
        found = {
            "intakes": session.scalar(select(func.count(Intake.id))),
            "says": [vault.text_left(session, p.key_id, p.sealed_body, place_of(Part.sealed_body, p)) for p in parts],
            "kinds": [part.not_contribution.value for part in parts if part.not_contribution],
            "contributions": session.scalar(select(func.count(Contribution.id))),
            "media": [medium.content_type for medium in media],
            "discarded": sum(medium.discarded_at is not None for medium in media),
            "nobody": sum(i.contributor_id is None for i in session.scalars(select(Intake))),
            "needs": [part.reading_reason for part in parts if part.reading_reason],
            "languages": [i.language for i in session.scalars(select(Intake).order_by(Intake.id)) if i.language],
            "consultations": slugs if set(slugs) != {"rues-et-places"} else [],
            "answers": [_answer(store, m) for m in session.scalars(select(Message).order_by(Message.id))],
            "opted_out": [row.active for row in session.scalars(select(OptOut))],
            "steps": sorted(
                {step.kind.value for step in session.scalars(select(Step))}
                - {StepKind.SEND.value, StepKind.TAKE_IN_TEXT.value}
            ),
            "refused": [refusal.reason for refusal in session.scalars(select(Refusal))],
        }
        assert count_ledger(session).balanced, count_ledger(session).problems
    return {name: value for name, value in found.items() if value}


def _slug(intake: Intake) -> str | None:
    version = intake.consultation_version
    return consultation_versions.as_consultation(version).slug if version else None


def _answer(store: Store, message: Message) -> str:
    if message.sealed_body is None:
        return message.state.value
    with store.read() as session:
        body = str(json_in(session.get_one(Message, message.id))["body"])
    return next((name for name, marks in ANSWERS.items() if re.search(marks, body)), body)


class DoorContract:
    """Inherited by every door's tests."""

    cases: ClassVar[dict[str, Case]]
    secrets: ClassVar[tuple[str, ...]]

    def post_of(self, case: Case) -> Post:
        """The case as the provider posts it, signed."""
        raise NotImplementedError

    def found(self, store: Store) -> dict[str, Any]:
        """What the cases of this door are compared with."""
        return made(store)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "case" in metafunc.fixturenames:
            metafunc.parametrize("case", metafunc.cls.cases.values(), ids=metafunc.cls.cases)

    def send(self, client: FlaskClient, post: Post, **changed: str | None) -> TestResponse:
        headers = {name: value for name, value in {**post.headers, **changed}.items() if value is not None}
        return client.post(
            post.path,
            data=post.body,
            content_type=post.content_type,
            headers=headers,
            environ_overrides={"RAW_URI": post.path},
        )

    def come_before(self, case: Case, client: FlaskClient, store: Store) -> None:
        for fields in case.before:
            assert (
                self.send(client, self.post_of(Case(fields, {}, str(fields.get("PATH", case.path))))).status_code < 300
            )

    def test_makes_what_it_should_and_owes_what_every_door_owes(
        self, case: Case, client: FlaskClient, gateway_store: Store, caplog: pytest.LogCaptureFixture, tmp_path: Path
    ) -> None:
        caplog.set_level(logging.DEBUG)
        gateway_store.after_commit(QueueNotifier(connect_redis("redis://127.0.0.1:9/0")))  # nobody listens there
        self.come_before(case, client, gateway_store)
        post, before = self.post_of(case), self.found(gateway_store)
        signature = next(name for name in post.headers if name.endswith("Signature"))
        right = post.headers[signature]
        nearly = right[:-2] + ("BB" if right.upper().endswith("AA") else "AA")
        for forged in (None, "Zm9yZ2Vk", nearly):
            assert self.send(client, post, **{signature: forged}).status_code == 403
        refused = self.found(gateway_store)
        assert {**refused, "refused": []} == {**before, "refused": []}
        first = self.send(client, post)
        assert first.status_code == (case.status or first.status_code)
        once = self.found(gateway_store)
        assert {**once, "refused": []} == {**case.makes, "refused": []}
        assert (
            {*case.makes.get("refused", ())}
            <= {*once.get("refused", ())}
            <= {*refused["refused"], *case.makes.get("refused", ())}
        )
        for _ in range(3):
            again = self.send(client, post)
            assert (again.status_code, again.data) == (first.status_code, first.data)
        assert {**self.found(gateway_store), "refused": []} == {**once, "refused": []}
        if first.status_code < 300 and "intakes" in case.makes:
            with gateway_store.read() as session:
                arrivals = session.scalars(select(Arrival)).all()
                assert post.body in [copy_raw_message(session, one, tmp_path / "raw").read_bytes() for one in arrivals]
        assert [secret for secret in self.secrets if secret in caplog.text] == []
