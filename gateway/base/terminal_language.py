"""The language of the command line: what it says in French stands in ``french.toml`` beside this module.

``PORTEVOIX_LANG`` says which (``fr`` or ``en``); else the locale does (``LC_ALL``, ``LC_MESSAGES``, ``LANG``); else
the settings, once they are read. What the library ``click`` says by itself stands in a catalogue of its own.
"""

from __future__ import annotations

import gettext
import os
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

VARIABLE = "PORTEVOIX_LANG"
LANGUAGES = ("en", "fr")
_FRENCH = Path(__file__).with_name("french.toml")
_CATALOGUES = Path(__file__).with_name("translations")
_settings_say = ""


def current_language() -> str:
    """``fr`` or ``en``."""
    for name in (VARIABLE, "LC_ALL", "LC_MESSAGES", "LANG"):
        language = re.split(r"[_.@-]", os.environ.get(name, "").lower())[0]
        if language in LANGUAGES:
            return language
    return _settings_say or "en"


@contextmanager
def use_language(language: str) -> Iterator[None]:
    """Speak a language while this lasts, as the pages of the manual do."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = language
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before


def set_default_language(language: str) -> None:
    """What the settings say, where neither the variable nor the locale says anything."""
    global _settings_say
    _settings_say = language if language in LANGUAGES else ""


def translate_click() -> None:
    """Have ``click`` speak the language of the command line as well."""
    if current_language() == "fr":
        os.environ["LANGUAGE"] = "fr"  # what gettext asks first
        gettext.bindtextdomain("click", str(_CATALOGUES))
        gettext.textdomain("click")


@cache
def french_catalogue() -> dict[str, str]:
    """Everything the command line says, English to French; ``{}`` stands for what is filled in."""
    parts = tomllib.loads(_FRENCH.read_text(encoding="utf-8")).values()
    return {english: words for part in parts for english, words in part.items()}


def translate(text: str, *facts: object) -> str:
    """A text of ours with what is filled in, in the language of the command line."""
    wording = french_catalogue().get(text, text) if current_language() == "fr" else text
    return wording.format(*facts) if facts else wording


def translate_composed(text: str) -> str:
    """A text that was put together elsewhere, as a probe's: in French where it is known, with what was filled in."""
    if current_language() != "fr" or text in french_catalogue():
        return translate(text)
    for pattern, wording in _patterns():
        if (found := pattern.fullmatch(text)) is not None:
            return wording.format(*found.groups())
    return text


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """The texts with something filled in, the longest first, as patterns."""
    filled = [(english, words) for english, words in french_catalogue().items() if "{}" in english]
    return [
        (re.compile("(.+)".join(map(re.escape, english.split("{}"))), re.DOTALL), words)
        for english, words in sorted(filled, key=lambda one: -len(one[0]))
    ]


def paragraphs(text: str) -> list[str]:
    """A help text's paragraphs, each in one line, as they are known here."""
    return [" ".join(one.split()) for one in re.split(r"\n\s*\n", text.strip())] if text.strip() else []


def translate_help(text: str | None) -> str | None:
    """A help text, paragraph by paragraph."""
    return None if text is None else "\n\n".join(translate(one) for one in paragraphs(text))
