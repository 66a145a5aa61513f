"""A draft that somebody or some language model wrote, checked sentence by sentence: kept is only what can be proved.

Allowed are sentences of a listed form: a connecting phrase of a list or none, then a figure of the report in one of a
few wordings, or a resident's whole sentences between quotation marks with the reference behind them. Whatever else
stands in a sentence, a word more or a number in letters, strikes it: what cannot be parsed cannot be proved.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from config.enums import Channel
from inbox.records import references
from inbox.reports.figure_values import Figures

MOST_SENTENCES = 1000


class DraftFault(StrEnum):
    """Why a sentence is struck."""

    FORM = "form"  # of no listed form
    FIGURE = "figure"  # another number than the rows'
    QUOTATION = "quotation"  # not word for word, or not whole sentences
    REFERENCE = "reference"  # of no published contribution, or of another one
    THEME = "theme"  # the contribution does not have it


@dataclass(frozen=True, slots=True)
class Quotable:
    """A published contribution that may be quoted."""

    contribution_id: int
    text: str
    themes: frozenset[str]


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """What a draft may say."""

    language: str
    figures: Figures
    themes: Mapping[str, str]
    """Label -> key."""
    channels: Mapping[str, Channel]
    """Label -> channel."""
    find: Callable[[str], Quotable | None]
    """The published contribution with a reference of nine digits."""


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """One sentence of a draft."""

    text: str
    fault: DraftFault | None
    section: str = ""
    """Of the report, to which it belongs."""
    voices: tuple[int, ...] = ()
    """The contributions it quotes."""


_CONNECTING: Mapping[str, tuple[str, ...]] = {
    "fr": ("par ailleurs,", "de plus,", "en outre,", "enfin,", "d'autre part,"),
    "en": ("also,", "moreover,", "in addition,", "finally,", "besides,"),
}

# <n>: the figure; <theme>, <way>: labels of the report's language. Longer forms first.
_FORMS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "published": "<n> contributions? (?:a été publiée|ont été publiées)",
        "theme": "<n> contributions? parle(?:nt)? (?:de|du thème) « <theme> »",
        "channel": "<n> contributions? (?:est venue|sont venues) par <way>",
        "texts": "ce sont <n> textes différents",
        "campaign": "<n> voix, 1 texte",
        "set_aside": "<n> contributions? (?:a été écartée|ont été écartées)",
        "unanswered": "<n> questions? (?:est|sont) sans réponse",
        "quote": "(?:un habitant|un autre habitant|une contribution) (?:dit|écrit) : ",
        "theme_quote": "(?:sur|à propos de) « <theme> », (?:un habitant|un autre habitant) (?:dit|écrit) : ",
    },
    "en": {
        "published": "<n> contributions? (?:has|have) been published",
        "theme": "<n> contributions? speaks? of “<theme>”",
        "channel": "<n> contributions? came by <way>",
        "texts": "they are <n> different texts",
        "campaign": "<n> voices, 1 text",
        "set_aside": "<n> contributions? (?:was|were) set aside",
        "unanswered": "<n> questions? (?:has|have) no answer",
        "quote": "(?:a resident|another resident|a contribution) (?:says|writes): ",
        "theme_quote": "(?:on|about) “<theme>”, (?:a resident|another resident) (?:says|writes): ",
    },
}
_SHOWN: Mapping[str, Sequence[str]] = {
    "fr": (
        "12 contributions ont été publiées.",
        "12 contributions parlent de « Vélo ».",
        "12 contributions sont venues par SMS.",
        "Ce sont 12 textes différents.",
        "12 voix, 1 texte.",
        "12 contributions ont été écartées.",
        "12 questions sont sans réponse.",
        "Un habitant dit : « Il manque un banc. » (n° 123 456 789)",
        "Sur « Vélo », un autre habitant écrit : « Il manque un abri. » (n° 123 456 789)",
        "Par ailleurs, … De plus, … En outre, … Enfin, … D'autre part, …",
    ),
    "en": (
        "12 contributions have been published.",
        "12 contributions speak of “Cycling”.",
        "12 contributions came by text message.",
        "They are 12 different texts.",
        "12 voices, 1 text.",
        "12 contributions were set aside.",
        "12 questions have no answer.",
        "A resident says: “A bench is missing.” (no. 123 456 789)",
        "On “Cycling”, another resident writes: “A shelter is missing.” (no. 123 456 789)",
        "Also, … Moreover, … In addition, … Finally, … Besides, …",
    ),
}
_MARKS = {"fr": ("«", "»"), "en": ("“", "”")}
_NUMBER = r"(?P<n>\d{1,3}(?:[  ,.]\d{3})*|\d+)"
_SENTENCE_END = ".!?…"


def check_draft(draft: str, facts: DraftFacts) -> list[CheckedSentence]:
    """Each sentence of a draft, kept or struck, with its voices."""
    return [_check(sentence, facts) for sentence in list(_sentences(draft))[:MOST_SENTENCES]]


def permitted_forms(language: str) -> list[str]:
    """The forms in plain words, to be shown to whoever writes a draft."""
    return list(_SHOWN.get(language, _SHOWN["en"]))


def _sentences(draft: str) -> Iterator[str]:
    """Sentences, one after the other; what stands between quotation marks is part of its sentence."""
    open_, held = 0, ""
    for at, character in enumerate(draft):
        held += " " if character.isspace() else character
        open_ += (character in "«“") - (character in "»”")
        following = draft[at + 1 : at + 2]
        is_end = character in _SENTENCE_END and (not following or following.isspace())
        if open_ <= 0 and (is_end or character == "\n"):
            if held.strip():
                yield " ".join(held.split())
            open_, held = 0, ""
    if held.strip():
        yield " ".join(held.split())


def _check(sentence: str, facts: DraftFacts) -> CheckedSentence:
    language = facts.language if facts.language in _FORMS else "en"
    said = _plain(sentence)
    for phrase in _CONNECTING[language]:
        if said.casefold().startswith(f"{phrase} "):
            said = said[len(phrase) + 1 :]
            break
    for name, form in _FORMS[language].items():
        pattern = _pattern(form, facts, with_quotation="quote" in name, language=language)
        if (found := pattern.fullmatch(said)) is not None:
            judge = _judge_quotation if "quote" in name else _judge_figure
            return judge(sentence, name, found, facts)
    return CheckedSentence(sentence, DraftFault.FORM)


def _plain(sentence: str) -> str:
    """One spelling of apostrophes and spaces; letters and digits stay what they are."""
    return " ".join(sentence.replace("’", "'").split())


def _pattern(form: str, facts: DraftFacts, *, with_quotation: bool, language: str) -> re.Pattern[str]:
    themes = "|".join(re.escape(_plain(label)) for label in sorted(facts.themes, key=len, reverse=True)) or r"(?!)"
    ways = "|".join(re.escape(_plain(label)) for label in sorted(facts.channels, key=len, reverse=True)) or r"(?!)"
    made = form.replace("<n>", _NUMBER).replace("<theme>", f"(?P<theme>{themes})").replace("<way>", f"(?P<way>{ways})")
    if with_quotation:
        before, after = _MARKS[language]
        made += rf"{before} ?(?P<quote>[^«»“”\s][^«»“”]*?) ?{after} \((?:n° ?|no\.? ?)(?P<reference>[\d ]{{9,14}})\)"
    return re.compile(f"{made}[.…]?", re.IGNORECASE)


def _judge_figure(sentence: str, name: str, found: re.Match[str], facts: DraftFacts) -> CheckedSentence:
    number = int(re.sub(r"\D", "", found["n"]))
    figures = facts.figures
    groups = found.groupdict()
    if name == "theme":
        key = next(key for label, key in facts.themes.items() if _is_label(label, groups["theme"]))
        right = {one.count for one in figures.themes if one.key == key}
        section = f"theme:{key}"
    elif name == "channel":
        way = next(channel for label, channel in facts.channels.items() if _is_label(label, groups["way"]))
        right = {figures.channels.get(way, 0)}
        section = "who"
    else:
        right, section = _plain_figures(name, figures)
    return CheckedSentence(sentence, None if number in right else DraftFault.FIGURE, section)


def _plain_figures(name: str, figures: Figures) -> tuple[set[int], str]:
    """The numbers that are right in a form, and the section it belongs to."""
    return {
        "published": ({figures.published}, "who"),
        "texts": ({figures.texts}, "campaigns"),
        "campaign": ({one.voices for one in figures.campaigns}, "campaigns"),
        "set_aside": ({figures.set_aside}, "aside"),
        "unanswered": ({figures.unanswered}, "questions"),
    }[name]


def _is_label(label: str, said: str) -> bool:
    """Whether a label is meant, whatever its capitals and apostrophes."""
    return _plain(label).casefold() == said.casefold()


def _judge_quotation(sentence: str, name: str, found: re.Match[str], facts: DraftFacts) -> CheckedSentence:
    number = references.parse_reference(found["reference"])
    voice = facts.find(number) if number else None
    if voice is None:
        return CheckedSentence(sentence, DraftFault.REFERENCE)
    if not stands_whole(found["quote"], voice.text):
        return CheckedSentence(sentence, DraftFault.QUOTATION)
    if name == "theme_quote":
        key = next(key for label, key in facts.themes.items() if _is_label(label, found["theme"]))
        if key not in voice.themes:
            return CheckedSentence(sentence, DraftFault.THEME)
        return CheckedSentence(sentence, None, f"theme:{key}", (voice.contribution_id,))
    return CheckedSentence(sentence, None, "themes", (voice.contribution_id,))


def stands_whole(quote: str, text: str) -> bool:
    """Whether a quotation is one or more whole sentences of a text, word for word: a part can mean the contrary."""
    wanted, said = _plain(quote), _plain(text)
    at = said.find(wanted)
    while at >= 0:
        before, behind = said[:at].rstrip(), said[at + len(wanted) :]
        starts = not before or before[-1] in _SENTENCE_END
        ends = not behind.strip() or wanted[-1:] in _SENTENCE_END or behind[:1] in _SENTENCE_END
        if starts and ends:
            return True
        at = said.find(wanted, at + 1)
    return False


def struck_sentences(checked: Iterable[CheckedSentence]) -> Sequence[CheckedSentence]:
    """Those that were not kept."""
    return [one for one in checked if one.fault is not None]
