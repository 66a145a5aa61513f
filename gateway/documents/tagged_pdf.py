"""A report as a tagged PDF (PDF/UA-1), laid out from its HTML in a limited child process.

What lays it out is large and reads what residents wrote: it is loaded where it reaches nothing, and gone afterwards.
"""

from __future__ import annotations

import base64
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

from channels.paper.fonts import font_file
from config.probe import Unavailable
from config.sandbox.limited_process import LimitedError, call_limited
from gateway.documents.html_file import render_html
from inbox.reports.document_blocks import ReportDocument

_SECONDS, _MEMORY_MB = 90.0, 1500
_FACES = tuple(
    (family, weight, font_file(name).as_uri())
    for family, weight, name in (
        ("Noto Sans", 400, "NotoSans-Regular"),
        ("Noto Sans", 700, "NotoSans-Bold"),
        ("Noto Arabic", 400, "NotoSansArabic-Regular"),
        ("Noto Arabic", 700, "NotoSansArabic-Bold"),
    )
)


_one_at_a_time = Lock()


def render_pdf(document: ReportDocument) -> bytes:
    """The file. Raises ``LimitedError`` where Pango, a library of the system, is not installed."""
    with _one_at_a_time:  # many who ask for the same wait for the first
        return _lay_out(render_html(document).decode())


@lru_cache(maxsize=2)
def _lay_out(page: str) -> bytes:
    """Kept are the newest: the public report is asked for by many, and is the same until the next version."""
    return base64.b64decode(_called("lay_out", {"page": page, "faces": _FACES}), validate=True)


def _called(function: str, asked: dict[str, Any]) -> str:
    # Fonts are unpacked into the folder, nothing else is written.
    with TemporaryDirectory(prefix="portevoix-pdf-") as folder:
        told = call_limited(
            f"gateway.documents.tagged_pdf_child:{function}",
            asked,
            seconds=_SECONDS,
            memory_mb=_MEMORY_MB,
            writes=[Path(folder)],
        )
    return str(told)


def pdf_version() -> str:
    """What lays PDFs out; raises ``Unavailable`` where it cannot."""
    try:
        return _called("name_version", {})
    except LimitedError as error:
        raise Unavailable("Pango is not installed") from error
