"""Traces: one text followed from the door to its receipt under one number, with nothing in them that anybody said."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from config.enums import StepKind, StepState
from config.settings.sections.upkeep_sections import Monitoring
from gateway.base import traces
from inbox.jobs.steps import Ending, Failed, Lease
from inbox.models import Intake, Step
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from inbox.storage.unit_of_work import Session
from tests.standins.trace_collector import CollectedSpan, TraceCollector
from tests.workers.conftest import Waiting
from tests.workers.text_town import Build, Text, Town, build  # noqa: F401 - a fixture
from workers.pools.step_runner import run_step_in
from workers.runtime.worker_context import WorkerContext

WORDS = ("Yvonne Le Gall voudrait un banc", "Le bus passe trop tôt, 06 12 34 56 78", "Rue Émile-Zola : trop de bruit")
TAKEN_IN = "step take_in_text"


@pytest.fixture
def collector() -> Iterator[TraceCollector]:
    with TraceCollector() as listening:
        yield listening
    traces.start_tracing(Monitoring())


def follow(collector: TraceCollector, share: float = 1.0) -> None:
    traces.start_tracing(Monitoring(traces_url=collector.url, traces_share=share))


def by_trace(collector: TraceCollector) -> dict[str, list[CollectedSpan]]:
    traces.flush_spans()
    found: dict[str, list[CollectedSpan]] = {}
    for span in collector.spans:
        found.setdefault(span.trace_id, []).append(span)
    return found


def send_receipts(town: Town) -> None:
    """What the pool of answers does, where the provider takes everything."""

    def sent(_here: WorkerContext, _lease: Lease, _folder: object) -> Callable[[Session], Ending]:
        return lambda _session: Failed("the provider refuses it")

    with town.store.read() as session:
        waiting = list(session.scalars(select(Step.id).where(Step.kind == StepKind.SEND)))
    for step_id in waiting:
        run_step_in(town.here, step_id, {StepKind.SEND: sent})


def followed_texts(build: Build, collector: TraceCollector) -> Town:  # noqa: F811
    """A town in which every text came in and was read while somebody followed."""
    town = build()
    follow(collector)
    town.take_in([Text(number, body) for number, body in enumerate(WORDS, 1)])
    town.work()
    return town


def test_each_text_is_one_trace_from_the_door_to_its_receipt(build: Build, collector: TraceCollector):  # noqa: F811
    town = followed_texts(build, collector)
    send_receipts(town)
    found = by_trace(collector)
    assert len(found) == len(WORDS)
    for spans in found.values():
        arrival = [span for span in spans if span.name == "arrival sms"]
        assert len(arrival) == 1
        assert arrival[0].parent_id == ""
        others = {span.name: span for span in spans if span is not arrival[0]}
        assert {TAKEN_IN, "step send"} <= others.keys()
        assert {span.parent_id for span in others.values()} == {arrival[0].span_id}
        assert len({span.span_id for span in spans}) == len(spans)
        assert not others[TAKEN_IN].went_wrong
        assert others["step send"].went_wrong
        assert len({span.attributes["portevoix.intake"] for span in spans}) == 1


def test_nothing_of_a_person_is_in_them(build: Build, collector: TraceCollector):  # noqa: F811
    town = followed_texts(build, collector)
    send_receipts(town)
    traces.flush_spans()
    sent = b"".join(collector.bodies)
    assert collector.spans
    for words in WORDS:
        assert words.encode() not in sent
    for piece in (b"33639980", b"Yvonne", b"provider refuses", b"06 12", b"+33"):
        assert piece not in sent
    known = {"intake", "channel", "step", "queue", "taken", "together", "state", "failures"}
    assert {key for span in collector.spans for key in span.attributes} <= {f"portevoix.{name}" for name in known}


def test_a_process_that_starts_later_knows_the_same_number(build: Build, collector: TraceCollector):  # noqa: F811
    town = build()
    follow(collector)
    town.take_in([Text(1, WORDS[0])])
    traces.flush_spans()
    follow(collector)  # a provider of its own, as after a restart
    town.work()
    assert len(by_trace(collector)) == 1


@pytest.mark.parametrize(("share", "least", "most"), [(0.0, 0, 0), (0.5, 20, 80), (1.0, 100, 100)])
def test_a_share_of_all_is_followed_whole(
    build: Build,  # noqa: F811
    collector: TraceCollector,
    share: float,
    least: int,
    most: int,
):
    town = build()
    follow(collector, share)
    town.take_in([Text(number, f"Texte {number}") for number in range(100)])
    town.work()
    found = by_trace(collector)
    assert least <= len(found) <= most
    assert all({"arrival sms", TAKEN_IN} <= {span.name for span in spans} for spans in found.values())


def test_a_forked_child_sends_its_own(
    recording: Waiting, workshop: WorkerContext, collector: TraceCollector, sqlite_store: Store
):
    follow(collector)
    traces.export_spans(sqlite_store.keyring, [traces.Span(1, "before", 1, 2)])
    child = os.fork()
    if child == 0:
        run_step_in(workshop, recording.step_id, {StepKind.READ_SPEECH: lambda *_: lambda _session: Failed("no")})
        traces.flush_spans()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    by_trace(collector)
    assert [span.name for span in collector.spans if span.name.startswith("step")] == ["step read_speech"]


def test_a_collector_that_is_gone_delays_nothing(build: Build):  # noqa: F811
    town = build()
    traces.start_tracing(Monitoring(traces_url="http://127.0.0.1:9/v1/traces"))
    try:
        began = utc_now()
        town.take_in([Text(number, body) for number, body in enumerate(WORDS, 1)])
        town.work()
        assert (utc_now() - began).total_seconds() < 5
        assert town.open_steps() == 0
    finally:
        traces.start_tracing(Monitoring())


def test_without_an_address_nothing_is_loaded(build: Build):  # noqa: F811
    town = build()
    town.take_in([Text(1, WORDS[0])])
    town.work()
    with town.store.read() as session:
        assert session.scalars(select(Intake)).all()
        assert session.scalars(select(Step).where(Step.state == StepState.DONE)).all()
    # What counts numbers may be there: the client of Redis loads it wherever it is installed.
    code = (
        "import sys, workers.pools.pool, gateway.web.app;"
        " assert not {'opentelemetry.sdk.trace', 'opentelemetry.exporter', 'google.protobuf'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
