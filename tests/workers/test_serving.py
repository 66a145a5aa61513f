"""The web server: webhooks are answered while every thread of the pages is taken, and it ends in time."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from waitress.server import create_server

from workers.processes.web_server import SeparateThreadPools

THREADS = 3
Start = Callable[..., Any]


class Held:
    """An application whose pages do not end before they are let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.begun = threading.Semaphore(0)

    def __call__(self, environ: dict[str, Any], start: Start) -> list[bytes]:
        if environ["PATH_INFO"].startswith(("/list", "/sign-in")):
            self.begun.release()
            assert self.let_go.wait(20)
        start("200 OK", [("Content-Length", "2")])
        return [b"ok"]


@pytest.fixture
def held() -> Iterator[tuple[Held, int]]:
    app = Held()
    listening = socket.create_server(("127.0.0.1", 0))
    threads = SeparateThreadPools(THREADS, {"/hooks/": 2, "/sign-in": 1})
    server = create_server(app, sockets=[listening], _dispatcher=threads)
    is_over = threading.Event()

    def run() -> None:
        while not is_over.is_set():
            server.asyncore.loop(timeout=0.05, map=server._map, count=1)

    running = threading.Thread(target=run)
    running.start()
    yield app, listening.getsockname()[1]
    app.let_go.set()
    is_over.set()
    running.join()
    threads.shutdown(timeout=5)
    server.asyncore.close_all(server._map)


def ask(port: int, path: str, seconds: float = 20) -> int:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    line.request("GET", path)
    return line.getresponse().status


@pytest.mark.parametrize("taken", ["/list", "/sign-in", "/list/of?all=hooks/"])
def test_a_webhook_waits_for_no_page(held: tuple[Held, int], taken: str) -> None:
    app, port = held
    waiting = [threading.Thread(target=ask, args=(port, taken)) for _ in range(2 * THREADS)]
    for one in waiting:
        one.start()
    for _ in range(1 if taken == "/sign-in" else THREADS):
        assert app.begun.acquire(timeout=10)
    began = time.monotonic()
    assert [ask(port, path, seconds=5) for path in ("/hooks/sms", "/hooks/voice/spoken?m=1")] == [200, 200]
    assert time.monotonic() - began < 5
    if taken == "/sign-in":
        assert ask(port, "/", seconds=5) == 200, "nor does a page wait for those who sign in"
    app.let_go.set()
    for one in waiting:
        one.join(10)


def test_half_a_request_keeps_no_thread(held: tuple[Held, int]) -> None:
    _, port = held
    half = [socket.create_connection(("127.0.0.1", port)) for _ in range(40)]
    for number, line in enumerate(half):
        path = ("/hooks/sms", "/sign-in", "/list")[number % 3]
        line.sendall(f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 90\r\n\r\nhalf".encode())
    assert ask(port, "/hooks/sms", seconds=5) == 200
    for line in half:
        line.close()


def test_what_cannot_be_read_is_answered(held: tuple[Held, int]) -> None:
    _, port = held
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(b"GET / HTTP/1.1\r\nContent-Length: -3\r\n\r\n")
        assert b" 400 " in line.recv(4096)


def test_it_ends_although_a_page_and_a_webhook_do_not() -> None:
    let_go, begun = threading.Event(), threading.Semaphore(0)

    class Endless:
        def __init__(self, path: str) -> None:
            self.requests = [SimpleNamespace(path=path)]

        def service(self) -> None:
            begun.release()
            let_go.wait(20)

    threads = SeparateThreadPools(1, {"/hooks/": 1})
    for path in ("/list", "/hooks/sms"):
        threads.add_task(Endless(path))
        assert begun.acquire(timeout=10)
    began = time.monotonic()
    threads.shutdown(timeout=1)
    assert 0.9 < time.monotonic() - began < 3
    let_go.set()
