"""A server of files that can be slow, cut short, changed or gone: what downloading a speech model may meet."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.standins.web import Answer, Asked, LoopbackServer

_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Served:
    """One file and how it arrives."""

    content: bytes
    seconds_per_chunk: float = 0.0
    """A pause before each 64 KiB."""
    cut_after: int | None = None
    """The connection closes after so many bytes although all were announced."""
    announces_length: bool = True
    status: int = 200
    redirect: str | None = None


class FileServer:
    """Files by name on loopback; use as a context manager."""

    def __init__(self, files: dict[str, Served]) -> None:
        self.files = dict(files)
        self.asked: list[str] = []
        self._server = LoopbackServer(self._answer)

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.__exit__(kind, error, trace)

    def url(self, name: str) -> str:
        """Where a file is."""
        return f"{self._server.base}/{name}"

    def _answer(self, asked: Asked) -> Answer:
        self.asked.append(asked.path)
        served = self.files.get(asked.path.removeprefix("/"))
        if served is None:
            return Answer(404, b"not found", "text/plain")
        if served.redirect is not None:
            return Answer(302, headers={"Location": served.redirect})
        length = len(served.content) if served.announces_length else -1
        return Answer(served.status, chunks=_pieces(served), length=length)


def _pieces(served: Served) -> Iterator[bytes]:
    content = served.content if served.cut_after is None else served.content[: served.cut_after]
    for start in range(0, len(content), _CHUNK):
        if served.seconds_per_chunk:
            time.sleep(served.seconds_per_chunk)
        yield content[start : start + _CHUNK]
