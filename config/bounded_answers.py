"""Answers of web servers read within limits: so many bytes, for so long, however slowly they come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import requests
from urllib3.exceptions import HTTPError

_PIECE_BYTES = 64 * 1024


class AnswerTooLong(requests.RequestException):
    """An answer of more bytes than are read."""


class AnswerTooSlow(requests.ReadTimeout):
    """An answer that has not ended in time."""


def bounded_pieces(
    answer: requests.Response, most_bytes: int, seconds: float, clock: Callable[[], float] = time.monotonic
) -> Iterator[bytes]:
    """The body of a streamed answer, decompressed, as it comes; closed at its end, or when it is given up.

    Raises ``AnswerTooLong``, ``AnswerTooSlow``, and ``requests.ConnectionError`` where it breaks off.
    """
    give_up_at, size = clock() + seconds, 0
    try:
        # What has come by now, not so many bytes: a byte a second would otherwise be waited for each time.
        while piece := answer.raw.read1(_PIECE_BYTES, decode_content=True):
            size += len(piece)
            if size > most_bytes:
                raise AnswerTooLong(f"more than {most_bytes} bytes")
            if clock() > give_up_at:
                raise AnswerTooSlow(f"no end after {seconds:g} s")
            yield piece
    except HTTPError as error:
        raise requests.ConnectionError("the answer broke off") from error
    finally:
        answer.close()


def read_bounded(answer: requests.Response, most_bytes: int, seconds: float) -> bytes:
    """The whole body; raises as ``bounded_pieces`` does."""
    return b"".join(bounded_pieces(answer, most_bytes, seconds))
