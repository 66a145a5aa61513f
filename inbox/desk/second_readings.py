"""What a second engine heard instead: where two differ a person chooses, and the choice is a correction."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy.orm import Session

from config.wording.stems import fold
from inbox.contributions import transcripts
from inbox.contributions.text_assembly import parts_of_contribution
from inbox.models import Contribution

DISPUTED = 0.5
"""The most confidence of a word that two engines heard otherwise (``transcription.audio.witnesses``)."""

_WORD = re.compile(r"[^\W_]+")
_CHOICE = re.compile(r"([0-9]{1,9})-([0-9]{1,6})")


@dataclass(frozen=True, slots=True)
class DifferingPassage:
    """Words from ``start`` to before ``end`` of a transcript, and what the other engine heard instead."""

    start: int
    end: int
    other: str


@dataclass(frozen=True, slots=True)
class ReadingChoice:
    """The other reading of the passage that begins with a word of a medium's transcript."""

    medium_id: int
    start: int


def parse_choice(value: str) -> ReadingChoice | None:
    """A choice as a form sends it, ``medium-word``; None where it is none."""
    found = _CHOICE.fullmatch(value)
    return ReadingChoice(int(found[1]), int(found[2])) if found else None


def differing_passages(words: Sequence[dict[str, Any]]) -> list[DifferingPassage]:
    """Where two engines differ and both heard something: the other reading stands at the first word of each."""
    found = []
    for start, word in enumerate(words):
        if not word.get("other"):
            continue
        end = start + 1
        while end < len(words) and float(words[end]["confidence"]) <= DISPUTED and not words[end].get("other"):
            end += 1
        found.append(DifferingPassage(start, end, str(word["other"])))
    return found


def apply_choices(body: str, words: Sequence[dict[str, Any]], starts: Collection[int]) -> str:
    """A text with the other reading of the passages that begin at ``starts``; where somebody reworded one, theirs."""
    typed = [(found.start(), found.end(), fold(found.group())) for found in _WORD.finditer(body)]
    heard = [(place, part) for place, word in enumerate(words) for part in fold(str(word["text"])).split()]
    matcher = SequenceMatcher(None, [part for _, part in heard], [part for *_, part in typed], autojunk=False)
    at: dict[int, list[tuple[int, int]]] = {}
    for tag, first, last, begin, _end in matcher.get_opcodes():
        for number in range(first, last) if tag == "equal" else ():
            at.setdefault(heard[number][0], []).append(typed[begin + number - first][:2])
    for one in reversed([one for one in differing_passages(words) if one.start in starts]):
        spans = [at.get(place) for place in range(one.start, one.end)]
        if all(spans):
            begin, end = spans[0][0][0], spans[-1][-1][1]  # type: ignore[index]  # all are there
            said = one.other[:1].upper() + one.other[1:] if body[begin].isupper() else one.other
            body = body[:begin] + said + body[end:]
    return body


def text_with_choices(
    session: Session, contribution: Contribution, body: str, choices: Collection[ReadingChoice]
) -> str:
    """A contribution's text with the other readings that a person chose."""
    media = [medium.id for part in parts_of_contribution(session, contribution.id) for medium in part.media]
    newest = transcripts.latest_transcripts(session, {one.medium_id for one in choices} & set(media))
    for medium_id, transcript in newest.items():
        starts = {one.start for one in choices if one.medium_id == medium_id}
        body = apply_choices(body, transcripts.transcript_words(session, transcript), starts)
    return body
