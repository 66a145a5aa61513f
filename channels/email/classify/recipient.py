"""Which of a mailbox's addresses a mail was sent to: avis+parc@… reaches avis@… and names a subject (RFC 5233)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

_HEADER = re.compile(rb"^([!-9;-~]+)[ \t]*:(.*(?:\r?\n[ \t].*)*)", re.MULTILINE)
# Words, of which some are addresses: a pattern that looks for the @ as well would begin anew at every letter of a word.
_WORD = re.compile(rb"[^\s<>,;:\"()]+")
_MOST_NAMED = 100
"""Addresses of this mailbox in one mail; more are nobody's way to name a subject."""
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")


def plus_addresses(beginning: bytes, mailbox: str, headers: Sequence[str]) -> Iterator[str]:
    """The first addresses with a plus under which ``mailbox`` is named, by header as given; lower case, each once."""
    return islice(dict.fromkeys(_named(beginning, mailbox, headers)), _MOST_NAMED)


def _named(beginning: bytes, mailbox: str, headers: Sequence[str]) -> Iterator[str]:
    end = _END_OF_HEAD.search(beginning)
    head = beginning[: end.start()] if end else beginning
    user, _, domain = mailbox.lower().partition("@")
    # Most mail names no such address anywhere: nothing has to be taken apart to know that.
    if f"{user}+".encode() not in head.lower():
        return
    said = [(found[1].lower(), found[2]) for found in _HEADER.finditer(head)]
    for name in headers:
        for header, value in said:
            if header != name.lower().encode():
                continue
            for address in _WORD.findall(value):
                spelled = address.decode("utf-8", "replace").lower()
                local, _, at = spelled.partition("@")
                base, plus, _ = local.partition("+")
                if plus and base == user and at == domain:
                    yield spelled
