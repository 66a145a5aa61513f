"""One address, two processes: each request is answered by its own side, whatever its connection brought before."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from waitress.server import create_server

from workers.serving import connection_sorter
from workers.serving.connection_sorter import ConnectionSorter
from workers.serving.handed_connections import HandedConnections, SortedChannel
from workers.serving.request_paths import LOOKED_AT, Side, side_of

SECONDS = 60.0


class Looped:
    """Something with a loop of its own, run in a thread."""

    def __init__(self, turn: Callable[[], None]) -> None:
        self._is_over = threading.Event()
        self._turn = turn
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._is_over.is_set():
            self._turn()

    def end(self) -> None:
        self._is_over.set()
        self._thread.join(SECONDS)


class Town:
    """The sorter at an address, and the sides behind it, each of which says its name and what it was asked."""

    def __init__(self) -> None:
        listening = socket.create_server(("127.0.0.1", 0))
        self.address = listening.getsockname()[:2]
        lines = {side: socket.socketpair() for side in Side}
        self._theirs = {side: ends[1] for side, ends in lines.items()}
        self.sorter = ConnectionSorter(listening, {side: ends[0] for side, ends in lines.items()})
        self._running = [Looped(lambda: self.sorter.turn(0.05))]

    def begin(self, side: Side) -> None:
        def app(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
            said = f"{side} {environ['PATH_INFO']} {environ['REMOTE_ADDR']} {environ['wsgi.input'].read().decode()}"
            start("200 OK", [("Content-Length", str(len(said)))])
            return [said.encode()]

        taken = HandedConnections(self._theirs[side].detach(), side, self.address)
        server = create_server(app, sockets=[taken])
        server.channel_class = SortedChannel
        self._running.append(Looped(lambda: server.asyncore.loop(timeout=0.05, map=server._map, count=1)))

    def end(self) -> None:
        for one in self._running:
            one.end()

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(*self.address, timeout=SECONDS)

    def raw(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=SECONDS)


def ask(line: http.client.HTTPConnection, path: str, body: str = "") -> str:
    line.request("POST" if body else "GET", path, body or None)
    return line.getresponse().read().decode()


@pytest.fixture
def town() -> Iterator[Town]:
    found = Town()
    yield found
    found.end()


@pytest.fixture
def both(town: Town) -> Town:
    for side in Side:
        town.begin(side)
    return town


@pytest.mark.parametrize(
    ("beginning", "side"),
    [
        (b"", None),
        (b"GE", None),
        (b"GET /", None),
        (b"POST /hooks", None),
        (b"POST /hooks/", Side.DOORS),
        (b"POST /hooks/sms?a=/list HTTP/1.1", Side.DOORS),
        (b"\r\nGET /hooks/voice/heard", Side.DOORS),
        (b"GET /hooked", Side.PAGES),
        (b"GET /list?next=/hooks/", Side.PAGES),
        (b"GET http://ville.example/hooks/sms HTTP/1.1", Side.DOORS),
        (b"GET http://ville.example/ HTTP/1.1", Side.PAGES),
        (b"GET http://ville", None),
        (b"OPTIONS * HTTP/1.1", Side.PAGES),
        (b"GET HTTP/1.1\r\n", Side.PAGES),
        (b"GET //hooks/sms HTTP/1.1", Side.PAGES),
        (b"GET /%68ooks/sms HTTP/1.1", Side.PAGES),
        (b"\x16\x03\x01\x02\x00 hello", Side.PAGES),
        (b"A" * 40, Side.PAGES),
        (b"GET http://" + b"a" * LOOKED_AT, Side.PAGES),
    ],
)
def test_a_beginning_says_who_answers(beginning: bytes, side: Side | None) -> None:
    assert side_of(beginning) is side


def test_a_beginning_never_changes_its_mind() -> None:
    for whole in (b"POST /hooks/sms HTTP/1.1\r\n", b"GET http://a.b/hooks/x HTTP/1.1\r\n", b"GET /hook HTTP/1.1\r\n"):
        said = {side_of(whole[:length]) for length in range(len(whole) + 1)}
        assert said == {None, side_of(whole)}


def test_requests_on_one_kept_connection_are_each_answered_by_their_side(both: Town) -> None:
    line = both.connect()
    for path, side in (("/list", "web"), ("/hooks/sms", "doors"), ("/hooks/voice", "doors"), ("/", "web")) * 3:
        assert ask(line, path) == f"{side} {path} 127.0.0.1 "
    assert ask(line, "/hooks/sms", "Body=" + "a" * 90_000).endswith("a" * 90_000)
    line.close()


def test_a_line_that_comes_in_pieces_is_waited_for(both: Town) -> None:
    with both.raw() as slow:
        for piece in (b"PO", b"ST /ho", b"oks/sms HTTP/1.1\r\nHos", b"t: a\r\nContent-Length: 2\r\n\r\nh", b"i"):
            slow.sendall(piece)
            assert ask(both.connect(), "/list") == "web /list 127.0.0.1 ", "nobody waits for it"
        assert b"doors /hooks/sms 127.0.0.1 hi" in slow.recv(4096)


def test_who_says_nothing_keeps_nobody_out(both: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_sorter, "MOST_HELD", 5)
    silent = [both.raw() for _ in range(20)]
    assert ask(both.connect(), "/hooks/sms") == "doors /hooks/sms 127.0.0.1 "
    assert silent[0].recv(1) == b"", "the oldest of them is let go"
    monkeypatch.setattr(connection_sorter, "SILENT_SECONDS", 0.0)
    assert silent[-1].recv(1) == b"", "and the others in time"
    for one in silent:
        one.close()


def test_a_side_that_is_being_replaced_is_waited_for_by_its_own_alone(town: Town) -> None:
    town.begin(Side.DOORS)
    said: list[str] = []
    reader = threading.Thread(target=lambda: said.append(ask(town.connect(), "/list")))
    reader.start()
    assert ask(town.connect(), "/hooks/sms") == "doors /hooks/sms 127.0.0.1 "
    assert not said
    town.begin(Side.PAGES)
    reader.join(SECONDS)
    assert said == ["web /list 127.0.0.1 "]


def test_who_leaves_at_once_disturbs_nobody(both: Town) -> None:
    for sent in (b"", b"GET /", b"GET /list HTTP/1.1\r\n\r\n"):
        with both.raw() as gone:
            gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")  # leaves by a reset
            gone.sendall(sent)
    assert ask(both.connect(), "/hooks/sms") == "doors /hooks/sms 127.0.0.1 "
