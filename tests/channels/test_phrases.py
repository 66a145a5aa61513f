"""Every phrase of ``phrases.txt``: keywords are found, and nothing a resident has to say is taken for one."""

import re
import unicodedata
from pathlib import Path

import pytest

from channels.base.values import Command, CommandKind
from channels.intent.keyword_commands import consent_in, keyword_command_in

HEAD = re.compile(r"\[([a-z_ ]+?)(?: ([0-9]+))?\]")


def _phrases() -> list[tuple[str, Command | None]]:
    found: list[tuple[str, Command | None]] = []
    what: Command | None = None
    for line in (Path(__file__).parent / "phrases.txt").read_text(encoding="utf-8").splitlines():
        if head := HEAD.fullmatch(line):
            kind, _, language = head[1].partition(" ")
            what = None if kind == "contribution" else Command(CommandKind(kind), head[2], language or None)
        elif line and not line.startswith("# "):
            found.append((line.replace("⏎", "\n"), what))
    return found


PHRASES = _phrases()
ASKED = (CommandKind.YES, CommandKind.NO)


@pytest.mark.parametrize(("phrase", "expected"), PHRASES, ids=[phrase for phrase, _ in PHRASES])
def test_a_phrase(phrase: str, expected: Command | None) -> None:
    is_answer = expected is not None and expected.kind in ASKED
    assert keyword_command_in(phrase) == (None if is_answer else expected)
    assert consent_in(phrase) == (expected if is_answer else None)


def test_there_are_enough_of_them_and_none_twice() -> None:
    assert len(PHRASES) >= 400
    assert len({phrase for phrase, _ in PHRASES}) == len(PHRASES)
    contributions = [unicodedata.normalize("NFKD", phrase).casefold() for phrase, what in PHRASES if what is None]
    assert len(set(contributions)) == len(contributions) >= 250
    assert {what.kind for _, what in PHRASES if what is not None} == set(CommandKind)
