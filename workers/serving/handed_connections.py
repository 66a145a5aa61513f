"""Connections that come from the sorter, as the web server takes them, and those that go back to it."""

from __future__ import annotations

import contextlib
import errno
import socket

from waitress.channel import HTTPChannel

from workers.serving.request_paths import LOOKED_AT, Side, side_of


class HandedConnections(socket.socket):
    """Our end of the line to the sorter, in the place of a listening socket: who was handed over is accepted."""

    def __init__(self, descriptor: int, side: Side, address: tuple[str, int]) -> None:
        """``address`` is the one that was connected to."""
        super().__init__(fileno=descriptor)
        self.side = side
        self._address = address

    @property
    def family(self) -> socket.AddressFamily:
        """That of the connections."""
        return socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET

    def getsockname(self) -> tuple[str, int]:
        """The address that was connected to."""
        return self._address

    def listen(self, _backlog: int = 0) -> None:
        """Somebody else listens."""

    def accept(self) -> tuple[socket.socket, object]:
        """The next connection; raises ``OSError`` as ``accept(2)`` does, also where its other end is gone."""
        _, handed, _, _ = socket.recv_fds(self, 1, 1)
        if not handed:
            raise OSError(errno.ECONNABORTED, "no connection was handed over")
        connection = socket.socket(fileno=handed[0])
        try:
            return connection, connection.getpeername()
        except OSError as error:
            connection.close()
            raise OSError(errno.ECONNABORTED, "the other end is gone") from error

    def hand_back(self, connection: socket.socket) -> None:
        """Let the sorter look at it again; raises ``OSError`` where the line is full."""
        socket.send_fds(self, [b"-"], [connection.fileno()])


class SortedChannel(HTTPChannel):
    """A connection on which each request is looked at before it is read: another side's goes back."""

    def handle_read(self) -> None:
        """Waitress's, for what is ours."""
        line, connection = self.server.socket, self.socket
        assert isinstance(line, HandedConnections)
        assert connection is not None
        if self.request is None and not self.requests and _next_side(connection, line.side) is not line.side:
            with contextlib.suppress(OSError):  # the line is full: whoever asks connects again
                line.hand_back(connection)
            self.handle_close()
            return
        super().handle_read()


def _next_side(connection: socket.socket, ours: Side) -> Side | None:
    """Whose the next request is; None where too little of it has come, which the sorter waits for."""
    try:
        beginning = connection.recv(LOOKED_AT, socket.MSG_PEEK)
    except OSError:
        return ours  # reading it will say the same
    return side_of(beginning) if beginning else ours
