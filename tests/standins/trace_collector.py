"""A collector of OpenTelemetry traces: takes what is posted in protobuf over HTTP, and keeps the spans."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.standins.web import Answer, Asked, LoopbackServer


@dataclass(frozen=True)
class CollectedSpan:
    """One span as it came."""

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    attributes: dict[str, str]
    went_wrong: bool


class TraceCollector:
    """Listens on loopback; use as a context manager."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.spans: list[CollectedSpan] = []
        self._server = LoopbackServer(self._answer)

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.__exit__(kind, error, at)

    @property
    def url(self) -> str:
        """What goes into ``traces_url``."""
        return f"{self._server.base}/v1/traces"

    def _answer(self, asked: Asked) -> Answer:
        body = asked.body
        if body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
        self.bodies.append(body)
        request = ExportTraceServiceRequest.FromString(body)
        self.spans += [
            CollectedSpan(
                span.trace_id.hex(),
                span.span_id.hex(),
                span.parent_span_id.hex(),
                span.name,
                {one.key: one.value.string_value or str(one.value.int_value) for one in span.attributes},
                span.status.code == 2,
            )
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        return Answer(200, b"")
