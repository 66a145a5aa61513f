"""Damaged mails: each is a text or a stated reason, and none takes long; ``make soak ONLY=mutations`` tries many."""

from pathlib import Path
from typing import Any

import pytest

from channels.email import parse
from tests.soak import mutations
from tests.soak.mutations import MOST_MEMORY, MOST_SECONDS, sources, try_one
from tests.standins.damage import DAMAGES, damaged


@pytest.mark.parametrize("number", range(0, 200, 20))
def test_twenty_damaged_mails(tmp_path: Path, number: int) -> None:
    for one in range(number, number + 20):
        tried = try_one(sources(), one, tmp_path)
        assert tried.wrong == ""
        assert tried.seconds < MOST_SECONDS
        assert tried.growth < MOST_MEMORY


def test_a_mail_that_takes_too_long_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never_ends(*_: object) -> None:
        while True:
            pass

    monkeypatch.setattr(mutations, "MOST_SECONDS", 0.1)
    monkeypatch.setattr(parse, "collect_parts", never_ends)
    assert try_one(sources(), 1, tmp_path).wrong.startswith("_TooLong")


def test_a_mail_that_takes_too_much_is_noticed_after_another_took_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = parse.collect_parts

    def greedy(*arguments: Any) -> object:
        len(b"x" * 60_000_000)
        return really(*arguments)

    len(b"x" * 120_000_000)
    monkeypatch.setattr(mutations, "MOST_MEMORY", 30_000_000)
    monkeypatch.setattr(parse, "collect_parts", greedy)
    assert " B more after " in try_one(sources(), 1, tmp_path).wrong


def test_damage_can_be_repeated_and_is_of_every_kind() -> None:
    kinds = set()
    for number in range(300):
        raw, done = damaged(sources(), str(number))
        assert damaged(sources(), str(number)) == (raw, done)
        kinds |= set(done)
    assert kinds == {damage.__name__ for damage in DAMAGES}
