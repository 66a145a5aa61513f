"""Words that say who somebody is: names, telephone numbers, mail and postal addresses; found to be proposed.

Nothing is masked by this alone. It leans towards finding too much: a person refuses a proposal with one key, and
would have to find what is missing by reading. What was heard has neither capitals nor punctuation; there names are
found by what people say before them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import phonenumbers

from config.enums import PersonalKind
from config.wording.stems import fold

_FIRST_NAMES = Path(__file__).with_name("first_names.txt")

LONGEST = 20_000
"""Characters of a text that are looked at: beyond these a person has to read anyway."""


@dataclass(frozen=True, slots=True)
class PersonalWords:
    """Words of a text, from character ``start`` to before ``end``."""

    kind: PersonalKind
    start: int
    end: int
    words: str


def find_personal(text: str, region: str = "FR") -> list[PersonalWords]:
    """What in a text says who somebody is, in its order, no two overlapping; ``region`` as in ISO 3166-1."""
    looked_at = text[:LONGEST]
    found = [
        *_mails(looked_at),
        *_phones(looked_at, region),
        *_plates(looked_at),
        *_addresses(looked_at),
        *_names(looked_at),
    ]
    kept: list[PersonalWords] = []
    for one in found:  # the surest kinds come first
        if not any(one.start < other.end and other.start < one.end for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


def _personal(kind: PersonalKind, text: str, start: int, end: int) -> PersonalWords:
    return PersonalWords(kind, start, end, text[start:end])


# --- mail and telephone ----------------------------------------------------------------------------

_MAIL = re.compile(r"[\w.+-]+\s?@\s?[\w-]+(?:\.[\w-]+)+", re.UNICODE)
# As it is said aloud, or written so that robots do not see it.
_SPOKEN_MAIL = re.compile(
    r"\b[\w.+-]+(?:\s(?:point|dot|tiret)\s[\w]+)*\s?[(\[]?\s?(?:arobase|arrobase|at)\s?[)\]]?\s?[\w-]+"
    r"(?:\s(?:point|dot|tiret)\s[\w-]+){0,2}?"
    r"(?:\s?(?:\.|\spoint\s|\sdot\s)\s?(?:fr|com|org|net|eu|bzh|uk|be))\b",
    re.IGNORECASE,
)


def _mails(text: str) -> Iterator[PersonalWords]:
    for pattern in (_MAIL, _SPOKEN_MAIL):
        for found in pattern.finditer(text):
            yield _personal(PersonalKind.EMAIL, text, *found.span())


_DIGIT_WORDS = (
    "zéro|zero|un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingt|trente|"
    "quarante|cinquante|soixante|quatre-vingts?|et"
)
# « zéro six trente-neuf quatre-vingt-dix-huit … »: a French number begins with zero, and is of ten digits in all.
_SPOKEN_PHONE = re.compile(
    rf"\b(?:zéro|zero)[\s-]+(?:{_DIGIT_WORDS})(?:[\s,-]+(?:{_DIGIT_WORDS})){{3,18}}\b", re.IGNORECASE
)
_LOOSE_PHONE = re.compile(r"(?<![\d.,-])(?:0|\+33\s?|0033\s?)\s?[1-9](?:[\s./-]?\d{2}){4}(?!\d)")


def _phones(text: str, region: str) -> Iterator[PersonalWords]:
    for found in phonenumbers.PhoneNumberMatcher(text, region, leniency=phonenumbers.Leniency.VALID):
        yield _personal(PersonalKind.PHONE, text, found.start, found.end)
    for pattern in (_LOOSE_PHONE, _SPOKEN_PHONE):
        for match in pattern.finditer(text):
            yield _personal(PersonalKind.PHONE, text, *match.span())


# A registration plate since 2009 (arrêté du 9 février 2009, article 1).
_PLATE = re.compile(r"\b[A-HJ-NP-TV-Z]{2}[ -]?\d{3}[ -]?[A-HJ-NP-TV-Z]{2}\b")


def _plates(text: str) -> Iterator[PersonalWords]:
    for found in _PLATE.finditer(text):
        yield _personal(PersonalKind.OTHER, text, *found.span())


# --- where somebody lives --------------------------------------------------------------------------

_WAY = (
    r"(?:rue|avenue|av\.?|boulevard|bd\.?|bld|place|pl\.?|allées?|impasse|chemin|route|quai|cours|square|passage|venelle|"
    r"résidence|cité|lotissement|hameau|villa|rampe|voie|sentier|esplanade|straed|hent)"
)
_PARTICLE = r"(?:d[eu]s?|de la|de l[’']|d[’']|la|le|les|l[’']|aux?|à|en|sur|-)"
_PROPER = r"[A-ZÀ-ÖØ-Þ][\w’'-]*"
_ADDRESS = re.compile(
    rf"\b\d{{1,4}}(?:\s?(?:bis|ter|quater|[A-Da-d]))?\s?,?\s+(?:(?i:{_WAY}))(?:\s?{_PARTICLE})*\s?[\w’'-]+"
    rf"(?:\s(?:{_PARTICLE}\s?)*{_PROPER})*"
)
_ADDRESS_EN = re.compile(
    r"\b\d{1,4}[a-d]?,?\s+(?:[A-Z][\w’'-]*\s){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Close|Drive|Court|Terrace|Gardens)\b"
)
_FLAT = re.compile(
    r"\b(?:appartement|appt?\.?|bâtiment|bât\.?|escalier|esc\.?|étage|flat)\s+(?:n[°o]\s?)?[A-Z]?\d{1,4}\b",
    re.IGNORECASE,
)


def _addresses(text: str) -> Iterator[PersonalWords]:
    for pattern in (_ADDRESS, _ADDRESS_EN, _FLAT):
        for found in pattern.finditer(text):
            start, end = found.span()
            yield _personal(PersonalKind.ADDRESS, text, start, _with_second_name(text, start, end))


def _with_second_name(text: str, start: int, end: int) -> int:
    """« rue émile zola », as it is heard: where a street's last word is a first name, one more belongs to it."""
    last = fold(text[start:end]).split()[-1]
    further = re.match(r"\s[a-zß-öø-ÿ][\w’'-]{2,}", text[end:])
    is_first_name = last in _first_names() and last not in _words().also_words
    return end + further.end() if further and is_first_name and not _HAS_CAPITALS.search(text[1:]) else end


# --- names -----------------------------------------------------------------------------------------

_TITLE = (
    r"(?:M\.|MM\.|Mr\.?|Mme\.?|Mmes|Mlle\.?|Monsieur|Madame|Mademoiselle|Mrs\.?|Ms\.?|Miss|Dr\.?|[Dd]octeure?|Maître|Me|Pr\.?|"
    r"[Pp]rofesseure?|monsieur|madame|mademoiselle|Sir|Lady)"
)
_NAME_PARTICLE = (
    r"(?:[Ll]e|[Ll]a|[Dd]e|[Dd]u|[Dd]es|[Dd]a|[Dd]os|[Dd]i|[Vv]an|[Vv]on|[Bb]en|[Ee]l|[Aa]l|d[’']|[Ll][’'])"
)
_CAPITAL = r"[A-ZÀ-ÖØ-Þ][\w’'-]*"
_WHOLE_NAME = rf"{_CAPITAL}(?:\s(?:{_NAME_PARTICLE}\s?)*{_CAPITAL}){{0,3}}"
_TITLED = re.compile(rf"\b{_TITLE}\s(?P<name>(?:{_NAME_PARTICLE}\s)?{_WHOLE_NAME})")
_SAYS = (
    r"(?:je m[’' ]appelle|je me nomme|moi c[’']est|mon nom (?:c[’']est|est)|my name is|i am called|signé|ici|"
    r"demandez?|appelez?|de la part de)"
)
_INTRODUCED = re.compile(rf"\b(?i:{_SAYS})\s:?\s?(?:{_TITLE}\s)?(?P<name>{_WHOLE_NAME})")
_HEARD = re.compile(
    r"\b(?:monsieur|madame|mademoiselle|docteure?|professeure?|je m[’' ]?appelle|je me nomme|mon nom c[’' ]?est"
    r"|my name is)\s"
    r"(?P<name>[^\W\d_]{2,}(?:[\s-](?:le|la|de|du|ben|el|van)\s?[^\W\d_]{2,}|[\s-][^\W\d_]{3,})?)"
)
_CAPITALISED = re.compile(rf"(?<![\w’'-]){_CAPITAL}(?:\s(?:{_NAME_PARTICLE}\s?)*{_CAPITAL}){{0,3}}")


# « … Merci. Ouassila Bathily »: two or three capitalised words that are all of the last sentence.
_SIGNED = re.compile(
    rf"(?:[.!?…,:]\s+|\n\s*)(?P<name>{_CAPITAL}(?:\s(?:{_NAME_PARTICLE}\s?)?{_CAPITAL}){{1,2}})\s*\.?\s*\Z"
)
_HAS_CAPITALS = re.compile(r"[A-ZÀ-ÖØ-Þ]")
_SMALL_WORD = re.compile(r"(?<![\w’'-])[^\W\d_][\w-]*", re.UNICODE)
_FAMILY = re.compile(r"\s(?:(?:le|la|de|du|ben|el|van)\s)?[^\W\d_][\w’'-]{2,}")
_SHORTEST = 4


@dataclass(frozen=True, slots=True)
class _NameWords:
    """Words that help to tell names from others, folded."""

    offices: frozenset[str]
    """They follow « monsieur » without being a name."""
    places: frozenset[str]
    """After these a name is that of a place."""
    also_words: frozenset[str]
    """First names that are words, places or saints as well: alone they are not proposed."""
    small_words: frozenset[str]
    """First names that are written small as words: not proposed in what was heard."""
    naming: frozenset[str]
    """After these somebody is named."""


@cache
def _words() -> _NameWords:
    lists = tomllib.loads(_FIRST_NAMES.with_name("name_words.toml").read_text(encoding="utf-8"))
    return _NameWords(**{name: frozenset(fold(word) for word in words) for name, words in lists.items()})


@cache
def _first_names() -> frozenset[str]:
    lines = _FIRST_NAMES.read_text(encoding="utf-8").splitlines()
    return frozenset(fold(line) for line in lines if line and not line.startswith("#"))


def _names(text: str) -> Iterator[PersonalWords]:
    for pattern in (_TITLED, _INTRODUCED):
        for found in pattern.finditer(text):
            start, end = found.span("name")
            # « Monsieur le Maire » is an office, « Monsieur Le Gall » a name.
            if text[start].isupper() and fold(text[start:end]).split()[-1] not in _words().offices:
                yield _personal(PersonalKind.NAME, text, start, end)
    for found in _HEARD.finditer(text):
        start, end = _without_ordinary_words(text, *found.span("name"))
        if start < end:
            yield _personal(PersonalKind.NAME, text, start, end)
    if (signed := _SIGNED.search(text)) is not None:
        start, end = signed.span("name")
        if fold(signed["name"]).split()[0] not in _words().places | _words().offices:
            yield _personal(PersonalKind.NAME, text, start, end)
    for found in _CAPITALISED.finditer(text):
        yield from _named(text, *found.span())
    if not _HAS_CAPITALS.search(text[1:]):
        yield from _small_names(text)


def _small_names(text: str) -> Iterator[PersonalWords]:
    """First names in a text without capitals, each with the family name that follows where somebody is named."""
    words, of_a_place = _words(), -1
    for found in _SMALL_WORD.finditer(text):
        first = fold(found.group().split("-")[0])
        is_name = len(first) >= _SHORTEST and first in _first_names()
        if not is_name or first in words.also_words | words.small_words:
            continue
        if _follows_a_place(text, found.start()) or found.start() == of_a_place:
            of_a_place = found.end() + 1  # « rue albert thomas »: the next word belongs to it
            continue
        before = fold(text[max(0, found.start() - 24) : found.start()]).split()
        family = _FAMILY.match(text, found.end())
        is_last = family is not None and not text[family.end() :].strip(" .")
        end = family.end() if family and (is_last or (before and before[-1] in words.naming)) else found.end()
        yield _personal(PersonalKind.NAME, text, found.start(), end)


def _without_ordinary_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Of two words after « monsieur », the second only where the first is a first name; none where it is an office."""
    first, *rest = re.split(r"[\s-]", text[start:end], maxsplit=1)
    if fold(first) in _words().offices:
        return start, start
    if (
        not rest
        or fold(first) in _first_names()
        or fold(rest[0].split()[0]) in {"le", "la", "de", "du", "ben", "el", "van"}
    ):
        return start, end
    return start, start + len(first)


def _named(text: str, start: int, end: int) -> Iterator[PersonalWords]:
    """A run of capitalised words that begins with a first name, unless it names a place."""
    words = list(re.finditer(r"[^\s]+", text[start:end]))
    for place, word in enumerate(words):
        first = fold(word.group().split("-")[0])
        if first not in _first_names():
            continue
        begin = start + word.start()
        if _follows_a_place(text, begin):
            return
        is_alone = place == len(words) - 1
        is_a_word = first in _words().also_words or (_begins_sentence(text, begin) and _is_followed(text, end))
        if not (is_alone and is_a_word):
            yield _personal(PersonalKind.NAME, text, begin, end)
        return


def _follows_a_place(text: str, at: int) -> bool:
    """« rue Jules Ferry », « école de Jeanne »: right before it, or with a short word between."""
    before = fold(text[max(0, at - 24) : at]).split()
    if not before:
        return False
    return before[-1] in _words().places or (len(before) > 1 and len(before[-1]) < 4 and before[-2] in _words().places)


def _begins_sentence(text: str, at: int) -> bool:
    before = text[:at].rstrip()
    return not before or before[-1] in '.!?\n:;«"' or "\n" in text[len(before) : at]


def _is_followed(text: str, end: int) -> bool:
    """Whether the sentence goes on: « Constance dans l'effort » is no signature, at its end it may be one."""
    rest = text[end:].lstrip(" ")
    return bool(rest) and rest[0].islower()
