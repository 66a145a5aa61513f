"""Everything residents hear and read, in their language, with each consultation's own wording first.

A template names facts: ``{town}``, or with a form ``{reference:spaced}``. What stands in
square brackets goes when a fact in it is empty.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Protocol

from config.wording.digit_groups import group_by_three
from config.wording.gsm7 import Segments, cheapest_spelling, count_segments, plain_punctuation
from config.wording.message_keys import (
    CONSULTATION_FACTS,
    COUNTED,
    PRINTED_KEYS,
    SAMPLE_ANSWER,
    SAMPLE_FACTS,
    TEXT_KEYS,
)
from config.wording.spoken_dates import say_date, say_days

__all__ = [
    "Segments",
    "SpokenPiece",
    "SpokenText",
    "TextPreview",
    "TextsError",
    "costly_texts",
    "count_segments",
    "has_texts_in",
    "preview_texts",
    "resident_text",
    "spoken_text",
    "text_problems",
]

_USUALLY_KEPT = timedelta(days=180)
"""How long a recording is kept where the consultation is unknown."""

_FOLDER = Path(__file__).parents[1] / "texts"
_FACT = re.compile(r"\{(\w+)(?::(\w+))?\}")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_REFERENCE = re.compile(r"\{reference(?::\w+)?\}")
_CHANGING = ("received", "reason", "outcome", "answer", *COUNTED)
"""Facts that differ from call to call, so that no recording can say them."""
_PASSAGES = {"promise": "promise_{}", "free_call": "free_call"}
"""Facts that are texts themselves: the key of each, given what the consultation says."""
_CONSENT = ("voice_before_tone", "voice_consent")
_DATE_FORMS = ("long", "short")
_NUMBER_FORMS = ("spaced", "spoken")


class TextsError(Exception):
    """A text or a fact it needs is missing: a mistake of ours, found at start or by a test."""

    retryable = False
    remedy = "correct the text in config/texts, or the texts of the consultation file"


class WordingSource(Protocol):
    """What a text takes from a consultation; ``config.wording.consultation.Consultation`` fits."""

    @property
    def town_name(self) -> str:
        """The town's name as people say it."""

    @property
    def town_short(self) -> str:
        """A shorter name for text messages, or nothing."""

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages, the usual one first."""

    @property
    def texts(self) -> Mapping[str, Mapping[str, str]]:
        """The consultation's own wording, language by language."""

    def told(self) -> Mapping[str, object]:
        """The facts of ``CONSULTATION_FACTS`` that do not depend on the language's grammar."""


def resident_text(key: str, language: str, consultation: WordingSource | None, **facts: object) -> str:
    """The text ``key`` for a resident, or ``TextsError`` when there is none or a fact it needs is not given.

    ``consultation`` is None where it is unknown; ``facts`` come before the consultation's own. Dates are
    said in ``language``; text messages are kept within the cheap alphabet where that changes no word.
    """
    spoken_in, template = _template(key, language, consultation)
    known = {**_told(key, consultation, spoken_in, facts.get("today")), **facts}
    text = _filled(key, _kept(key, template, known), known, spoken_in).strip()
    return text if key.startswith(("reason_", "generic_")) else text[:1].upper() + text[1:]


@dataclass(frozen=True)
class SpokenPiece:
    """A stretch of a spoken text between two mentions of the reference, or the reference itself."""

    text: str
    name: str = ""
    """What the town's own recording of it is called; empty where the words differ from call to call."""
    digits: str = ""


@dataclass(frozen=True)
class SpokenText:
    """A text to be spoken: in which language it was found, whole, and in pieces that may have been recorded."""

    language: str
    text: str
    pieces: tuple[SpokenPiece, ...]


def spoken_text(key: str, language: str, consultation: WordingSource | None, **facts: object) -> SpokenText:
    """The text ``key`` for a voice; raises as ``resident_text`` does.

    A piece is named like its text; in a text with a reference, voice_thanks-1, voice_thanks-2 …
    """
    spoken_in, template = _template(key, language, consultation)
    known = {**_told(key, consultation, spoken_in, facts.get("today")), **facts}
    wording = _kept(key, template, known)
    between = _REFERENCE.split(wording)
    pieces = []
    for number, part in enumerate(between, 1):
        changing = any(name in _CHANGING for name, _ in _FACT.findall(part))
        text = _filled(key, part, known, spoken_in).strip().lstrip(".,; ")
        if text:
            name = key if len(between) == 1 else f"{key}-{number}"
            pieces.append(SpokenPiece(text, "" if changing else name))
        if number < len(between):
            number_said = str(known.get("reference", ""))
            pieces.append(SpokenPiece(_said(number_said, "spoken", spoken_in), digits=number_said))
    return SpokenText(spoken_in, resident_text(key, language, consultation, **facts), tuple(pieces))


def has_texts_in(language: str, consultation: WordingSource | None) -> bool:
    """Whether there are words in this language, the town's own or ours: a text falls back on another one."""
    own = consultation.texts.get(language, {}) if consultation else {}
    return bool(own.get("voice_press_9") or catalogue(language))


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """The texts that come along in a language; empty where there are none. Incomplete ones are an error."""
    file = _FOLDER / f"{language}.toml"
    if not re.fullmatch(r"[a-z]{2,3}", language) or not file.is_file():
        return {}
    texts: dict[str, str] = tomllib.loads(file.read_text(encoding="utf-8"))
    if missing := sorted(TEXT_KEYS.keys() - texts.keys()):
        raise TextsError(f"texts/{language}.toml lacks {', '.join(missing)}")
    if problems := list(_wording_problems(texts)):
        raise TextsError("; ".join(f"texts/{language}.toml: {key}: {words}" for key, words in problems))
    return texts


@cache
def printed_catalogue(language: str) -> Mapping[str, str]:
    """What forms, posters and cards say in a language in which nothing is spoken or texted; empty where there is none.

    Incomplete ones are an error, and so is a text that is not printed.
    """
    file = _FOLDER / "forms" / f"{language}.toml"
    if not re.fullmatch(r"[a-z]{2,3}", language) or not file.is_file():
        return {}
    texts: dict[str, str] = tomllib.loads(file.read_text(encoding="utf-8"))
    if unlike := sorted(PRINTED_KEYS ^ texts.keys()):
        raise TextsError(f"texts/forms/{language}.toml must have what is printed, and differs in {', '.join(unlike)}")
    if problems := list(_wording_problems(texts)):
        raise TextsError("; ".join(f"texts/forms/{language}.toml: {key}: {words}" for key, words in problems))
    return texts


def load_catalogues() -> None:
    """Read all texts that come along, once: later they are asked for inside transactions, which touch no file."""
    for file in sorted(_FOLDER.glob("*.toml")):
        catalogue(file.stem)
    for file in sorted((_FOLDER / "forms").glob("*.toml")):
        printed_catalogue(file.stem)


def _template(key: str, language: str, consultation: WordingSource | None) -> tuple[str, str]:
    """The language a text is found in, and its template: the town's own wording first, then ours."""
    usual = consultation.languages[0] if consultation else "fr"
    for spoken_in in dict.fromkeys((language, usual, "fr")):
        own = consultation.texts.get(spoken_in, {}) if consultation else {}
        if template := own.get(key) or catalogue(spoken_in).get(key) or printed_catalogue(spoken_in).get(key):
            return spoken_in, template
    raise TextsError(f"there is no text {key!r}")


def _told(key: str, consultation: WordingSource | None, language: str, today: object = None) -> dict[str, object]:
    told: dict[str, object] = dict.fromkeys(CONSULTATION_FACTS, "")
    if consultation is None:
        return told | {"town": _template("generic_town", language, None)[1], "recording_kept": _USUALLY_KEPT}
    for name, value in consultation.told().items():
        told[name] = value.get(language) or value[consultation.languages[0]] if isinstance(value, dict) else value
    if key.startswith("sms_") and consultation.town_short:
        told["town"] = consultation.town_short
    for name, passage in _PASSAGES.items():
        if chosen := told[name]:
            short = "_short" if name == "promise" and key.startswith("sms_") else ""
            text = passage.format(chosen) + short
            # Put into words only where it is named, since a passage may itself name every other fact.
            told[name] = partial(resident_text, text, language, consultation, today=today)
    return told


def _kept(key: str, template: str, facts: Mapping[str, object]) -> str:
    """The template without the brackets, and without what stands in them where a fact is empty."""

    def keep_or_drop(match: re.Match[str]) -> str:
        names = [fact[1] for fact in _FACT.finditer(match[1])]
        return match[1] if all(facts.get(name) not in ("", None) for name in names) else ""

    wording = _OPTIONAL.sub(keep_or_drop, template)
    return plain_punctuation(wording) if key.startswith("sms_") else wording


def _filled(key: str, wording: str, facts: Mapping[str, object], language: str) -> str:
    def fill(match: re.Match[str]) -> str:
        name, form = match[1], match[2] or ""
        if name not in facts:
            raise TextsError(f"the text {key} needs {name}, which was not given")
        said = _said(facts[name], form, language, facts.get("today"))
        return cheapest_spelling(said) if key.startswith("sms_") else said

    return _FACT.sub(fill, wording)


def _said(value: object, form: str, language: str, today: object = None) -> str:
    if callable(value):
        return str(value())
    if isinstance(value, date):
        return say_date(value, language, form or "long", today if isinstance(today, date) else None)
    if isinstance(value, timedelta):
        return say_days(value.days, language)
    text = str(value)
    if form in _NUMBER_FORMS and re.fullmatch(r"\d{9}", text):
        # Dots and commas make voices pause; digit by digit, nobody has to add up a number.
        spaced = group_by_three(text)
        return spaced if form == "spaced" else ". ".join(", ".join(three) for three in spaced.split())
    return text


# --- checking and showing -------------------------------------------------------------------------


@dataclass(frozen=True)
class TextPreview:
    """A text as a resident gets it; ``price`` is None where it is not a text message."""

    key: str
    when: str
    text: str
    price: Segments | None


def preview_texts(consultation: WordingSource, language: str) -> list[TextPreview]:
    """Every text of a consultation in one language, filled with made-up facts, and its price."""
    facts = _sample_facts(language)
    said = {key: resident_text(key, language, consultation, **facts) for key in TEXT_KEYS}
    return [
        TextPreview(key, TEXT_KEYS[key].when, text, count_segments(text) if key.startswith("sms_") else None)
        for key, text in said.items()
    ]


def text_problems(consultation: WordingSource) -> list[tuple[tuple[str, str], str]]:
    """What makes a consultation's own wording unusable: (language, key) and what to do about it."""
    return [
        ((language, key), words)
        for language, texts in consultation.texts.items()
        for key, words in (*_wording_problems(texts), *_unpaired_consent(texts))
    ]


def costly_texts(consultation: WordingSource) -> list[tuple[tuple[str, str], str]]:
    """The text messages that cost more than they must: (language, key) and what to do about it."""
    return [
        ((language, shown.key), _too_long(shown.price))
        for language in consultation.languages
        for shown in preview_texts(consultation, language)
        if TEXT_KEYS[shown.key].one_segment and shown.price and shown.price.count > 1
    ]


def _too_long(price: Segments) -> str:
    if price.costly:
        return f"costs {price.count} text messages because of {' '.join(price.costly)}; write it without"
    return f"costs {price.count} text messages ({price.units} characters); shorten it to 160, or set town_short"


def _wording_problems(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key, template in texts.items():
        if key not in TEXT_KEYS:
            yield key, "there is no such text; docs/texts.md lists them"
            continue
        is_passage = key.startswith(tuple(text.partition("{")[0] for text in _PASSAGES.values()))
        facts = [name for name in CONSULTATION_FACTS if not (is_passage and name in _PASSAGES)]
        known = (*facts, *TEXT_KEYS[key].facts)
        for name, form in _FACT.findall(template):
            if name not in known:
                yield key, f"{{{name}}} is not known here; known are {', '.join(known)}"
            elif form and form not in _DATE_FORMS + _NUMBER_FORMS:
                yield key, f"{{{name}:{form}}}: forms are {', '.join(_DATE_FORMS + _NUMBER_FORMS)}"
        if re.search(r"[{}]", _FACT.sub("", template)) or re.search(r"[\[\]]", _OPTIONAL.sub("", template)):
            yield key, "has a brace or square bracket without its other half; close it, or take it out"


def _unpaired_consent(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """One wording of the consent without the other: some callers would agree to what others are not told."""
    written = [key for key in _CONSENT if key in texts]
    if len(written) == 1:
        (other,) = set(_CONSENT) - set(written)
        yield written[0], f"is the consent, which {other} says without keys; write {other} as well"


def _sample_facts(language: str) -> dict[str, object]:
    longest = max((text for key, text in catalogue(language).items() if key.startswith("reason_")), key=len, default="")
    decided = catalogue(language).get("outcome_kept", "")
    facts = {
        "received": date(2026, 3, 12),
        "reason": longest,
        "outcome": decided,
        "answer": SAMPLE_ANSWER.get(language, ""),
    }
    return {**SAMPLE_FACTS, **facts}
