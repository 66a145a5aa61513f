"""Passwords: which are taken, what is kept of them, and whether one is right.

Argon2id (RFC 9106), a tenth of a second on purpose and so never inside a transaction. What scrypt made before is
still checked, and replaced when its owner signs in.
"""

from __future__ import annotations

import os
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import NewType, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from werkzeug.security import check_password_hash

from inbox.errors import InboxError

LEAST_CHARACTERS = 12
"""Characters a password has at least; length is what counts (OWASP ASVS 4.0.3, 2.1.1)."""

MOST_CHARACTERS = 1024

Answer = TypeVar("Answer")

PasswordHash = NewType("PasswordHash", str)
"""What is kept of a password."""

NO_PASSWORD = PasswordHash("")
"""Of somebody who was invited and has not chosen one: none is right."""

_HASHER = PasswordHasher(time_cost=2, memory_cost=64 * 1024, parallelism=1)
"""64 MiB, two passes, one lane: more than OWASP asks at least (19 MiB, two passes)."""

_SCRYPT = "scrypt:"

_NICENESS = 5


class _HashingThread:
    """Hashes one after the other: each takes 64 MB and a core, and many who sign in at once shall not take all.

    It gives way to all other threads of the program; on Linux each has a niceness of its own. A child has its own.
    """

    def __init__(self) -> None:
        self._start_anew()
        os.register_at_fork(after_in_child=self._start_anew)

    def _start_anew(self) -> None:
        self._thread = ThreadPoolExecutor(1, "passwords", initializer=os.nice, initargs=(_NICENESS,))

    def run(self, hashing: Callable[..., Answer], *given: str) -> Answer:
        """What a slow function answers."""
        return self._thread.submit(hashing, *given).result()


_hashing = _HashingThread()


class WeakPassword(InboxError):
    """A password that others would guess."""

    remedy = (
        f"Choose a password of at least {LEAST_CHARACTERS} characters that nobody else would think of: "
        "four words do well."
    )


class TooShort(WeakPassword):
    """A password of too few characters, or of far too many."""


class TooCommon(WeakPassword):
    """A password many people choose, a row of keys, or the same over and over."""

    remedy = "Choose one that nobody else would think of: four words that do not belong together do well."


class LikeTheLogin(WeakPassword):
    """A password that is little more than the name its owner signs in with."""


def hash_password(password: str, login: str = "") -> PasswordHash:
    """What is kept of a password; slow on purpose, so made before a transaction begins. Raises WeakPassword."""
    check_strength(password, login)
    return _hash(password)


def _hash(password: str) -> PasswordHash:
    return PasswordHash(_hashing.run(_HASHER.hash, password))


def verify_password(kept: str | None, password: str) -> bool:
    """Whether a password is the one of which ``kept`` was made; takes as long where there is none."""
    asked, given = kept or _nobodys_hash(), password[:MOST_CHARACTERS]
    return _hashing.run(_verify, asked, given)


def _verify(asked: str, given: str) -> bool:
    if asked.startswith(_SCRYPT):
        return check_password_hash(asked, given)
    try:
        return _HASHER.verify(asked, given)
    except (Argon2Error, InvalidHashError):
        return False


def rehash_if_outdated(kept: str, password: str) -> PasswordHash | None:
    """What is to be kept of a right password instead, when ``kept`` was made in a way that is no longer ours."""
    if not kept.startswith(_SCRYPT) and not _HASHER.check_needs_rehash(kept):
        return None
    return _hash(password[:MOST_CHARACTERS])


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    """The hash of a password nobody knows, so that an unknown login takes as long as a known one."""
    return _HASHER.hash(secrets.token_urlsafe())


# --- which are taken --------------------------------------------------------------------------------

_LEAST_LETTERS = 5
"""Different characters a password has at least, also when what is guessed first is taken out."""

_ROWS = ("azertyuiop", "qsdfghjklm", "wxcvbn", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertz", "1234567890")
_ROWS_READ = tuple(row for one in (*_ROWS, "abcdefghijklmnopqrstuvwxyz") for row in (one * 2, one[::-1] * 2))
_SHORTEST_RUN = 4

_AROUND = "0123456789@$!€"
_LOOKALIKES = str.maketrans("013457@$!€", "oieastasie")


def check_strength(password: str, login: str = "") -> None:
    """Raise TooShort, TooCommon or LikeTheLogin for a password that others would guess."""
    if not LEAST_CHARACTERS <= len(password) <= MOST_CHARACTERS:
        raise TooShort(f"a password of {len(password)} characters")
    folded = _folded(password)
    if login and _is_little_more_than(folded, _folded(login)):
        raise LikeTheLogin("a password made of the login")
    if len(set(folded)) < _LEAST_LETTERS or len(_without_runs(folded)) < _LEAST_LETTERS or _is_common(folded):
        raise TooCommon("a password many people choose")


def _folded(text: str) -> str:
    """Small letters without accents, spaces and signs between them: what guessing programs try."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if letter.isalnum() or letter in "@$!€")


def _is_little_more_than(password: str, known: str) -> bool:
    return bool(known) and known in password and len(_letters(password.replace(known, ""))) < _LEAST_LETTERS


def _letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isalpha())


def _is_common(folded: str) -> bool:
    """Whether it is a common password: alone, repeated, with figures around it, or with figures for letters."""
    bare = folded.strip(_AROUND)
    for spelled in (folded, bare, folded.translate(_LOOKALIKES), bare.translate(_LOOKALIKES)):
        unit = _repeated(spelled)
        if len(unit) < _LEAST_LETTERS or not _common().isdisjoint({unit, unit.strip(_AROUND), _letters(unit)}):
            return True
    return False


def _repeated(text: str) -> str:
    """The shortest beginning of which a text is made by repetition: all of it, mostly."""
    return text[: (text + text).index(text, 1)] if text else text


def _without_runs(text: str) -> str:
    """A text without what stands side by side on a keyboard or in the alphabet."""
    left, at = "", 0
    while at < len(text):
        end = at + _SHORTEST_RUN
        if any(text[at:end] in row for row in _ROWS_READ) and end <= len(text):
            while end < len(text) and any(text[at : end + 1] in row for row in _ROWS_READ):
                end += 1
            at = end
        else:
            left, at = left + text[at], at + 1
    return left


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    lines = (Path(__file__).parent / "common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))
