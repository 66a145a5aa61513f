"""A consultation as the boxes of a page, there and back: what a person typed becomes the table a file could hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from werkzeug.datastructures import MultiDict

from config.phone_numbers import to_e164

BY_LANGUAGE = ("title", "question", "can_change", "cannot_change", "decides")
PLAIN = ("town_name", "town_short", "contact_phone", "controller", "dpo", "sender", "answers")
DAYS = ("opens", "closes", "answer_by")
PERIODS = ("recording_days", "original_days", "contribution_days")


_NUMBERED = re.compile(r"([0-9]{1,3})[\s.):–-]+(\S.*)")
"""A project's line: its number, then its name."""

Typed: TypeAlias = MultiDict[str, str]
"""A form as it was sent."""


def edited_table(typed: Typed, kept: Mapping[str, Any], region: str) -> dict[str, Any]:
    """The table that was typed, over what of ``kept`` stands on other pages."""
    languages = _languages(typed)
    table: dict[str, Any] = {**kept, "languages": languages}
    for name in BY_LANGUAGE:
        table[name] = _by_language(typed, name, languages)
    for name in PLAIN:
        table[name] = _box(typed, name)
    for name in DAYS:
        table[name] = _box(typed, name) or None
    table["free_call"] = bool(typed.get("free_call"))
    table["moderation"] = _box(typed, "moderation") or "before"
    table["pages_per_form"] = _box(typed, "pages_per_form") or 1
    table["second_look_every"] = _box(typed, "second_look_every") or 0
    table["retention"] = {
        name: _box(typed, f"retention.{name}") for name in PERIODS if _box(typed, f"retention.{name}")
    }
    table["addresses"] = _addresses(typed, kept.get("addresses", {}), region)
    if "projects" in typed:
        table["projects"] = _projects(typed, kept.get("projects", ()), languages)
        table["vote"] = {"by": _box(typed, "vote.by") or "address", "most": _box(typed, "vote.most") or 1}
    table["form"] = _form(typed, kept.get("form", {}), languages)
    return {name: value for name, value in table.items() if value not in (None, "")}


def _box(typed: Typed, name: str) -> str:
    return (typed.get(name) or "").strip()


def _languages(typed: Typed) -> list[str]:
    further = re.split(r"[\s,;]+", _box(typed, "language_more").lower())
    return list(dict.fromkeys([*typed.getlist("languages"), *filter(None, further)]))


def _by_language(typed: Typed, name: str, languages: Iterable[str]) -> dict[str, str]:
    # A language just taken out keeps nothing; one just added has no box yet.
    return {language: words for language in languages if (words := _box(typed, f"{name}.{language}"))}


def _addresses(typed: Typed, kept: Mapping[str, Any], region: str) -> dict[str, Any]:
    return {
        **kept,
        "phones": [to_e164(one, region) or one for one in split_values(_box(typed, "addresses.phones"))],
        "mailboxes": split_values(_box(typed, "addresses.mailboxes")),
        "centres": typed.getlist("addresses.centres"),
    }


def _projects(typed: Typed, kept: Iterable[Mapping[str, Any]], languages: list[str]) -> list[dict[str, Any]]:
    """Projects, one a line: « 12 Un banc »; a language whose box lacks a number lacks that project's label."""
    told = {int(one["number"]): one for one in kept}
    found: dict[str, dict[str, Any]] = {}
    for language in languages:
        for line in filled_lines(_box(typed, f"projects.{language}")):
            parted = _NUMBERED.fullmatch(line)
            number, words = (parted[1], parted[2]) if parted else ("", line)
            one = found.setdefault(number or line, {"number": number or line, "label": {}})
            one["label"][language] = words
            before = told.get(int(number), {}) if number else {}
            one.update({name: before[name] for name in ("about", "contribution") if before.get(name)})
    return list(found.values())


def _form(typed: Typed, kept: Mapping[str, Any], languages: list[str]) -> dict[str, Any]:
    return {
        **kept,
        "ask_themes": bool(typed.get("form.ask_themes")),
        "drawing": bool(typed.get("form.drawing")),
        "quarters": parse_options(typed, "form.quarters", kept.get("quarters", ()), languages),
    }


def parse_options(
    typed: Typed, name: str, kept: Iterable[Mapping[str, Any]], languages: list[str]
) -> list[dict[str, Any]]:
    """What stands one a line in a box for each language: the lines of one number belong together."""
    columns = {language: filled_lines(_box(typed, f"{name}.{language}")) for language in languages}
    known = [str(one["key"]) for one in kept]
    found: list[dict[str, Any]] = []
    for place, words in enumerate(columns.get(languages[0], ()) if languages else ()):
        # The key of a line stays when its words are corrected: exports and printed forms know it.
        taken = {str(one["key"]) for one in found}
        key = known[place] if place < len(known) and known[place] not in taken else free_slug(words, taken)
        label = {language: column[place] for language, column in columns.items() if place < len(column)}
        found.append({"key": key, "label": label})
    return found


def filled_lines(text: str) -> list[str]:
    """The lines of a box that hold something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def split_values(text: str) -> list[str]:
    """What stands in a box, one a line or with commas."""
    return [one.strip() for one in re.split(r"[\n,;]+", text) if one.strip()]


def slug_of(words: str) -> str:
    """A short name made of words: « La Boissière » is ``la-boissiere``."""
    ligatures = words.casefold().replace("œ", "oe").replace("æ", "ae").replace("ß", "ss")
    decomposed = unicodedata.normalize("NFKD", ligatures)
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].rstrip("-")


def free_slug(words: str, taken: Iterable[str]) -> str:
    """The same, with a number behind where it is taken or nothing is left of the words."""
    wanted, others = slug_of(words) or "n", set(taken)
    if wanted not in others and slug_of(words):
        return wanted
    return next(f"{wanted}-{number}" for number in range(1, len(others) + 2) if f"{wanted}-{number}" not in others)
