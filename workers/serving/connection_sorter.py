"""Sorts the connections at the one address: to the doors what brings something, to the pages all else.

It looks at the first bytes of a connection without taking them (``MSG_PEEK``), and hands the connection itself on
(``SCM_RIGHTS``, unix(7)). So the doors never see what people type into the pages, nor the pages what strangers post,
and who sorts reads neither. What a process gets on a connection that it keeps open, and is not its own, it hands back.
"""

from __future__ import annotations

import contextlib
import logging
import selectors
import socket
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping

from workers.serving.request_paths import LOOKED_AT, Side, side_of

MOST_HELD = 300
"""Connections that have not said yet what they want, and those that wait for one side: beyond that the oldest of the
silent are closed, and the newest of the waiting. So whoever only holds connections keeps nobody out."""
SILENT_SECONDS = 30.0
"""After this time without a request a connection is closed."""
_AT_ONCE = 64
_LOOK_SECONDS = 1.0
_TRY_AGAIN_SECONDS = 0.05

log = logging.getLogger(__name__)


class ConnectionSorter:
    """One thread, one loop; the sockets are the supervisor's, who keeps them open while this process is replaced."""

    def __init__(self, listening: socket.socket, sides: Mapping[Side, socket.socket]) -> None:
        """``sides`` are our ends of the lines over which connections are handed on, and handed back."""
        self._selector = selectors.DefaultSelector()
        self._listening = listening
        self._sides = sides
        self._undecided: OrderedDict[socket.socket, float] = OrderedDict()
        self._waiting: dict[Side, deque[socket.socket]] = {side: deque() for side in sides}
        listening.setblocking(False)
        self._selector.register(listening, selectors.EVENT_READ, self._accept)
        for line in sides.values():
            line.setblocking(False)
            self._selector.register(line, selectors.EVENT_READ, lambda line=line: self._take_back(line))

    def serve(self) -> None:
        """Sort for ever."""
        while True:
            self.turn(_LOOK_SECONDS)

    def turn(self, seconds: float) -> None:
        """Wait for what happens next, at most so long, and do what it asks for."""
        is_held_up = any(self._waiting.values())
        for key, _ in self._selector.select(min(seconds, _TRY_AGAIN_SECONDS) if is_held_up else seconds):
            does: Callable[[], None] = key.data
            does()
        for side in self._sides:
            self._hand_on_waiting(side)
        self._let_go_of_silent()

    def _accept(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                connection, _peer = self._listening.accept()
            except OSError:  # nobody more just now, or one that is gone already
                return
            self._receive(connection)

    def _take_back(self, line: socket.socket) -> None:
        """One connection, on which the other side's next request has come."""
        with contextlib.suppress(OSError):
            _, handed, _, _ = socket.recv_fds(line, 1, 1)
            for one in handed:
                self._receive(socket.socket(fileno=one))

    def _receive(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._undecided[connection] = time.monotonic()
        self._selector.register(connection, selectors.EVENT_READ, lambda: self._look(connection))
        self._look(connection)
        while len(self._undecided) > MOST_HELD:
            self._close(next(iter(self._undecided)))

    def _look(self, connection: socket.socket) -> None:
        """Decide by what has come so far, or wait for more."""
        try:
            beginning = connection.recv(LOOKED_AT, socket.MSG_PEEK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            beginning = b""
        if not beginning:
            self._close(connection)
            return
        side = side_of(beginning)
        # Not woken before there is more than is known already.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1 if side else len(beginning) + 1)
        if side is None:
            return
        self._forget(connection)
        if len(self._waiting[side]) >= MOST_HELD:
            connection.close()
            return
        self._waiting[side].append(connection)
        self._hand_on_waiting(side)

    def _hand_on_waiting(self, side: Side) -> None:
        waiting = self._waiting[side]
        while waiting:
            try:
                socket.send_fds(self._sides[side], [b"+"], [waiting[0].fileno()])
            except OSError:  # the line is full: its process is busy, or is being replaced
                return
            waiting.popleft().close()

    def _let_go_of_silent(self) -> None:
        before = time.monotonic() - SILENT_SECONDS
        while self._undecided and next(iter(self._undecided.values())) < before:
            self._close(next(iter(self._undecided)))

    def _forget(self, connection: socket.socket) -> None:
        del self._undecided[connection]
        self._selector.unregister(connection)

    def _close(self, connection: socket.socket) -> None:
        self._forget(connection)
        connection.close()
