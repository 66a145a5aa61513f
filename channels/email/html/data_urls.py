"""Files that a page holds within its own code, as ``data:`` addresses (RFC 2397): pictures pasted into a mail."""

from __future__ import annotations

import binascii
import re
from urllib.parse import unquote_to_bytes

_MOST_FILES = 100
_DATA = re.compile(
    r"data:(?P<type>(?:image|audio|video|application)/[\w.+-]{1,80})(?:;[\w-]{1,40}=[\w.%-]{1,100}){0,3};base64,"
    r"(?P<code>[A-Za-z0-9+/=%\s]+)",
    re.IGNORECASE,
)
EMBEDDED = "data:,"
"""What stands where a file was."""


def extract_embedded_files(html: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The page without the files in it, and each one's content type and bytes."""
    files: list[tuple[str, bytes]] = []

    def taken(found: re.Match[str]) -> str:
        content = _decoded(found["code"])
        if content:
            files.append((found["type"].lower(), content))
        return EMBEDDED if content else found[0]

    return _DATA.sub(taken, html, count=_MOST_FILES), files


def _decoded(code: str) -> bytes:
    letters = b"".join(unquote_to_bytes(code).split()).rstrip(b"=")
    try:
        return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
    except binascii.Error:
        return b""
