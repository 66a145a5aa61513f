"""Time grows with length and no faster, whatever a text or a mail repeats; ``make soak ONLY=fuzz`` tries all of it."""

from __future__ import annotations

import random

import pytest

from channels.intent import keyword_commands
from tests.soak.fuzz import grows, made_up
from tests.standins.growing import HEAD, TEXTS, mails, read_mail

QUOTED = b"Content-Type: text/html\n\n" + b"<blockquote>" * 100


def nested(size: int) -> bytes:
    return HEAD + QUOTED + b"a<br>" * (size // 5)


def rowspans(size: int) -> bytes:
    return HEAD + b"Content-Type: text/html\n\n<table>" + b"<tr><td rowspan=9999>a<td>b</tr>" * (size // 32)


HEADERS = {f"{header}: {unit!r}" for header in ("To", "From", "References") for unit in ("a", "<", "(", "@")}
FOUND = {
    "courtesies": (keyword_commands.consent_in, lambda size: "Cordialement,\n" * (size // 14)),
    "thanks": (keyword_commands.consent_in, lambda size: "merci beaucoup " * (size // 15)),
    "greetings": (keyword_commands.consent_in, lambda size: "bonjour bonjour et " * (size // 19)),
    "lines in nested quotations": (read_mail, nested),
    "cells over all rows": (read_mail, rowspans),
    **{name: (read_mail, make) for name, make in mails() if name in HEADERS},
}


@pytest.mark.parametrize("name", FOUND)
def test_time_grows_with_length_alone(name):
    read, make = FOUND[name]
    assert grows(read, make, 64_000) == ""


def test_whatever_is_written_is_read():
    chance = random.Random(2027)
    for _ in range(40):
        text = made_up(chance)
        for read in TEXTS.values():
            read(text)


@pytest.mark.parametrize("half", [0xD800, 0xDFFF, 0xD83D, 0xDCE9])
def test_half_a_character_is_read(half):
    for read in TEXTS.values():
        read(f"Des bancs {chr(half)} svp")
