"""Spans on their way to a collector: OpenTelemetry's own library, over OTLP and HTTP."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
from opentelemetry.trace import NonRecordingSpan, SpanContext, StatusCode, TraceFlags
from setproctitle import getproctitle

from config.settings.sections.upkeep_sections import Monitoring
from gateway.base.traces import Span, trace_numbers
from inbox.storage.crypto import Keyring

ANSWER_SECONDS = 2
"""How long the collector may take; nobody waits for it but a process that is about to end."""
_EVERY_MS = 1000


class _KnownIds(RandomIdGenerator):
    """The numbers of an arrival's span, which everybody knows beforehand; random ones for all others."""

    def __init__(self) -> None:
        self.here = threading.local()

    def generate_trace_id(self) -> int:
        """The intake's."""
        known: int = self.here.trace_id
        return known

    def generate_span_id(self) -> int:
        """The arrival's, or any."""
        known: int | None = self.here.span_id
        return known or super().generate_span_id()


class OtlpSpans:
    """Sends spans from a thread of this process, which a forked child starts anew."""

    def __init__(self, monitoring: Monitoring) -> None:
        self._monitoring = monitoring
        self._ids = _KnownIds()
        self._provider: TracerProvider | None = None
        self._pid = 0
        self._making = threading.Lock()

    def export(self, keyring: Keyring, spans: Sequence[Span]) -> None:
        """Queue them; what the collector does not take within its time is dropped."""
        tracer = self._here().get_tracer("portevoix")
        for span in spans:
            trace_id, arrival_id = trace_numbers(keyring, span.intake_id)
            self._ids.here.trace_id = trace_id
            self._ids.here.span_id = arrival_id if span.is_first else None
            parent = SpanContext(trace_id, arrival_id, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
            context = None if span.is_first else trace.set_span_in_context(NonRecordingSpan(parent))
            made = tracer.start_span(
                span.name,
                context,
                kind=trace.SpanKind.SERVER if span.is_first else trace.SpanKind.CONSUMER,
                attributes={"portevoix.intake": span.intake_id, **span.attributes},
                start_time=span.began,
            )
            if span.went_wrong:
                made.set_status(StatusCode.ERROR)
            made.end(span.ended)

    def flush(self) -> None:
        """Send what is queued, for two seconds at most."""
        if self._provider is not None and self._pid == os.getpid():
            self._provider.force_flush(ANSWER_SECONDS * 1000)

    def _here(self) -> TracerProvider:
        """The provider of this process: its thread does not survive a fork."""
        with self._making:
            if self._provider is None or self._pid != os.getpid():
                self._provider, self._pid = self._made(), os.getpid()
            return self._provider

    def _made(self) -> TracerProvider:
        program = getproctitle().removeprefix("portevoix: -m ").split(" -", 1)[0]
        about = {"service.name": "portevoix", "service.instance.id": f"{os.uname().nodename}/{program}"[:120]}
        exporter = OTLPSpanExporter(endpoint=self._monitoring.traces_url, timeout=ANSWER_SECONDS)
        provider = TracerProvider(
            sampler=TraceIdRatioBased(self._monitoring.traces_share),
            resource=Resource(about),
            id_generator=self._ids,
            shutdown_on_exit=True,
        )
        provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=_EVERY_MS))
        return provider
