"""Threads whose every line says what it is: + newly written, q quoted, w forwarded, s signature, f footer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "payloads" / "email" / "threads"
LETTERS = {"+", "q", "w", "s", "f"}


@dataclass(frozen=True)
class Thread:
    """A mail's text, and what of it is new."""

    label: str
    text: str
    expected: str


def threads(name: str) -> list[Thread]:
    """The threads of one file; a line without a letter is empty, and lines above the first label are about the file."""
    _, *passages = ("\n" + (FOLDER / f"{name}.txt").read_text(encoding="utf-8")).split("\n== ")
    return [_thread(passage) for passage in passages]


def _thread(passage: str) -> Thread:
    label, _, rest = passage.partition("\n")
    lines = rest.rstrip("\n").split("\n")
    unknown = [line for line in lines if line and line[0] not in LETTERS]
    assert not unknown, (label, unknown)
    text = "\n".join(line[1:] for line in lines)
    return Thread(label, text, "\n".join(line[1:] for line in lines if line[:1] == "+"))


def as_mail(thread: Thread) -> bytes:
    """The thread as a mail of one plain text."""
    head = "From: anne@poste.example\nTo: avis@ville.example\nSubject: Re: Votre avis\nMIME-Version: 1.0\n"
    return (head + "Content-Type: text/plain; charset=utf-8\n\n" + thread.text).encode()
