"""What every public page shares: its language in the address, its headers, its size."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Response, make_response, render_template, request
from flask import url_for as url_of

from config.wording.consultation import Consultation
from inbox.web.base.app_context import settings_of
from inbox.web.base.page_language import choose_language
from inbox.web.public import public_labels as labels

KEPT_SECONDS = 60
"""How long a browser or a proxy may show a page again."""


def public_page(template: str, *, fresh: bool = False, status: int = 200, **values: Any) -> Response:
    """A public page; a ``fresh`` one is kept by nobody, since it tells what one person asked."""
    response = make_response(render_template(template, **_NAMES, **values, settings=settings_of()), status)
    response.headers["Cache-Control"] = "no-store" if fresh else f"public, max-age={KEPT_SECONDS}"
    response.headers["Vary"] = "Accept-Language"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def public_link(endpoint: str, **values: Any) -> str:
    """The address of a public page, in the language that was chosen in this one's address, if one was."""
    chosen = request.args.get("lang")
    if chosen and "lang" not in values:
        values["lang"] = chosen
    return url_of(endpoint, **values)


def other_language(code: str) -> str:
    """The query of the same page in another language."""
    kept = {name: value for name, value in request.args.items() if name != "lang"}
    return urlencode({**kept, "lang": code})


_LOOSE = re.compile(r" ([;:!?»])")

_NAMES = {
    "link": public_link,
    "other_language": other_language,
    "channel_names": labels.CHANNELS,
    "bucket_names": labels.BUCKETS,
    "reason_names": labels.REASONS,
    "follow_up_names": labels.FOLLOW_UPS,
    "phases": labels.PHASES,
}


def non_breaking_marks(words: str, language: str) -> str:
    """French marks stay on the line of the word before them."""
    return _LOOSE.sub("\u00a0\\1", words) if language == "fr" else words


def localised_text(words: Mapping[str, str], consultation: Consultation) -> tuple[str, str]:
    """The town's words in the reader's language, else in the consultation's first; the language, and the words."""
    for language in (choose_language(), consultation.language, *words):
        if words.get(language):
            return language, non_breaking_marks(words[language], language)
    return consultation.language, ""
