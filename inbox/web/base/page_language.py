"""In which language a page speaks: the person's choice, their browser's, or the town's."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from flask import Blueprint, Flask, current_app, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_babel import Babel, get_locale

from inbox.web.base.app_context import settings_of
from inbox.web.base.guard import access_of, current_person, public
from inbox.web.base.safe_redirect import safe_target

# Each language is announced in itself, so these names are never translated.
LANGUAGES = {"fr": "Français", "en": "English"}

ISO_639_1 = 2
"""Letters of a code."""

TRANSLATIONS = Path(__file__).parents[2] / "translations"

pages = Blueprint("languages", __name__)


def choose_language() -> str:
    """The language of this request; a page without a session has it in its address."""
    chosen = request.args.get("lang") if is_sessionless() else session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    person = current_person()
    if person is not None and person.language in LANGUAGES:
        return str(person.language)
    town = settings_of().language
    fallback = town if town in LANGUAGES else "en"
    return request.accept_languages.best_match(list(LANGUAGES), default=fallback) or fallback


def is_sessionless() -> bool:
    """Whether this request's page reads and sets no cookie."""
    access = access_of(current_app, request.endpoint) if request.endpoint else None
    return access is not None and access.sessionless


@pages.post("/language")
@public
def choose() -> ResponseReturnValue:
    """Remember the language somebody chose for this session, and return to where they were."""
    language = request.form.get("language", "")
    if language in LANGUAGES:
        session["language"] = language
    return redirect(safe_target(request.form.get("next")))


def install(app: Flask) -> None:
    """Give the application its languages."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", "en")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(app, locale_selector=choose_language, timezone_selector=lambda: settings_of().timezone)


def language_code(name: str) -> str | None:
    """The code (ISO 639-1) of a language by its name in English, French or itself, or by its code; None for no name."""
    return _codes_by_name().get(" ".join(name.split()).casefold())


@cache
def _codes_by_name() -> dict[str, str]:
    found: dict[str, str] = {}
    for code in sorted(Locale("en").languages):
        if len(code) != ISO_639_1:
            continue
        names = [code, *(Locale(page).languages.get(code, code) for page in LANGUAGES)]
        with suppress(UnknownLocaleError):  # where nobody has written down what its speakers call it
            names.append(Locale(code).get_display_name(code) or code)
        for name in names:
            found.setdefault(name.casefold(), code)
    return found


def language_name(code: str) -> str:
    """A language's name in the reader's language; an unknown code as it is."""
    try:
        return Locale.parse(code).get_display_name(get_locale()) or code
    except (ValueError, UnknownLocaleError):
        return code
