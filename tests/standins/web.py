"""What the stand-ins that speak HTTP share: a server on a free loopback port, and its answers as values."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit


def free_port() -> int:
    """A loopback port nobody listens on now; another process may still take it first."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def form(self) -> list[tuple[str, str]]:
        """The body as form fields, repeated ones kept."""
        return parse_qsl(self.body.decode(), keep_blank_values=True)


@dataclass(frozen=True)
class Answer:
    """What is sent back; ``chunks`` instead of ``body`` when the answer is to arrive in pieces."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/octet-stream"
    headers: dict[str, str] = field(default_factory=dict)
    chunks: Iterable[bytes] | None = None
    length: int | None = None
    """The Content-Length announced when it is not the body's own; -1 announces none."""

    @classmethod
    def of_json(cls, value: Any, status: int = 200) -> Self:
        """An answer in JSON."""
        return cls(status, json.dumps(value, ensure_ascii=False).encode(), "application/json")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Several callers at once each open a connection: the default of five would refuse some.
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Somebody hanging up in the middle is part of the play, not worth a traceback."""


class LoopbackServer:
    """An HTTP server on loopback; ``answer`` decides what each request gets."""

    def __init__(self, answer: Callable[[Asked], Answer], port: int = 0) -> None:
        self._http = _Server(("127.0.0.1", port), _handler(answer))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @property
    def base(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()


def _handler(answer: Callable[[Asked], Answer]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            address = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, address.path, dict(parse_qsl(address.query)), headers, body)
            self._send(answer(asked))

        def _send(self, given: Answer) -> None:
            self.send_response(given.status)
            self.send_header("Content-Type", given.content_type)
            for name, value in given.headers.items():
                self.send_header(name, value)
            length = len(given.body) if given.length is None else given.length
            if length >= 0:
                self.send_header("Content-Length", str(length))
            if given.chunks is not None or length != len(given.body):
                # The length announced may be a lie: only closing ends such an answer.
                self.send_header("Connection", "close")
                self.close_connection = True
            self.end_headers()
            for chunk in given.chunks if given.chunks is not None else (given.body,):
                self.wfile.write(chunk)
                self.wfile.flush()

        def log_message(self, *_: Any) -> None:
            """Silent: the stand-ins keep what they were asked as values."""

        # The base class looks its methods up by these names.
        do_GET = do_POST = do_DELETE = do_HEAD = do_PUT = _serve  # noqa: N815

    return Handler
