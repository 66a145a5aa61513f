"""Voices for projects: « OUI 12 », and the words beside one.

A voice is taken only where the form leaves no doubt. « OUI 12 bancs de plus » and « oui, 12 % » are opinions: with
words behind it, a number is a project's only where a sign or « car », « parce que » parts them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from channels.intent.courtesy import without_courtesy

_MOST_CHARACTERS = 1_600
"""Ten text messages: what is longer begins with no vote."""

_POLITE = r"(?:(?:bonjour|bonsoir|salut|hello|hi|good morning|madame|monsieur|messieurs|mesdames)\b[\s,.!;:]*)*"
_FOR = (
    r"(?:oui|yes|ok|vote[rz]?|vot|je (?:vote|soutiens|choisis|prefere|suis)|nous (?:votons|soutenons)|"
    r"i(?:'?m| am)?(?: (?:vote|support|choose))?|soutien|soutenir|support|choix|pour|for|\+1|"
    r"[👍✅✔☑]\ufe0f?[\U0001f3fb-\U0001f3ff]?)"
)
_AGAINST = (
    r"(?:non|no|(?:je )?(?:retire[rz]?|annule[rz]?|enleve[rz]?)|(?:i )?(?:remove|withdraw|cancel))"
    r"(?: (?:mon|ma|my) (?:vote|voix|voice|soutien|support))?"
)
_PROJECT = r"(?:projets?|projects?|idees?|ideas?|propositions?)"
_BETWEEN = (
    rf"(?:[\s:,.\-–]*(?:(?:pour|for|a|au|aux|le|la|les|l|the|du|de|mon|my|vote|voix|choix|{_PROJECT}|nos?|nrs?|num|numeros?"
    r"|numbers?|oui|yes)\b|n ?[°ºo.]+|#|№))*"
)
_NUMBERS = r"(?P<numbers>[0-9]{1,3}(?:(?:\s*(?:,|;|et|and|&|\+|oui|yes)\s*(?:le |la |n ?[°º] ?)?|\s+)[0-9]{1,3})*)"
_CARD = re.compile(
    r"[\s,;.:\-–]*\b(?:ma |my |avec (?:la |ma )?|with (?:the |my )?)?(?:carte|card) ?"
    r"(?:n ?[°ºo.]*|num(?:ero)?|number)?"
    r"\s*:?\s*(?P<card>[0-9](?:[ .\-]?[0-9]){2,19})(?![0-9])"
)
_SAID = re.compile(
    rf"{_POLITE}(?:(?:(?P<against>{_AGAINST})|{_FOR})(?![a-z])|(?={_PROJECT}\b)|(?=[0-9]{{1,3}}\W*$))"
    rf"{_BETWEEN}[\s:,.\-–]*{_NUMBERS}(?![0-9])(?P<rest>.*)",
    re.DOTALL,
)
_PARTED = re.compile(
    r"\s*(?:[.,;:!)\n–—-]+(?![0-9])"
    r"|(?=(?:car|parce|puisque|pour que|because|since|so that|et (?:je|il|elle|on|c)|mais|but)\b))\s*"
)


@dataclass(frozen=True)
class VoteSaid:
    """A voice: for which projects, or that it is taken back; the card's digits; the words beside it."""

    numbers: tuple[int, ...]
    takes_back: bool = False
    card: str = ""
    words: str = ""


def vote_in(text: str) -> VoteSaid | None:
    """The voice a message holds; None where it is, or may be, something else."""
    if len(text) > _MOST_CHARACTERS:
        return None
    plain, places = _plain(text)
    found = _SAID.match(plain)
    if found is None:
        return None
    rest, start = found["rest"], found.start("rest")
    card = ""
    if carded := _CARD.match(rest):
        card = re.sub(r"\D", "", carded["card"])
        rest, start = rest[carded.end() :], start + carded.end()
    words = ""
    before = text[: places[start]] if start < len(places) else text
    if without_courtesy(rest).strip() and without_courtesy(text) != without_courtesy(before):
        parted = _PARTED.match(rest)
        if parted is None:
            return None
        words = text[places[start + parted.end()] :].strip() if start + parted.end() < len(places) else ""
    numbers = tuple(dict.fromkeys(int(one) for one in re.findall(r"[0-9]+", found["numbers"])))
    return VoteSaid(numbers, takes_back=found["against"] is not None, card=card, words=words)


def keyed_vote(digits: str) -> VoteSaid | None:
    """What was keyed on a telephone: a project's number, before it a card's with a star between; None for neither."""
    found = re.fullmatch(r"(?:([0-9]{3,20})\*)?([0-9]{1,3})", digits.strip("#"))
    return VoteSaid((int(found[2]),), card=found[1] or "") if found else None


def _plain(text: str) -> tuple[str, list[int]]:
    """Small letters without accents, and for each character its place in the text."""
    plain, places = [], []
    for place, character in enumerate(text):
        for one in unicodedata.normalize("NFKD", character).casefold():
            if not unicodedata.combining(one):
                plain.append("'" if one == "’" else one)
                places.append(place)
    return "".join(plain), places
