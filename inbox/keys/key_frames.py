"""What is said between who needs data keys and the key service: frames of a length (four bytes) and JSON."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

MOST_BYTES = 4 * 1024 * 1024
"""Of a frame; a batch of light steps asks in some kilobytes."""
MOST_KEYS = 20_000
_LENGTH_BYTES = 4


class FrameError(ValueError):
    """What came is not of the form that is agreed."""


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """Which data keys are wanted, and what for."""

    key_ids: frozenset[int]
    leases: frozenset[tuple[int, int]] = frozenset()
    """Of steps: id and token."""
    call: int | None = None
    """The intake of a call that goes on, for whose caller something is played."""

    def as_json(self) -> dict[str, Any]:
        """As it is sent."""
        return {"keys": sorted(self.key_ids), "leases": sorted(self.leases), "call": self.call}

    @classmethod
    def of_json(cls, said: Any) -> KeyRequest:
        """As it came; raises ``FrameError``."""
        try:
            leases = frozenset((_number(step_id), _number(token)) for step_id, token in said["leases"])
            call = None if said["call"] is None else _number(said["call"])
            wanted = frozenset(_number(one) for one in said["keys"])
        except (KeyError, TypeError, ValueError) as error:
            raise FrameError("not a request for keys") from error
        if len(wanted) > MOST_KEYS or len(leases) > MOST_KEYS:
            raise FrameError("too many keys at once")
        return cls(wanted, leases, call)


def _number(said: Any) -> int:
    if type(said) is not int or not 0 <= said < 2**62:
        raise FrameError("not a number of a row")
    return said


@dataclass(frozen=True, slots=True)
class KeyAnswer:
    """The data keys that were opened, and those wanted that were refused; of what is neither there is no key left."""

    keys: Mapping[int, bytes]
    refused: frozenset[int] = frozenset()
    trouble: str = ""
    """Why nothing could be looked at just now."""

    def as_json(self) -> dict[str, Any]:
        """As it is sent."""
        keys = {str(key_id): key.hex() for key_id, key in self.keys.items()}
        return {"keys": keys, "refused": sorted(self.refused), "trouble": self.trouble}

    @classmethod
    def of_json(cls, said: Any) -> KeyAnswer:
        """As it came; raises ``FrameError``."""
        try:
            keys = {int(key_id): bytes.fromhex(key) for key_id, key in said["keys"].items()}
            return cls(keys, frozenset(map(_number, said["refused"])), str(said["trouble"]))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise FrameError("not an answer of the key service") from error


def send_frame(line: socket.socket, said: Mapping[str, Any]) -> None:
    """Send one frame; raises ``OSError``."""
    body = json.dumps(said, separators=(",", ":")).encode()
    line.sendall(len(body).to_bytes(_LENGTH_BYTES, "big") + body)


def receive_frame(line: socket.socket) -> Any:
    """The next frame; None when the other side has ended. Raises ``FrameError`` and ``OSError``."""
    head = _receive(line, _LENGTH_BYTES)
    if not head:
        return None
    size = int.from_bytes(head, "big")
    if len(head) < _LENGTH_BYTES or size > MOST_BYTES:
        raise FrameError("not a frame")
    body = _receive(line, size)
    if len(body) < size:
        raise FrameError("a frame was cut short")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise FrameError("not JSON") from error


def _receive(line: socket.socket, size: int) -> bytes:
    return b"".join(_pieces(line, size))


def _pieces(line: socket.socket, left: int) -> Iterable[bytes]:
    while left:
        piece = line.recv(min(left, 65536))
        if not piece:
            return
        left -= len(piece)
        yield piece
