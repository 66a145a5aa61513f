"""A large mail made lean: in one pass and bounded memory, long files to files of their own, and the rest as it was.

Boundaries and heads are told apart as the ``email`` package does it, which then reads what is left.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from channels.email.encoding.body_decoder import PartBody, copy_slice
from channels.email.mime.part_head import LeanMail, NestedMessage, PartHead, mark_detached_body

SMALL = 100_000
"""Bytes: a mail up to this size is read as it is."""
_LONGEST_PIECE = 65_536
_LONGEST_HEAD = 262_144
_LONG_FILE, _LONG_TEXT = 262_144, 6_000_000  # a million characters, each an escaped pair of bytes
_MUCH = 4_000_000
_LONG_WHEN_MUCH = 4096
_MOST_PARTS = 600
_DEEPEST = 50
_MOST_FORWARDED, _DEEPEST_FORWARDED = 3, 30
_HEADER_LINE = re.compile(rb"From |[\041-\071\073-\176]*:|[\t ]")  # as the email package tells it


def detach_long_files(source: Path, folder: Path, most_bytes: int = 0) -> LeanMail:
    """The mail in a file, or its beginning of at most ``most_bytes`` (0: no limit); its long files go to ``folder``.

    Raises ``OSError`` when the one cannot be read or the other not be written.
    """
    left = min(source.stat().st_size, most_bytes or source.stat().st_size)
    with source.open("rb") as file:
        if left <= SMALL:
            return LeanMail(file.read(left))
        work = _Pass(folder)
        while piece := file.readline(min(_LONGEST_PIECE, left)):
            left -= len(piece)
            work.read(piece)
    return work.end(source)


class _Pass:
    """The pass through one mail; a piece is a line, or as much of it as is held at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._out = bytearray()
        self._lean = LeanMail(b"")
        self._boundaries: list[bytes] = []
        self._forwarded: list[NestedMessage] = []
        self._head: bytearray | None = bytearray()
        """The head being read; None behind it."""
        self._body: PartBody | None = None
        """The body being read; None between parts."""
        self._above, self._mark = b"", ""
        """The head of the body being read, and the name of the file it may become."""
        self._parts, self._within, self._offset = 1, 0, 0
        self._line_end, self._line_end_before = 1, 1

    def read(self, piece: bytes) -> None:
        """One more piece."""
        begins, self._line_end_before = self._line_end > 0, self._line_end
        self._line_end = len(piece) - len(piece.rstrip(b"\r\n"))
        if begins and self._boundaries and piece.startswith(b"--") and self._ends_part(piece):
            pass
        elif self._head is not None:
            self._read_head(piece, begins=begins)
        elif self._body is not None:
            self._body.write(piece)
        self._offset += len(piece)

    def end(self, source: Path) -> LeanMail:
        """What is left of the mail."""
        self._line_end_before = 0
        self._close(0)
        for one in self._forwarded:
            if one.end - one.start > _LONG_FILE:
                self._lean.kept[one.mark] = copy_slice(source, one.start, one.end, self._folder / f"kept-{one.mark}")
        self._lean.raw = bytes(self._out)
        return self._lean

    def _ends_part(self, line: bytes) -> bool:
        """Whether this line is a boundary; if so, it is taken."""
        text = line.rstrip(b"\r\n \t")[2:]
        for index in reversed(range(len(self._boundaries))):
            if text not in (self._boundaries[index], self._boundaries[index] + b"--"):
                continue
            closes = text != self._boundaries[index]
            self._close(index + 1)
            del self._boundaries[index if closes else index + 1 :]
            self._parts += 1
            self._lean.cut |= self._parts > _MOST_PARTS
            if self._parts <= _MOST_PARTS or closes:
                self._out += line
            self._head = None if closes or self._parts > _MOST_PARTS else bytearray()
            return True
        return False

    def _read_head(self, piece: bytes, *, begins: bool) -> None:
        assert self._head is not None
        is_blank = begins and not piece.strip(b"\r\n")
        if is_blank or (begins and not _HEADER_LINE.match(piece)):
            self._begin_body(bytes(self._head), piece if is_blank else b"")
            if self._head is not None and not is_blank:
                self._read_head(piece, begins=True)
            elif self._body is not None and not is_blank:
                self._body.write(piece)
        elif len(self._head) < (_LONG_WHEN_MUCH if len(self._out) > _MUCH else _LONGEST_HEAD):
            self._head += piece
        else:
            self._lean.cut = True

    def _begin_body(self, head: bytes, blank: bytes) -> None:
        said = PartHead.read(head)
        self._mark = secrets.token_hex(16)
        if said.kind == "message/rfc822" and not said.is_encoded and self._within < _DEEPEST_FORWARDED:
            self._within += 1
            self._out += mark_detached_body(head, self._mark)
            if self._within <= _MOST_FORWARDED:
                start = self._offset + len(blank)
                self._forwarded.append(NestedMessage(self._mark, len(self._boundaries), start))
            self._head = bytearray()
            return
        self._head, self._above = None, head + blank
        if said.boundary and len(self._boundaries) < _DEEPEST:
            self._boundaries.append(said.boundary)
        long = _LONG_WHEN_MUCH if len(self._out) > _MUCH else _LONG_FILE if said.is_file else _LONG_TEXT
        long = 0 if said.kind == "message/rfc822" and self._within >= _DEEPEST_FORWARDED else long
        target = self._folder / f"kept-{self._mark}"
        self._body = PartBody(target, said.encoding, is_file=said.is_file, most_held=long)

    def _close(self, level: int) -> None:
        """End the part, and the forwarded messages that stand behind so many boundaries or more."""
        if self._head is not None:
            self._out += self._head
        elif self._body is not None:
            self._body.end()
            self._lean.cut |= self._body.cut
            if self._body.path is not None:
                self._lean.kept[self._mark] = self._body.path
                self._out += mark_detached_body(self._above, self._mark)
            else:
                self._out += self._above + self._body.held + (b"\n" if self._body.cut else b"")
        self._head = self._body = None
        for one in self._forwarded:
            if not one.end and one.depth >= level:
                one.end = self._offset - self._line_end_before
