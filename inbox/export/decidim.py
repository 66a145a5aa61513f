"""What was published as a file that Decidim's proposals import takes (Administration → Proposals → Import).

Its rules, as read in Decidim's sources (``decidim-admin/lib/decidim/admin/import`` and
``decidim-proposals/lib/decidim/proposals/import``): semicolons between cells; UTF-8 without a byte-order mark, which
would become part of the first header; headers ``title/xx`` and ``body/xx`` for the platform's usual language, none
twice; in every row a title and a body. ``id`` is left out by it; scopes, taxonomies and places are the platform's own.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from sqlalchemy.orm import Session

from inbox.export.published_texts import published_texts
from inbox.export.spreadsheet_cells import spreadsheet_cell

SEPARATOR = ";"
LEAST_TITLE, LONGEST_TITLE = 15, 150
"""Characters that Decidim's own form wants of a title; its import takes any, but who edits it later meets the form."""
_CUT = "[…]"
_SENTENCE = re.compile(r"(?<=[.!?…])\s")


def headers_in(language: str) -> tuple[str, ...]:
    """The columns, for a platform whose usual language this is (ISO 639-1)."""
    return "id", f"title/{language}", f"body/{language}"


def proposals(session: Session, slug: str, language: str, theme: str) -> Iterator[bytes]:
    """The published contributions of a consultation, masked as the public reads them, the newest first.

    ``theme`` stands before a title that would be too short.
    """
    yield _lines([headers_in(language)])
    for batch in published_texts(session, slug):
        said = [(one.id, " ".join(body.split())) for one, body in batch]
        yield _lines((str(number), title_of(body, theme), body) for number, body in said)


def title_of(body: str, theme: str) -> str:
    """The first sentence, or as many words of it as a title may have."""
    first = _SENTENCE.split(body, maxsplit=1)[0]
    if len(first) < LEAST_TITLE:
        first = body if len(body) <= LONGEST_TITLE and len(body) >= LEAST_TITLE else f"{theme} : {first}"
    if len(first) > LONGEST_TITLE:
        first = first[: LONGEST_TITLE - 2].rsplit(" ", 1)[0] + " …"
    return first


def _lines(rows: Iterator[tuple[str, ...]] | list[tuple[str, ...]]) -> bytes:
    written = io.StringIO()
    csv.writer(written, delimiter=SEPARATOR, lineterminator="\n").writerows(
        [spreadsheet_cell(value, _CUT) for value in row] for row in rows
    )
    return written.getvalue().encode("utf-8", "replace")
