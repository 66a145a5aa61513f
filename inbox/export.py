"""The list as a spreadsheet file (CSV): one row per contribution, machine-read text marked as such.

UTF-8 with a byte-order mark and, in French, semicolons: what spreadsheet programs open without
asking. No cell can become a formula (OWASP, "CSV Injection").
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC

from sqlalchemy.orm import Session

from inbox import consultations, listing, references
from inbox.export_words import WORDS, Words
from inbox.listing import Filter
from inbox.models import Contribution
from inbox.tags import tags_of

BATCH = 500

_FORMULA = tuple("=+-@＝＋－＠\t\r\n")
_BETWEEN_TAGS = " | "


def export_csv(session: Session, wanted: Filter, language: str) -> Iterator[bytes]:
    """What the filter lets through, newest first, in pieces; in English where there is no wording in ``language``."""
    words = WORDS.get(language, WORDS["en"])
    titles, themes = _consultation_words(session, language)
    yield b"\xef\xbb\xbf" + _line(words, list(words.columns))
    conditions = listing.matching(session, wanted)
    before: int | None = None
    while batch := listing.select_batch(session, conditions, before, BATCH):
        before = batch[-1].id
        yield b"".join(_line(words, row) for row in _rows(session, batch, words, titles, themes))


def _consultation_words(session: Session, language: str) -> tuple[Mapping[int, str], Mapping[str, str]]:
    titles, themes = {}, {}
    for version in consultations.all_current(session):
        consultation = consultations.as_consultation(version)
        titles[version.consultation_id] = consultation.title.get(language) or consultation.title[consultation.language]
        for theme in consultation.themes:
            themes[theme.key] = theme.label.get(language) or theme.label[consultation.language]
    return titles, themes


def _rows(
    session: Session,
    batch: Sequence[Contribution],
    words: Words,
    titles: Mapping[int, str],
    themes: Mapping[str, str],
) -> Iterator[list[str]]:
    ids = [contribution.id for contribution in batch]
    said = listing.texts_of(session, batch)
    numbers = references.references_of(session, ids)
    tags = tags_of(session, ids)
    received = listing.received_of(session, ids)
    for found in batch:
        text = said.get(found.id)
        labels = [themes.get(tag.name, tag.name) for tag in tags.get(found.id, [])]
        at, voices = received.get(found.id, (found.created_at, 0))
        yield [
            references.pretty(numbers.get(found.id, "")),
            words.channels[found.channel],
            titles.get(found.consultation_id or 0, ""),
            f"{at.astimezone(UTC):%Y-%m-%d %H:%M}",
            text.body if text else "",
            words.yes if text and text.unconfirmed else words.no,
            "" if found.confidence is None else str(round(found.confidence * 100)),
            words.readings[found.reading],
            words.moderations[found.moderation],
            words.reasons[found.set_aside_reason] if found.set_aside_reason else "",
            _BETWEEN_TAGS.join(labels),
            str(len(labels)),
            str(voices),
            found.language or "",
        ]


def _line(words: Words, cells: Sequence[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=words.delimiter, lineterminator="\r\n").writerow([harmless(cell) for cell in cells])
    # A lone surrogate, which a broken mail can hold, has no UTF-8.
    return out.getvalue().encode("utf-8", "replace")


def harmless(cell: str) -> str:
    """The cell, shown as text by every spreadsheet program."""
    # Some programs skip spaces, and a NUL, before they look for a formula.
    return f"'{cell}" if cell.lstrip(" \0\u00a0").startswith(_FORMULA) or cell.startswith("\0") else cell
