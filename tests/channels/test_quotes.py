"""What people newly wrote, in the manner of the mail programs they use; in French first, then elsewhere."""

import json
import os
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.reply.splitting import split_reply
from tests.channels.folding import FORWARDED, folded

FOLDER = Path(__file__).parent.parent / "payloads" / "email"
THREADS = tomllib.loads((FOLDER / "threads.toml").read_text(encoding="utf-8"))["thread"]
PROSE = [one["text"] for one in tomllib.loads((FOLDER / "prose.toml").read_text(encoding="utf-8"))["prose"]]
CORPUS = "emails/crisp_reply_parser"


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["unix", "windows"])
@pytest.mark.parametrize("thread", THREADS, ids=[thread["program"] for thread in THREADS])
def test_threads(thread: dict[str, Any], line_end: str) -> None:
    split = split_reply(thread["text"].replace("\n", line_end))
    assert split.body == thread["body"]
    assert [one.kind for one in split.aside] == thread["aside"]


@pytest.mark.parametrize("text", PROSE)
def test_prose_is_left_alone(text: str) -> None:
    split = split_reply(text)
    assert (split.body, split.aside) == (text, ())


def squeezed(text: str) -> str:
    return "".join(sorted("".join(text.split())))


visible = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Zl", "Zp")), max_size=80)
MARKS = [
    "> oui",
    ">",
    "-- ",
    "Cordialement",
    "Le 12/03/2026 à 10:11, Ville a écrit :",
    "De : a@b.example",
    "Envoyé : 12 mars",
    "Objet : x",
    "-----Message d'origine-----",
    "________________",
    "Envoyé de mon iPhone",
    "PS : x",
    "",
]
lines = st.lists(st.one_of(visible, st.sampled_from(MARKS)), max_size=25)


@given(lines)
def test_every_character_is_kept_somewhere(written: list[str]) -> None:
    text = "\n".join(written)
    split = split_reply(text)
    kept = split.body + "".join(one.text for one in split.aside)
    assert squeezed(kept) == squeezed(text)


HOSTILE = {
    "one endless line": "a" * 2_000_000,
    "endless blanks": " " * 2_000_000,
    "endless quotation marks": "> " * 500_000,
    "endless empty lines": "\n" * 500_000,
    "many attributions that do not end": "Le 12/03/2026 à 10:11, a a a a a a a a a\n" * 20_000,
    "many verbs": ("1 " + "a écrit " * 45 + "\n") * 5_000,
    "many headers": "De : a@b.example\n" * 30_000,
    "many labels": ("De : " * 150 + "\n") * 3_000,
    "many separators": "-----\n" * 100_000,
    "many closings": "Cordialement,\nAnne\n" * 30_000,
    "many footers": "Ce message est ici\n" * 50_000,
    "many addresses": ("1:11 2026 " + "a@b " * 90 + ":\n") * 5_000,
    "many dates": ("On " + "12 mars 2026 10:11 " * 20 + "\n") * 5_000,
    "many telephones": ("Envoyé de " + "x " * 40 + "\n") * 20_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_takes_seconds_at_most(text: str) -> None:
    started = time.process_time()
    split_reply(text)
    assert time.process_time() - started < 10


def _exact(expected: str, got: str) -> bool:
    return " ".join(expected.split()) == " ".join(got.split())


def test_the_share_of_exact_replies_beats_the_library() -> None:
    """Measured on the fixtures of another project's parser, which are not ours to copy."""
    corpus = os.environ.get("PORTEVOIX_CORPUS")
    if not corpus:
        pytest.skip("PORTEVOIX_CORPUS is not set: there is nothing to measure on")
    library = pytest.importorskip("mailparser_reply").EmailReplyParser(
        languages=["fr", "en", "de", "it", "nl", "pl", "es", "da", "sv", "pt", "ru", "fi", "no", "ja", "cs"]
    )
    folder = Path(corpus) / CORPUS
    strictly = folding = theirs = 0
    labelled = []
    for one in json.loads((folder / "expected.json").read_text(encoding="utf-8")):
        expected = one.get("expected_visible_text", one.get("expected_first_fragment"))
        if expected is not None:
            labelled.append((expected, (folder / one["fixture"]).read_text(encoding="utf-8")))
    for expected, text in labelled:
        split = split_reply(text)  # the fixtures have no headers: they are given as answers
        strictly += _exact(expected, folded(split.body, split.passages, FORWARDED))
        folding += _exact(expected, folded(split.body, split.passages))
        theirs += _exact(expected, library.read(text).replies[0].body)
    assert len(labelled) >= 40
    print(f"{strictly} strictly, {folding} with what is perhaps no part of it folded away, of {len(labelled)}")
    assert folding >= 41 / 42 * len(labelled)
    assert strictly >= 37 / 42 * len(labelled)
    assert strictly > theirs
