"""The way between a mail program and an IMAP server, on which things go wrong to order.

It reads along: client commands line by line, so that a fault can wait for its command, and hands the server's
answers on as they come, so that a fault can count their bytes and lines.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

_LITERAL = re.compile(rb"\{(\d+)\}\r\n")


@dataclass
class Fault:
    """What goes wrong at the ``nth`` command that has ``at`` in it, and at ``times`` in all; empty: at the greeting."""

    at: str
    nth: int = 1
    times: int = 1
    first: Callable[[], object] | None = None
    """Done before anything else: somebody else does something to the mailbox."""
    cut: bool = False
    """The connection ends instead of the command reaching the server."""
    says: bytes | None = None
    """Said to the client instead of passing the command on; ``TAG`` is the command's."""
    inject: bytes = b""
    """Said to the client before the server's answer."""
    bytes_let: int | None = None
    """So many bytes of the answer arrive, then the connection ends."""
    lines_let: int | None = None
    """So many lines of the answer arrive, then the connection ends."""
    silent: bool = False
    """Nothing passes any more, in either direction, and the connection stays."""
    delay: float = 0.0
    """Seconds before the answer."""
    drip: int = 0
    """The answer comes in pieces of so many bytes, a millisecond apart."""
    lie: int = 0
    """Every literal claims to be so many bytes longer than it is."""
    asks: tuple[bytes, bytes] = (b"", b"")
    """Of the command the first becomes the second before the server hears it: it sends less than the client wants."""
    tells: tuple[bytes, bytes] = (b"", b"")
    """Of the answer what the first matches becomes the second."""
    seen: int = 0
    struck: int = 0

    def strikes(self, line: bytes) -> bool:
        """Whether it is this command's turn."""
        if self.at.encode() not in line.upper() or self.struck >= self.times:
            return False
        self.seen += 1
        if self.seen < self.nth:
            return False
        self.struck += 1
        return True


class _Wire:
    """One connection."""

    def __init__(self, line: MailLine, near: socket.socket, far: socket.socket) -> None:
        self._line, self._near, self._far = line, near, far
        self._fault = Fault("")
        self._passed = b""
        self._send = threading.Lock()
        for one in (self._up, self._down):
            threading.Thread(target=one, daemon=True).start()

    def close(self) -> None:
        for end in (self._near, self._far):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _up(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            for line in self._near.makefile("rb"):
                if self._fault.silent:
                    continue
                if self._strike(line):
                    self._far.sendall(line.replace(*self._fault.asks) if self._fault.asks[0] else line)
        self.close()

    def _strike(self, line: bytes) -> bool:
        """Let a fault happen; whether the command still reaches the server."""
        fault = next((one for one in self._line.faults if one.at and one.strikes(line)), None)
        if fault is None:
            self._fault = Fault("")
            return True
        if fault.first is not None:
            fault.first()
        if fault.cut:
            raise ConnectionAbortedError
        tag = line.split(b" ")[0]
        if fault.says is not None:
            self._say(fault.says.replace(b"TAG", tag))
            if fault.says.startswith(b"* BYE"):
                raise ConnectionAbortedError
            return False
        self._say(fault.inject)
        self._passed, self._fault = b"", fault
        if fault.bytes_let == 0 or fault.lines_let == 0:
            # The command is carried out, and nobody hears of it.
            self._far.sendall(line)
            time.sleep(0.05)
            raise ConnectionAbortedError
        return not fault.silent

    def _down(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._far.recv(65536):
                self._pass_on(data)
        self.close()

    def _pass_on(self, data: bytes) -> None:
        fault = self._fault
        if fault.silent:
            return
        if fault.delay:
            time.sleep(fault.delay)
            fault.delay = 0.0
        if fault.lie:
            data = _LITERAL.sub(lambda found: b"{%d}\r\n" % max(0, int(found[1]) + fault.lie), data)
        if fault.tells[0]:
            data = re.sub(*fault.tells, data)
        if fault.bytes_let is not None:
            data, ends = data[: fault.bytes_let - len(self._passed)], len(data) + len(self._passed) >= fault.bytes_let
        elif fault.lines_let is not None:
            left = fault.lines_let - self._passed.count(b"\n")
            lines = data.splitlines(keepends=True)
            data, ends = b"".join(lines[:left]), len(lines) >= left
        else:
            ends = False
        self._passed += data if fault.bytes_let is not None or fault.lines_let is not None else b""
        for start in range(0, len(data), fault.drip or len(data) or 1):
            self._say(data[start : start + (fault.drip or len(data))])
            if fault.drip:
                time.sleep(0.001)
        if ends:
            raise ConnectionAbortedError

    def _say(self, data: bytes) -> None:
        with self._send:
            self._near.sendall(data)


@dataclass
class MailLine:
    """A port that leads to a server's; use as a context manager."""

    to_port: int
    faults: list[Fault] = field(default_factory=list)
    _wires: list[_Wire] = field(default_factory=list)
    _kept: list[socket.socket] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        for wire in self._wires:
            wire.close()
        for end in self._kept:
            end.close()

    def _accept(self) -> None:
        while True:
            try:
                near = self._door.accept()[0]
            except OSError:
                return
            greeting = next((one for one in self.faults if not one.at and one.struck < one.times), None)
            try:
                far = socket.create_connection(("127.0.0.1", self.to_port), timeout=5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            if greeting is not None:
                greeting.struck += 1
                with contextlib.suppress(OSError):
                    near.sendall(greeting.says or b"")
                if greeting.silent:
                    self._kept += [near, far]
                    continue
                far.close()
                near.close()
                continue
            self._wires.append(_Wire(self, near, far))
