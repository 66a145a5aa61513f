"""A text in base64 that is not whole: below it a list or an antivirus program wrote lines of its own, as they are."""

from __future__ import annotations

import binascii
import re

_NO_CODE = re.compile(r"[^A-Za-z0-9+/=]")
_DAMAGED = 0.1
"""Share of a line's characters that may have been damaged on its way."""


def decode_broken_base64(code: str) -> bytes:
    """What can be decoded, block by block, and below it, as they stand, the lines that are no code."""
    decoded, block = bytearray(), ""
    lines = [line.strip() for line in code.splitlines()]
    end = next((i for i, line in enumerate(lines) if i and not _is_code(line)), len(lines))
    for line in lines[:end]:
        block += _NO_CODE.sub("", line)
        if block.endswith("="):
            decoded += _block(block) + b"\n"
            block = ""
    decoded += _block(block)
    rest = "\n".join(lines[end:])
    return bytes(decoded) + (f"\n\n{rest}".encode("utf-8", "surrogateescape") if rest else b"")


def _is_code(line: str) -> bool:
    return " " not in line and len(_NO_CODE.findall(line)) <= _DAMAGED * len(line)


def _block(code: str) -> bytes:
    letters = code.replace("=", "")
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    return binascii.a2b_base64(letters + "=" * (-len(letters) % 4))
