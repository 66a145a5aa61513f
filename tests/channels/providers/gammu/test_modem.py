"""Texts come in and go out by the real daemon, end to end: from the SIM card to the inbox, and back to the network."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from channels.providers.gammu.section import Gammu
from config.enums import MessageState, Queue, StepKind, StepState
from config.probe import run_probe
from config.settings.schema import Settings
from config.wording.consultation import read_consultation
from gateway.reading.readers import Readers
from inbox.consultations import consultation_versions
from inbox.contributions.text_versions import current_text
from inbox.models import Contribution, Contributor, Intake, Message, Reference, Step
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from tests.channels.providers.gammu.daemon import PROGRAM, Modem, new_modem, running, until
from workers.pools import light_steps
from workers.pools.step_runner import run_step_in
from workers.runtime.watcher_context import WatcherContext
from workers.runtime.worker_context import WorkerContext
from workers.watchers.text_poller import ProviderPoller, configured_pollers

needs_daemon = pytest.mark.skipif(PROGRAM is None, reason="gammu-smsd is not installed: bin/setup all")
NUMBER, LEA, ALI = "+33644630000", "+33639980006", "+33639980007"


@dataclass
class Town:
    """A town whose texts come by a modem."""

    here: WorkerContext
    modem: Modem
    poller: ProviderPoller

    @property
    def store(self) -> Store:
        return self.here.store

    def poll(self) -> None:
        """What the poller does, once what the daemon has finished lies there for a while."""
        for path in (self.modem.spool / "inbox").iterdir():
            then = path.stat().st_mtime - 60
            os.utime(path, (then, then))
        self.poller.poll(WatcherContext(self.here.settings, self.store))

    def work(self) -> None:
        """What the pools do."""
        for queue in (Queue.URGENT, Queue.THEMES):
            light_steps.drain_light_queue(self.here, queue)
        with self.store.write() as session:
            session.execute(update(Step).values(not_before=utc_now()))
            due = list(session.scalars(select(Step.id).where(Step.kind == StepKind.SEND)))
        for step_id in due:
            run_step_in(self.here, step_id)

    def said(self) -> list[str]:
        with self.store.read() as session:
            every = session.scalars(select(Contribution).order_by(Contribution.id))
            return [worded.body if (worded := current_text(session, one)) else "" for one in every]

    def states(self) -> list[MessageState]:
        with self.store.read() as session:
            return list(session.scalars(select(Message.state).order_by(Message.id)))


@pytest.fixture
def town(sqlite_store: Store, tmp_path: Path) -> Iterator[Town]:
    modem = new_modem(tmp_path)
    settings = Settings(folder=tmp_path, town="brest", gammu=Gammu(spool=modem.spool, number=NUMBER))
    with sqlite_store.write() as session:
        consultation_versions.import_consultation(session, read_consultation(settings.consultation_files[0]))
    with Readers(settings) as readers:
        [poller] = configured_pollers(settings)
        yield Town(WorkerContext(settings, sqlite_store, readers), modem, poller)


@needs_daemon
def test_a_text_comes_in_and_its_receipt_goes_out(town: Town) -> None:
    """Both ways, with the daemon that a town runs."""
    modem = town.modem
    modem.receives("Des bancs à l’ombre, s’il vous plaît ! 🌳", sender=LEA)
    with running(modem):
        until(lambda: modem.has_received(1), modem)
        town.poll()
        town.work()
        assert town.said() == ["Des bancs à l’ombre, s’il vous plaît ! 🌳"]
        assert town.states() == [MessageState.SENT]
        until(lambda: modem.sent() == [LEA], modem)
        [file] = (modem.spool / "sent").iterdir()
        receipt = file.read_bytes().decode("utf-16")
        town.poll()
    assert list((modem.spool / "inbox").iterdir()) == []
    assert list((modem.spool / "sent").iterdir()) == [], "it holds a resident's number"
    with town.store.read() as session:
        [message] = session.scalars(select(Message))
        assert (message.state, message.provider_id) == (MessageState.SENT, "portevoix-brest-1")
        assert session.scalars(select(Reference.number)).one()[:3] in receipt
    assert f"to {LEA}" in modem.log
    assert town.poller.problem == ""


@needs_daemon
def test_what_the_daemon_writes_is_read_word_for_word(town: Town) -> None:
    """Long texts in parts, half a sign at the end of one; several senders at once; a binary message; no number."""
    modem = town.modem
    trees = "Un banc " * 7 + "🌳 et de l’ombre"
    half = len("Un banc " * 7) * 2 + 2
    raw = trees.encode("utf-16-be")
    modem.receives(*(piece.decode("utf-16-be", "surrogatepass") for piece in (raw[:half], raw[half:])), sender=LEA)
    modem.receives("a" * 60, "b" * 60, "c", sender=ALI)
    modem.receives("Ça va ?", sender="Orange")
    modem.receives_binary(bytes(range(40)), sender="+33639980009")
    with running(modem):
        until(lambda: modem.has_received(7), modem)
        town.poll()
    town.work()
    assert sorted(town.said()) == sorted([trees, "a" * 60 + "b" * 60 + "c", "Ça va ?", ""])
    with town.store.read() as session:
        assert session.scalar(select(func.count(Contributor.id))) == 3, "a name of letters is nobody's number"
        assert sorted(one.channel for one in session.scalars(select(Intake))) == ["sms"] * 4
    assert list((modem.spool / "inbox").iterdir()) == []


@needs_daemon
def test_a_stop_is_obeyed_and_answered(town: Town) -> None:
    town.modem.receives("STOP", sender=LEA)
    with running(town.modem):
        until(lambda: town.modem.has_received(1), town.modem)
        town.poll()
        town.work()
        until(lambda: town.modem.sent() == [LEA], town.modem)
    assert town.said() == []


@needs_daemon
def test_what_the_daemon_cannot_send_is_noted(town: Town) -> None:
    """The dummy card sends everything, so a file is laid where the daemon lays what it could not send."""
    town.modem.receives("Un banc", sender=LEA)
    with running(town.modem):
        until(lambda: town.modem.has_received(1), town.modem)
        town.poll()
    town.work()
    [laid] = (town.modem.spool / "outbox").iterdir()
    laid.rename(town.modem.spool / "error" / laid.name)
    town.poll()
    assert town.states() == [MessageState.FAILED]
    assert list((town.modem.spool / "error").iterdir()) == []
    with town.store.write() as session:  # a person has it tried again
        session.execute(
            update(Step).where(Step.kind == StepKind.SEND).values(state=StepState.OPEN, not_before=utc_now())
        )
    town.work()
    assert [path.name for path in (town.modem.spool / "outbox").iterdir()] == [laid.name]


@needs_daemon
def test_a_daemon_in_another_format_is_told_apart(town: Town) -> None:
    """What it writes as a backup is no text here: it is set aside, and the doctor says where."""
    modem = town.modem
    modem.format = "detail"
    modem.receives("Un banc", sender=LEA)
    with running(modem):
        until(lambda: modem.has_received(1), modem)
        town.poll()
    assert [path.suffix for path in (modem.spool / "not-taken-in").iterdir()] == [".txt"]
    [result] = [run_probe(probe) for probe in town.poller.provider.probes()]
    assert not result.ok
    assert "not-taken-in" in result.problem
