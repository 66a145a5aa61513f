"""Feeds a limited child its input and takes what it says, never more than allowed."""

from __future__ import annotations

import os
import selectors
import time
from typing import IO, Any

from config.sandbox.child_endings import TooMuchOutput, TooSlow

MIB = 1024 * 1024
_STDERR_BYTES = 64 * 1024


Streams = tuple[IO[bytes] | None, IO[bytes] | None, IO[bytes] | None]
"""A child's standard input, output and error."""


class ChildTalk:
    """Feeds a child its input and takes what it says, never more than allowed."""

    def __init__(self, program: str, streams: Streams, stdin: bytes | None, output_mb: float) -> None:
        self.program = program
        self.stdout = bytearray()
        self.stderr = b""
        self._most = int(output_mb * MIB)
        self._to_say = memoryview(stdin or b"")
        self._ear, self._mouth, self._complaints = streams
        self._selector = selectors.DefaultSelector()
        for stream, event in (
            (self._ear, selectors.EVENT_WRITE),
            (self._mouth, selectors.EVENT_READ),
            (self._complaints, selectors.EVENT_READ),
        ):
            if stream is not None:
                os.set_blocking(stream.fileno(), False)
                self._selector.register(stream, event)

    def until(self, deadline: float) -> None:
        """Talk until the child has closed both its outputs."""
        with self._selector:
            while self._selector.get_map():
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TooSlow(self.program, "took too long", self.stderr)
                for key, _ in self._selector.select(left):
                    self._exchange(key.fileobj)

    def _exchange(self, stream: Any) -> None:
        if self._ear is not None and stream is self._ear:
            self._say(self._ear)
            return
        heard = os.read(stream.fileno(), 1 << 16)
        if not heard:
            self._selector.unregister(stream)
        elif stream is self._complaints:
            self.stderr = (self.stderr + heard)[-_STDERR_BYTES:]
        elif len(self.stdout) + len(heard) > self._most:
            raise TooMuchOutput(self.program, "wrote too much", self.stderr)
        else:
            self.stdout += heard

    def _say(self, stream: IO[bytes]) -> None:
        try:
            self._to_say = self._to_say[os.write(stream.fileno(), self._to_say[: 1 << 16]) :]
        except BrokenPipeError:
            self._to_say = self._to_say[:0]  # it did not want to hear the rest
        if not self._to_say:
            self._selector.unregister(stream)
            stream.close()
