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
from inbox.export.column_names import WORDS, SpreadsheetWords
from inbox.export.spreadsheet_cells import spreadsheet_cell
from inbox.listings import contribution_list
from inbox.listings.filters import ContributionFilter, walk_along
from inbox.listings.visibility import Aspect, Visibility
from inbox.models import Contribution
from inbox.records import references
from inbox.storage.envelope_encryption import vault_of

BATCH = 500

_BETWEEN_TAGS = " | "


def export_csv(
    session: Session, wanted: ContributionFilter, sight: Visibility, language: str, zone: tzinfo
) -> Iterator[bytes]:
    """What the filter lets through and ``sight`` may see, newest first, in pieces; times are those of ``zone``.

    In English where there is no wording in ``language``.
    """
    words = spreadsheet_words(language)
    yield from csv_pieces(words.columns, spreadsheet_batches(session, wanted, sight, language, zone), words)


def csv_pieces(
    columns: Sequence[str], rows: Iterable[Sequence[Sequence[str]]], words: SpreadsheetWords
) -> Iterator[bytes]:
    """A spreadsheet file of these columns and batches of rows, in pieces."""
    yield b"\xef\xbb\xbf" + _lines(words, [columns])
    for batch in rows:
        yield _lines(words, batch)


def spreadsheet_words(language: str) -> SpreadsheetWords:
    """The wording of a language; English where there is none."""
    return WORDS.get(language, WORDS["en"])


def spreadsheet_batches(
    session: Session, wanted: ContributionFilter, sight: Visibility, language: str, zone: tzinfo
) -> Iterator[list[list[str]]]:
    """The rows of every kind of spreadsheet, newest first, some hundred at a time: one value for each column."""
    words = spreadsheet_words(language)
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
    for version in consultation_versions.current_versions_by_slug(session):
        consultation = consultation_versions.as_consultation(version)
        titles[version.consultation_id] = consultation.title.get(language) or consultation.title[consultation.language]
        for theme in consultation.themes:
            themes[theme.key] = theme.label.get(language) or theme.label[consultation.language]
    return titles, themes


def _rows(
    session: Session,
    batch: Sequence[Contribution],
    sight: Visibility,
    words: SpreadsheetWords,
    titles: Mapping[int, str],
    themes: Mapping[str, str],
    zone: tzinfo,
) -> Iterator[list[str]]:
    ids = [contribution.id for contribution in batch]
    said = contribution_list.current_texts_of(session, batch, sight)
    numbers = references.references_of(session, ids)
    tags = contribution_list.visible_tags_of(session, batch, sight)
    received = contribution_list.received_times(session, ids)
    read = sight.sees(Aspect.READINGS)
    for found in batch:
        text = said.get(found.id)
        labels = [themes.get(tag.name, tag.name) for tag in tags[found.id]]
        at, voices = received.get(found.id, (found.created_at, 0))
        yield [
            references.format_reference(numbers.get(found.id, "")),
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


def _lines(words: SpreadsheetWords, rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    written = csv.writer(out, delimiter=words.delimiter, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    written.writerows([spreadsheet_cell(value, words.cut) for value in row] for row in rows)
    # A lone surrogate, which a broken mail can hold, has no UTF-8.
    return out.getvalue().encode("utf-8", "replace")
