"""Answers on paper: letters for windowed envelopes, and sheets of references with answers to hang up in a centre."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from channels.paper.geometry import Rectangle
from channels.paper.laying.typeset import wrap_text
from channels.paper.printing.running_text import HEADING, LARGE, NUMBER, PLAIN, SMALL, RunningText
from config.wording.consultation import Consultation
from config.wording.digit_groups import group_by_three
from config.wording.message_catalog import resident_text

WINDOW = Rectangle(105.0, 48.0, 85.0, 36.0)
"""Where the address stands: seen through the window at the right of a French DL or C5 envelope (NF Z 11-001)."""
_SENDER = Rectangle(22.0, 18.0, 75.0, 28.0)
_BODY_FROM = 98.0


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter: to whom, as lines, and what it says."""

    address: tuple[str, ...]
    language: str
    body: str
    """The text ``paper_letter``, filled."""
    consultation: Consultation


@dataclass(frozen=True, slots=True)
class Notice:
    """What a centre's sheet says about one reference, or about several that are told the same."""

    references: tuple[str, ...]
    outcome: str
    answer: str


def print_letters(letters: Sequence[Letter]) -> bytes:
    """One PDF, each letter on a page of its own or more, folded in three so that the address shows."""
    first = letters[0]
    out = RunningText("letters", first.consultation.town_name, first.language)
    for letter in letters:
        out.new_page()
        out.lines_at([letter.consultation.town_name, *_lines(letter.consultation.controller)], _SENDER, SMALL)
        out.lines_at([line for one in letter.address for line in _lines(one)], WINDOW, PLAIN)
        out.y = _BODY_FROM
        for paragraph in letter.body.strip().split("\n\n"):
            out.paragraph(paragraph.strip(), PLAIN, letter.language)
    return out.finished()


def _lines(words: str) -> list[str]:
    return wrap_text(words, PLAIN.size, WINDOW.width, right_to_left=False)


def print_notices(consultation: Consultation, language: str, sheets: Sequence[tuple[str, Sequence[Notice]]]) -> bytes:
    """One PDF of sheets in large print; ``sheets`` are the centres, each with its notices, on pages of its own."""
    out = RunningText("notices", consultation.town_name, language)
    for centre, notices in sheets:
        out.new_page()
        out.paragraph(resident_text("paper_notice_title", language, consultation), HEADING, language, gap=1.5)
        heading = consultation.title.get(language) or consultation.title[consultation.language]
        out.paragraph(" – ".join(filter(None, (heading, centre))), LARGE, language)
        out.paragraph(resident_text("paper_notice_intro", language, consultation), LARGE, language, gap=5)
        for notice in notices:
            _notice(out, notice, language)
    return out.finished()


def _notice(out: RunningText, notice: Notice, language: str) -> None:
    # Numbers part between lines, never within themselves.
    numbers = "\u2003 ".join(group_by_three(one).replace(" ", "\u00a0") for one in notice.references)
    said = "\n".join(filter(None, (f"{notice.outcome}." if notice.outcome else "", notice.answer)))
    out.keep_together(out.height_of(numbers, NUMBER, language) + out.height_of(said, LARGE, language) + 8)
    out.rule()
    out.paragraph(numbers, NUMBER, language, gap=1.5)
    out.paragraph(said, LARGE, language, gap=4)
