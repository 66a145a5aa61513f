"""Masking: words that say who somebody is, replaced wherever they occur in what a contribution says.

A mask is kept sealed beside the text, so that the same words can be found in recordings and scans as well. It holds
while its words stand nowhere in the text in force: taking the text back takes it back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from config.enums import PersonalKind
from config.wording.stems import fold
from inbox.contributions import text_versions
from inbox.models import Contribution
from inbox.models import Mask as MaskRow
from inbox.models.sealed_places import place_of
from inbox.storage.envelope_encryption import vault_of

LONGEST = 200
"""Characters of the words of one mask."""

MOST = 60
"""Masks of one contribution that are applied at once."""

_PLACEHOLDERS = {
    "fr": {
        PersonalKind.NAME: "[nom masqué]",
        PersonalKind.PHONE: "[numéro masqué]",
        PersonalKind.EMAIL: "[courriel masqué]",
        PersonalKind.ADDRESS: "[adresse masquée]",
        PersonalKind.OTHER: "[masqué]",
    },
    "en": {
        PersonalKind.NAME: "[name masked]",
        PersonalKind.PHONE: "[number masked]",
        PersonalKind.EMAIL: "[e-mail masked]",
        PersonalKind.ADDRESS: "[address masked]",
        PersonalKind.OTHER: "[masked]",
    },
}
_WORD = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"\+?\d(?:[\s./()-]{0,3}\d){5,14}")


@dataclass(frozen=True, slots=True)
class Mask:
    """Words to be masked, and what they are."""

    kind: PersonalKind
    words: str


def parse_mask(value: str) -> Mask | None:
    """A mask as a form sends it, ``kind:words``; None where it is none."""
    kind, _, words = value.partition(":")
    clean = " ".join(words.split())[:LONGEST]
    return Mask(PersonalKind(kind), clean) if kind in set(PersonalKind) and _parts(clean) else None


def mask_occurrences(text: str, mask: Mask) -> list[tuple[int, int]]:
    """Where a mask's words stand in a text, whatever their capitals, accents and spaces; a number however grouped.

    Beginnings and ends (exclusive) in characters, in the text's order, none over another; none where it has no words.
    """
    if mask.kind is PersonalKind.PHONE and (wanted := _national(mask.words)):
        return [found.span() for found in _DIGITS.finditer(text) if _national(found.group()) == wanted]
    wanted_parts = _parts(mask.words)
    places = [(found.start(), found.end(), part) for found in _WORD.finditer(text) for part in _parts(found.group())]
    parts = [part for _, _, part in places]
    found, at, length = [], 0, len(wanted_parts)
    while length and at + length <= len(parts):
        if parts[at : at + length] == wanted_parts:
            found.append((places[at][0], places[at + length - 1][1]))
            at += length
        else:
            at += 1
    return found


def apply_masks(text: str, masks: Iterable[Mask], language: str | None) -> str:
    """The text with every occurrence of the masks' words replaced; French where the language has no words for it."""
    said = _PLACEHOLDERS.get(language or "", _PLACEHOLDERS["fr"])
    # The longest first, so that « Jeanne Le Bihan » is one mask and not two.
    for mask in sorted(masks, key=lambda one: -len(one.words)):
        for start, end in reversed(mask_occurrences(text, mask)):
            text = text[:start] + said[mask.kind] + text[end:]
    return text


def masked_places(words: Sequence[str], masks: Iterable[Mask]) -> frozenset[int]:
    """Which of the words that a machine heard or read, one after the other, a mask covers."""
    starts, line = [], ""
    for word in words:
        starts.append(len(line))
        line += word + " "
    hidden: set[int] = set()
    for mask in masks:
        for start, end in mask_occurrences(line, mask):
            hidden |= {place for place, begin in enumerate(starts) if begin < end and start < begin + len(words[place])}
    return frozenset(hidden)


@dataclass(frozen=True, slots=True)
class MaskCoverage:
    """What masks cover of the words that a machine heard or read."""

    places: frozenset[int]
    found: frozenset[Mask]
    """The masks of which every place is known."""


_STRAY = 3
"""So many words more than a mask's own may stand for it where a machine heard something else."""


def mask_coverage(
    words: Sequence[str], others: Sequence[str], masks: Iterable[Mask], wordings: Sequence[str]
) -> MaskCoverage:
    """Where the masks' words were heard or read: as such, or as what stands there in ``wordings`` that a person typed.

    ``others`` are the readings of a second engine, one a word and mostly empty: what either heard is covered.
    """
    second = [other or word for word, other in zip(words, others, strict=True)]
    places: set[int] = set()
    found = set()
    for mask in masks:
        at = masked_places(words, [mask]) | masked_places(second, [mask])
        at = at or frozenset().union(*(_told_by(words, mask, wording) for wording in wordings))
        places |= at
        if at:
            found.add(mask)
    return MaskCoverage(frozenset(places), frozenset(found))


def _told_by(words: Sequence[str], mask: Mask, wording: str) -> frozenset[int]:
    """Where the words were heard that a person typed as a mask's: what stands between the same neighbours."""
    spans = mask_occurrences(wording, mask)
    typed = [(piece.start(), fold(piece.group())) for piece in _WORD.finditer(wording)] if spans else []
    heard = [(place, part) for place, word in enumerate(words) for part in _parts(word)]
    matcher = SequenceMatcher(None, [part for _, part in typed], [part for _, part in heard], autojunk=False)
    found: set[int] = set()
    for tag, first, last, begin, end in matcher.get_opcodes():
        inside = [at for at, _ in typed[first:last] if any(start <= at < stop for start, stop in spans)]
        if tag != "delete" and inside and (tag == "equal" or end - begin <= len(inside) + _STRAY):
            found |= {
                place
                for number, (place, _) in enumerate(heard[begin:end])
                if tag != "equal" or typed[first + number][0] in inside
            }
    return frozenset(found)


def _parts(words: str) -> list[str]:
    return fold(words).split()


def _national(words: str) -> str:
    """The digits of a number without the prefix that says it is French; empty where there are too few."""
    digits = re.sub(r"\D", "", words)
    bare = re.sub(r"^(?:0033|33(?=\d{9}$)|0)", "", digits)
    return bare if len(bare) >= 6 else ""


# --- kept ------------------------------------------------------------------------------------------


def save_masks(session: Session, contribution: Contribution, masks: Iterable[Mask], by: int) -> None:
    """Keep masks beside the text they were applied to, each once."""
    known = set(_all_of(session, contribution))
    for mask in dict.fromkeys(masks):
        if mask not in known:
            row = MaskRow(contribution_id=contribution.id, kind=mask.kind.value, sealed_words=b"", person_id=by)
            session.add(row)
            session.flush()
            place = place_of(MaskRow.sealed_words, row)
            row.sealed_words = vault_of(session).seal_text(session, contribution.key_id, mask.words, place)
    session.flush()


def masks_of(session: Session, contribution: Contribution) -> list[Mask]:
    """The masks that hold now: those whose words stand nowhere in the text in force."""
    wording = text_versions.current_text(session, contribution)
    body = wording.body if wording else ""
    return [mask for mask in _all_of(session, contribution) if not mask_occurrences(body, mask)]


def _all_of(session: Session, contribution: Contribution) -> list[Mask]:
    rows = session.scalars(select(MaskRow).where(MaskRow.contribution_id == contribution.id).order_by(MaskRow.id)).all()
    vault, found = vault_of(session), []
    for row in rows:
        words = vault.text_left(session, contribution.key_id, row.sealed_words, place_of(MaskRow.sealed_words, row))
        if words:
            found.append(Mask(PersonalKind(row.kind), words))
    return list(dict.fromkeys(found))


def delete_masks(session: Session, contribution_id: int) -> None:
    """No mask is left, because what it was made of is erased."""
    session.execute(delete(MaskRow).where(MaskRow.contribution_id == contribution_id))
