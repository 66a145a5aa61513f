"""One sender who floods us is slowed, and nobody else: nothing is lost, the ledger balances, and a person sees it."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.enums import Bucket, StepKind, StepState
from inbox.listings.ledger import count_ledger
from inbox.models import Intake, Part, Step
from inbox.models.column_types import utc_now
from tests.fixtures_mail import take_in_mail
from workers.pools import mail_steps
from workers.runtime.worker_context import WorkerContext
from workers.tasks import rate_limits
from workers.tasks.rate_limits import HOUR, MAIL_WAITS

AT_ONCE, SENT = 6, 20


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "MOST_MAILS_AN_HOUR", AT_ONCE)


def write(here: WorkerContext, sender: str, number: int) -> None:
    raw = f"From: {sender}\nSubject: {number}\n\nAvis numéro {number} sur les bancs.\n".encode()
    with here.store.write() as session:
        take_in_mail(session, account="avis", raw=raw, digest=f"{sender} {number}", addressed_to="avis@ville.example")


def parts(session: Session) -> int:
    return session.scalar(select(func.count(Part.id))) or 0


def an_hour_passes(here: WorkerContext) -> None:
    with here.store.write() as session:
        for row in session.scalars(select(Part)):
            row.created_at -= HOUR
        for step in session.scalars(select(Step)):
            step.not_before -= HOUR


def test_a_flood_is_read_little_by_little_and_others_at_once(workshop: WorkerContext) -> None:
    for number in range(SENT):
        write(workshop, "deluge@poste.example", number)
    write(workshop, "anne@poste.example", 1)
    mail_steps.drain_mail_queue(workshop)
    with workshop.store.read() as session:
        waiting = session.scalars(
            select(Step).where(Step.kind == StepKind.TAKE_APART, Step.state == StepState.OPEN)
        ).all()
        assert len(waiting) == SENT - AT_ONCE
        assert {(step.reason, step.attempts) for step in waiting} == {(MAIL_WAITS, 0)}
        hours = [round((step.not_before - utc_now()) / HOUR) for step in waiting]
        assert hours == [1] * 6 + [2] * 6 + [3] * 2
        assert parts(session) == AT_ONCE + 1
        counted = count_ledger(session)
        assert counted.balanced, counted.problems
        assert (counted.units, counted.counts[Bucket.WAITING] >= SENT - AT_ONCE) == (SENT + 1, True)
    for hour in range(3):
        an_hour_passes(workshop)
        mail_steps.drain_mail_queue(workshop)
        with workshop.store.read() as session:
            assert parts(session) == min(SENT, AT_ONCE * (hour + 2)) + 1
    with workshop.store.read() as session:
        assert session.scalar(select(func.count(Intake.id))) == SENT + 1
        assert set(session.scalars(select(Step.state).where(Step.kind == StepKind.TAKE_APART))) == {StepState.DONE}
        assert count_ledger(session).balanced


def test_who_writes_often_but_not_at_once_waits_for_nothing(workshop: WorkerContext) -> None:
    for number in range(AT_ONCE * 2):
        write(workshop, "anne@poste.example", number)
        mail_steps.drain_mail_queue(workshop)
        with workshop.store.write() as session:
            for row in session.scalars(select(Part)):
                row.created_at -= timedelta(minutes=11)
    with workshop.store.read() as session:
        assert parts(session) == AT_ONCE * 2
