"""The list as a spreadsheet file (CSV): one row per contribution, machine-read text marked as such.

UTF-8 with a byte-order mark and, in French, semicolons: what spreadsheet programs open without
asking. Each row stands on one line, no cell is longer than a spreadsheet takes, and none can become a
formula, whichever separator the file is opened with (``inbox.export.spreadsheet_cells``).
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo

from sqlalchemy.orm import Session

from inbox.consultations import consultation_versions
from inbox.export.column_names import WORDS, Words
from inbox.export.spreadsheet_cells import cell
from inbox.listings import contribution_list
from inbox.listings.filters import Filter, walk_along
from inbox.listings.visibility import Aspect, Sight
from inbox.models import Contribution
from inbox.records import references
from inbox.storage.envelope_encryption import vault_of

BATCH = 500

_BETWEEN_TAGS = " | "


def export_csv(session: Session, wanted: Filter, sight: Sight, language: str, zone: tzinfo) -> Iterator[bytes]:
    """What the filter lets through and ``sight`` may see, newest first, in pieces; times are those of ``zone``.

    In English where there is no wording in ``language``.
    """
    words = words_in(language)
    yield from csv_of(words.columns, batches(session, wanted, sight, language, zone), words)


def csv_of(columns: Sequence[str], rows: Iterable[Sequence[Sequence[str]]], words: Words) -> Iterator[bytes]:
    """A spreadsheet file of these columns and batches of rows, in pieces."""
    yield b"\xef\xbb\xbf" + _lines(words, [columns])
    for batch in rows:
        yield _lines(words, batch)


def words_in(language: str) -> Words:
    """The wording of a language; English where there is none."""
    return WORDS.get(language, WORDS["en"])


def batches(session: Session, wanted: Filter, sight: Sight, language: str, zone: tzinfo) -> Iterator[list[list[str]]]:
    """The rows of every kind of spreadsheet, newest first, some hundred at a time: one value for each column."""
    words = words_in(language)
    titles, themes = _consultation_words(session, language)
    walk = walk_along(session, wanted, sight)
    before: int | None = None
    while batch := walk.older(session, before, BATCH):
        before = batch[-1].id
        yield list(_rows(session, batch, sight, words, titles, themes, zone))
        # However many rows there are, only those of one batch are held.
        vault_of(session).forget_opened(session)


def _consultation_words(session: Session, language: str) -> tuple[Mapping[int, str], Mapping[str, str]]:
    titles, themes = {}, {}
    for version in consultation_versions.all_current(session):
        consultation = consultation_versions.as_consultation(version)
        titles[version.consultation_id] = consultation.title.get(language) or consultation.title[consultation.language]
        for theme in consultation.themes:
            themes[theme.key] = theme.label.get(language) or theme.label[consultation.language]
    return titles, themes


def _rows(
    session: Session,
    batch: Sequence[Contribution],
    sight: Sight,
    words: Words,
    titles: Mapping[int, str],
    themes: Mapping[str, str],
    zone: tzinfo,
) -> Iterator[list[str]]:
    ids = [contribution.id for contribution in batch]
    said = contribution_list.texts_of(session, batch, sight)
    numbers = references.references_of(session, ids)
    tags = contribution_list.themes_of(session, batch, sight)
    received = contribution_list.received_of(session, ids)
    read = sight.sees(Aspect.READINGS)
    for found in batch:
        text = said.get(found.id)
        labels = [themes.get(tag.name, tag.name) for tag in tags[found.id]]
        at, voices = received.get(found.id, (found.created_at, 0))
        yield [
            references.pretty(numbers.get(found.id, "")),
            words.channels[found.channel],
            titles.get(found.consultation_id or 0, ""),
            f"{at.astimezone(zone):%Y-%m-%d %H:%M}",
            text.body if text else "",
            words.yes if text and text.unconfirmed else words.no,
            str(round(found.confidence * 100)) if read and found.confidence is not None else "",
            words.readings[found.reading] if read else "",
            words.moderations[found.moderation],
            words.reasons[found.set_aside_reason] if found.set_aside_reason else "",
            _BETWEEN_TAGS.join(labels),
            str(len(labels)),
            str(voices),
            (found.language or "") if text else "",
        ]


def _lines(words: Words, rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    written = csv.writer(out, delimiter=words.delimiter, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    written.writerows([cell(value, words.cut) for value in row] for row in rows)
    # A lone surrogate, which a broken mail can hold, has no UTF-8.
    return out.getvalue().encode("utf-8", "replace")
