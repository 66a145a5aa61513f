"""The body of a part written to a file while it is read: decoded, and never held whole."""

from __future__ import annotations

import binascii
from pathlib import Path
from typing import BinaryIO

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_AT_ONCE = 65_536
_NOT_BASE64 = bytes(byte for byte in range(256) if byte not in _BASE64)


class DecodedBody:
    """Takes a body in pieces that end where its lines end, or where no more of a line is to be held at once."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file = file
        self._encoding = encoding
        self._held = b""
        """What can only be decoded with what follows it."""
        self._line_end = b""
        """The end of the last line: before a boundary it belongs to the boundary (RFC 2046 §5.1.1)."""
        self._ended = False

    def write(self, piece: bytes) -> None:
        """Decode one more piece; what is no code of its encoding is passed over."""
        if self._encoding == "base64":
            self._write_base64(piece)
        elif self._encoding == "quoted-printable":
            self._write_quoted(piece)
        elif self._encoding in ("x-uuencode", "uuencode", "uue", "x-uue"):
            self._write_uu(piece)
        else:
            self._write_line(piece)

    def end(self) -> None:
        """The body is over."""
        if self._encoding == "base64" and len(self._held) > 1:
            self._file.write(binascii.a2b_base64(self._held + b"=" * (-len(self._held) % 4)))
        elif self._encoding == "quoted-printable":
            self._file.write(self._held)
        self._file.close()

    def _write_base64(self, piece: bytes) -> None:
        if self._ended:
            return
        letters, padding, _ = (self._held + piece.translate(None, _NOT_BASE64)).partition(b"=")
        self._ended = bool(padding)  # as in the email package, what stands after the padding is not read
        whole = len(letters) // 4 * 4
        self._file.write(binascii.a2b_base64(letters[:whole]))
        self._held = letters[whole:]

    def _write_quoted(self, piece: bytes) -> None:
        line = self._held + piece
        text = line.rstrip(b"\r\n")
        ends, self._held = text != line, b""
        if not ends and b"=" in text[-2:]:  # half a code
            start = text.rindex(b"=", len(text) - 2)
            text, self._held = text[:start], text[start:]
        soft = ends and text.rstrip(b" \t").endswith(b"=")
        self._file.write(self._line_end + binascii.a2b_qp(text + b"\n" if soft else text))
        self._line_end = b"" if soft else line[len(text) :] if ends else b""

    def _write_uu(self, piece: bytes) -> None:
        if piece.startswith(b"end") or self._ended:
            self._ended = True
        elif not piece.startswith(b"begin "):
            try:
                self._file.write(binascii.a2b_uu(piece.rstrip(b"\r\n")))
            except binascii.Error:
                return

    def _write_line(self, piece: bytes) -> None:
        text = piece.rstrip(b"\r\n")
        self._file.write(self._line_end + text)
        self._line_end = piece[len(text) :]


class PartBody:
    """The body of one part: held up to a length, then a file's goes into a file and of a text the beginning is kept."""

    def __init__(self, target: Path, encoding: str, *, is_file: bool, most_held: int) -> None:
        self.held = bytearray()
        self.path: Path | None = None
        """The file it went into, decoded."""
        self.cut = False
        """Whether more than what is held was there and is in no file."""
        self._target, self._encoding = target, encoding
        self._is_file, self._most_held = is_file, most_held
        self._writer: DecodedBody | None = None

    def write(self, piece: bytes) -> None:
        """One more piece of it."""
        if self._writer is not None:
            self._writer.write(piece)
        elif not self.cut:
            self.held += piece
            if len(self.held) > self._most_held:
                self._overflow()

    def end(self) -> None:
        """It is over."""
        if self._writer is not None:
            self._writer.end()

    def _overflow(self) -> None:
        if not self._is_file:
            self.cut = True
            return
        self.path = self._target
        self._writer = DecodedBody(self._target.open("wb"), self._encoding)
        for line in bytes(self.held).splitlines(keepends=True):
            self._writer.write(line)
        self.held.clear()


def copy_slice(source: Path, start: int, end: int, target: Path) -> Path:
    """Copy some of a file, in bounded memory."""
    with source.open("rb") as file, target.open("wb") as copy:
        file.seek(start)
        left = end - start
        while left > 0 and (piece := file.read(min(_AT_ONCE, left))):
            copy.write(piece)
            left -= len(piece)
    return target
