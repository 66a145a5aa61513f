"""Traces (OpenTelemetry): what is done for one intake, followed through every process; off unless an address is set.

No context is handed from process to process: a trace's number is a keyed hash of its intake's, so whoever does
something for an intake knows it, on whatever host, after a restart and with an emptied Redis. A span holds numbers of
rows, kinds, states and durations, and nothing of what anybody said or of where it came from.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, cast

from config.settings.sections.upkeep_sections import Monitoring
from inbox.storage.crypto import Keyring
from inbox.storage.unit_of_work import Session, unit_of

Attribute = str | int | float


@dataclass(frozen=True, slots=True)
class Span:
    """Something that was done for an intake, from when to when (nanoseconds since 1970)."""

    intake_id: int
    name: str
    began: int
    ended: int
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    went_wrong: bool = False
    is_first: bool = False
    """Whether it is the arrival, of which everything else is a child."""


class SpanExporter(Protocol):
    """What takes spans to a collector."""

    def export(self, keyring: Keyring, spans: Sequence[Span]) -> None:
        """Queue them; never waits for the collector, and never raises for one that does not answer."""

    def flush(self) -> None:
        """Send what is queued now, and wait for two seconds at most."""


class _Tracing:
    def __init__(self) -> None:
        self.exporter: SpanExporter | None = None


_tracing = _Tracing()


def start_tracing(monitoring: Monitoring) -> None:
    """Follow intakes from now on as the settings say; raises ImportError where the client is not installed."""
    if not monitoring.traces_url:
        _tracing.exporter = None
        return
    # Imported only where it is used: it takes 10 MB, and is no dependency of a town that watches nothing.
    made = importlib.import_module("gateway.base.otlp_spans").OtlpSpans(monitoring)
    _tracing.exporter = cast("SpanExporter", made)


def is_tracing() -> bool:
    """Whether anybody is to be told; asked before anything is gathered."""
    return _tracing.exporter is not None


def export_spans(keyring: Keyring, spans: Sequence[Span]) -> None:
    """Tell the collector, if there is one."""
    if _tracing.exporter is not None and spans:
        _tracing.exporter.export(keyring, spans)


def flush_spans() -> None:
    """Send what is queued: for a process that is about to end without further ado."""
    if _tracing.exporter is not None:
        _tracing.exporter.flush()


def trace_arrivals(session: Session, arrived: Mapping[int, str], began: int) -> None:
    """Once this transaction is committed, begin the trace of each intake (its channel by its id)."""
    if not is_tracing() or not arrived:
        return
    keyring = unit_of(session).store.keyring

    def tell() -> None:
        ended = time.time_ns()
        export_spans(
            keyring,
            [
                Span(intake_id, f"arrival {channel}", began, ended, {"portevoix.channel": channel}, is_first=True)
                for intake_id, channel in arrived.items()
            ],
        )

    unit_of(session).after_commit.append(tell)


def trace_numbers(keyring: Keyring, intake_id: int) -> tuple[int, int]:
    """The number of an intake's trace (128 bits) and of the span of its arrival (64 bits)."""
    digest = keyring.keyed_hash("trace", str(intake_id).encode())
    return int(digest[:32], 16), int(digest[32:48], 16)
