"""Mails taken apart several at once: as one after the other, whatever happens to one of them or to the worker."""

from __future__ import annotations

import os
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from config.enums import StepKind, StepState
from inbox.jobs import steps
from inbox.jobs.steps import Lease
from inbox.models import Contribution, Message, Part, Step
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import place_of
from tests.fixtures_mail import take_in_mail
from tests.workers.installation import until
from workers.pools import mail_steps
from workers.pools.step_runner import RUNNERS, Runner, Save
from workers.runtime import step_interruption
from workers.runtime.worker_context import WorkerContext

MAILS = 7


@pytest.fixture
def post(workshop: WorkerContext) -> WorkerContext:
    """A workshop to which letters of as many people have come."""
    for number in range(MAILS):
        raw = f"From: habitant{number}@poste.example\nSubject: Avis\n\nUn banc, rue numéro {number}.\n".encode()
        with workshop.store.write() as session:
            take_in_mail(session, account="avis", raw=raw, digest=str(number), addressed_to="avis@ville.example")
    return workshop


def states(here: WorkerContext) -> list[tuple[StepState, int, bool]]:
    """Of each mail's step, in order: its state, its attempts, and whether somebody holds it."""
    with here.store.read() as session:
        mails = session.scalars(select(Step).where(Step.kind == StepKind.TAKE_APART).order_by(Step.id))
        return [(step.state, step.attempts, step.lease_until is not None) for step in mails]


def put_in_place(monkeypatch: pytest.MonkeyPatch, runner: Runner) -> None:
    monkeypatch.setitem(RUNNERS, StepKind.TAKE_APART, runner)


def test_each_becomes_what_it_becomes_alone(post: WorkerContext) -> None:
    assert mail_steps.drain_mail_queue(post) == MAILS
    assert mail_steps.drain_mail_queue(post) == 0
    assert states(post) == [(StepState.DONE, 0, False)] * MAILS
    with post.store.read() as session:
        assert session.scalar(select(func.count(Contribution.id))) == MAILS
        vault, parts = post.store.vault, session.scalars(select(Part))
        bodies = [vault.text_left(session, p.key_id, p.sealed_body, place_of(Part.sealed_body, p)) for p in parts]
        assert bodies == [f"Un banc, rue numéro {number}." for number in range(MAILS)]


@pytest.mark.parametrize("when", ["reading", "saving"])
def test_what_fails_fails_alone(post: WorkerContext, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    usual = RUNNERS[StepKind.TAKE_APART]
    with post.store.read() as session:
        bad = session.scalars(select(Step.id).order_by(Step.id)).all()[4]

    def fail(_session: object) -> steps.Ending:
        raise RuntimeError("while it is saved")

    def sometimes(here: WorkerContext, lease: Lease, folder: Path) -> Save:
        if lease.step_id != bad:
            return usual(here, lease, folder)
        if when == "reading":
            raise RuntimeError("while it is read")
        return fail

    put_in_place(monkeypatch, sometimes)
    mail_steps.drain_mail_queue(post)
    done = (StepState.DONE, 0, False)
    assert states(post) == [done] * 4 + [(StepState.OPEN, 1, False)] + [done] * 2
    with post.store.read() as session:
        assert session.scalar(select(func.count(Contribution.id))) == MAILS - 1


def test_who_is_told_to_stop_puts_back_what_is_not_saved(post: WorkerContext, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = RUNNERS[StepKind.TAKE_APART]
    go_on = threading.Event()
    with post.store.read() as session:
        slow = session.scalars(select(Step.id).order_by(Step.id)).all()[3]

    def slowly(here: WorkerContext, lease: Lease, folder: Path) -> Save:
        if lease.step_id == slow:
            assert until(lambda: states(here)[2][0] is StepState.DONE), "those before it are saved meanwhile"
            os.kill(os.getpid(), step_interruption.INTERRUPT_SIGNAL)
            go_on.wait(20)
        return usual(here, lease, folder)

    step_interruption.interrupt_steps_on_signal(lambda: 0)
    put_in_place(monkeypatch, slowly)
    began = time.monotonic()
    mail_steps.drain_mail_queue(post)
    assert time.monotonic() - began < 15, "it did not wait for the slow one"
    go_on.set()
    found = states(post)
    assert found[:3] == [(StepState.DONE, 0, False)] * 3
    assert found[3:] == [(StepState.OPEN, 0, False)] * 4, "put back, and nobody is to blame"
    monkeypatch.undo()
    assert mail_steps.drain_mail_queue(post) == 4
    with post.store.read() as session:
        assert session.scalar(select(func.count(Contribution.id))) == MAILS


def test_what_somebody_else_took_over_is_not_saved_here(post: WorkerContext, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = RUNNERS[StepKind.TAKE_APART]

    def overtaken(here: WorkerContext, lease: Lease, folder: Path) -> Save:
        save = usual(here, lease, folder)
        with here.store.write() as session:
            first = session.scalars(select(Step).order_by(Step.id).limit(1)).one()
            if first.id == lease.step_id:
                first.token += 1
                first.lease_until = utc_now() + timedelta(hours=1)
        return save

    put_in_place(monkeypatch, overtaken)
    mail_steps.drain_mail_queue(post)
    assert states(post) == [(StepState.OPEN, 0, True)] + [(StepState.DONE, 0, False)] * (MAILS - 1)
    with post.store.read() as session:
        assert session.scalar(select(func.count(Contribution.id))) == MAILS - 1
        assert session.scalar(select(func.count(Message.id))) in (0, MAILS - 1)
