"""Who a mail says it is from, and what its way says about that: shown to a person, never judged by us."""

from __future__ import annotations

import re
import unicodedata
from email.message import Message
from email.utils import getaddresses

from channels.base.values import Address
from channels.email.encoding.decode import (
    decode_encoded_words,
    first_address,
    raw_header_values,
    strip_controls,
    to_text,
)

_ADDRESS = re.compile(r"[^\s<>\"']{1,64}@[^\s<>\"']{1,253}")
_DIRECTION = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_WORD = re.compile(r"[^\W\d_]+")
# Written together in one word by the people who write them; any other pair in one word is a disguise.
_TOGETHER = ({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}, {"CJK", "HANGUL"}, {"CJK", "BOPOMOFO"})
_RESULTS = ("Authentication-Results", "Received-SPF")
_MOST_RESULTS = 5
_LONGEST_RESULT = 1000


def sender_name(message: Message) -> str:
    """The name beside the sender's address, on one line; "" when there is none."""
    for value in raw_header_values(message, "From")[:1]:
        try:
            pairs = getaddresses([to_text(value.encode("utf-8", "surrogateescape"), None)[0]])
        except Exception:  # noqa: BLE001 (the email package raises at will over damaged headers)
            return ""
        # Direction marks stay: they are part of the disguise.
        return next((strip_controls(decode_encoded_words(name))[:200] for name, _ in pairs[:1]), "")
    return ""


def envelope_sender(message: Message) -> Address | None:
    """The address in the topmost Return-Path; None where none is noted or it is not well-formed.

    The server that delivers puts its own above everything (RFC 5321 §4.4): any other came with the mail.
    """
    topmost = Message()
    for value in raw_header_values(message, "Return-Path")[:1]:
        topmost["Return-Path"] = value
    return first_address(topmost, "Return-Path")


def disguise_warnings(name: str, address: str) -> tuple[str, ...]:
    """What in a sender's name or address looks like something else: scripts mixed in one word, another's address."""
    found: dict[str, None] = {}
    for word in _WORD.findall(f"{name} {address}"):
        scripts = {_script(letter) for letter in word} - {""}
        if len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER):
            found[f"{word} ({', '.join(sorted(scripts))})"] = None
    if _DIRECTION.search(name):
        found["U+202E …"] = None
    if any(one.lower() != address.lower() for one in _ADDRESS.findall(name)):
        found["another address as a name"] = None
    if any(label.startswith("xn--") for label in address.lower().rpartition("@")[2].split(".")):
        found["xn--"] = None
    return tuple(found)[:10]


def authentication_results(message: Message) -> tuple[str, ...]:
    """What mail servers on the way found out about the sender, as they wrote it, the last server's word first."""
    values = [
        f"{name}: {decode_encoded_words(value)[:_LONGEST_RESULT]}"
        for name in _RESULTS
        for value in raw_header_values(message, name)
    ]
    return tuple(values[:_MOST_RESULTS])


def _script(letter: str) -> str:
    """The script of a letter by its Unicode name; "" where it has none of its own."""
    name = unicodedata.name(letter, "")
    return "" if name.startswith(("MODIFIER", "COMBINING")) else name.partition(" ")[0]
