"""Answers that do not end, come byte by byte, swell when opened, or break off: each is given up within its limits."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
import requests

from config.bounded_answers import AnswerTooLong, AnswerTooSlow, bounded_pieces, read_bounded

Send = Callable[[bytes], None]
MOST = 100_000


def endless(send: Send) -> None:
    send(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        send(b"a" * 10_000)


def slow(send: Send) -> None:
    send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    pause = threading.Event()
    while True:
        send(b"a")
        pause.wait(0.01)


def swelling(send: Send) -> None:
    body = gzip.compress(b"a" * 50 * MOST)
    send(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))


def broken(send: Send) -> None:
    send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\nabc")


def whole(send: Send) -> None:
    send(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")


@pytest.fixture
def answer(request: pytest.FixtureRequest) -> Iterator[requests.Response]:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            line, _ = listening.accept()
            with line:
                line.recv(4096)
                try:
                    request.param(line.sendall)
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        with requests.get(f"http://127.0.0.1:{listening.getsockname()[1]}/", stream=True, timeout=60) as found:
            yield found


@pytest.mark.parametrize(
    ("answer", "seconds", "error"),
    [
        (endless, 60.0, AnswerTooLong),
        (slow, 0.3, AnswerTooSlow),
        (swelling, 60.0, AnswerTooLong),
        (broken, 60.0, requests.ConnectionError),
    ],
    indirect=["answer"],
)
def test_it_is_given_up(answer: requests.Response, seconds: float, error: type[Exception]) -> None:
    pieces: list[bytes] = []
    with pytest.raises(error):
        pieces.extend(bounded_pieces(answer, MOST, seconds))
    assert sum(map(len, pieces)) <= MOST


@pytest.mark.parametrize("answer", [whole], indirect=True)
def test_a_whole_one_is_read(answer: requests.Response) -> None:
    assert read_bounded(answer, 3, 60.0) == b"abc"
