"""A text with the passages a reader should know something of: forwarded, or perhaps not meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from inbox.web.base.labels import PASSAGES, Label


@dataclass(frozen=True, slots=True)
class TextPiece:
    """A stretch of a text; with a label it is a passage, made of pieces itself."""

    text: str = ""
    label: Label = ""
    inner: tuple[TextPiece, ...] = ()


def text_pieces(text: str, passages: Sequence[dict[str, Any]]) -> tuple[TextPiece, ...]:
    """The text in pieces; a passage that does not stand there any more, because somebody reworded it, is left out.

    The passages come in the order of the text, an outer one before those within it.
    """
    places: list[tuple[int, int, Label]] = []
    around: list[tuple[int, int]] = []  # of the passages this one may stand in: where each ended, and ends now
    begin = 0
    for one in passages:
        while around and around[-1][0] <= one["start"]:
            begin = around.pop()[1]
        at = text.find(one["text"], begin) if one["text"] else -1
        if at >= 0:
            begin, end = at, at + len(one["text"])
            around.append((one["end"], end))
            places.append((at, end, PASSAGES.get(one["kind"], one["kind"])))
    return tuple(_pieces(text, 0, len(text), places))


def _pieces(text: str, start: int, end: int, places: list[tuple[int, int, Label]]) -> list[TextPiece]:
    found: list[TextPiece] = []
    at = start
    for number, (begin, stop, label) in enumerate(places):
        if not (at <= begin and stop <= end):
            continue
        if before := text[at:begin].strip("\n"):
            found.append(TextPiece(before))
        found.append(TextPiece(label=label, inner=tuple(_pieces(text, begin, stop, places[number + 1 :]))))
        at = stop
    if (rest := text[at:end].strip("\n")) or not found:
        found.append(TextPiece(rest))
    return found
