"""What invented residents say, drawn from ``phrases.toml``: the same for the same seed."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from config.enums import Channel, SetAsideReason

PHRASES = Path(__file__).with_name("phrases.toml")

_CHANNELS = {Channel.SMS: 46, Channel.VOICEMAIL: 20, Channel.EMAIL: 16, Channel.PAPER: 18}
"""Percent, as in the public reports of such consultations: most people text."""

_NUMBERS = 10_000
"""06 39 98 00 00 to 06 39 98 99 99 are kept for fiction (Arcep, decision 2018-0881, annex)."""

_LATELY = 0.15
"""Share of residents who speak more than once."""


class UtteranceSort(StrEnum):
    """What sort of contribution it is; shares stand in ``_SORTS``."""

    NEED = "need"
    QUESTION = "question"
    OTHER_LANGUAGE = "other_language"
    CAMPAIGN = "campaign"
    PERSONAL = "personal"
    DANGER = "danger"
    SERVICE = "service"
    SET_ASIDE = "set_aside"


_SORTS = {
    UtteranceSort.NEED: 66,
    UtteranceSort.QUESTION: 6,
    UtteranceSort.OTHER_LANGUAGE: 4,
    UtteranceSort.CAMPAIGN: 6,
    UtteranceSort.PERSONAL: 7,
    UtteranceSort.DANGER: 1,
    UtteranceSort.SERVICE: 5,
    UtteranceSort.SET_ASIDE: 5,
}


@dataclass(frozen=True, slots=True)
class Utterance:
    """One invented contribution, before it arrives anywhere."""

    channel: Channel
    sort: UtteranceSort
    body: str
    language: str
    sender: str
    """A telephone number or a mail address; empty for paper and withheld numbers."""
    centre: int
    """Which of the consultation's centres handed it in, if it is paper."""
    reason: SetAsideReason | None
    """Why a moderator would set it aside."""
    signature: str = ""
    """Below a mail."""


@cache
def load_phrases() -> dict[str, Any]:
    """The file of phrases."""
    return tomllib.loads(PHRASES.read_text(encoding="utf-8"))


class UtteranceGenerator:
    """Invents what residents of one town say, one utterance after another; the same for the same seed."""

    def __init__(self, seed: int, centres: int) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - the same sample each time
        self._centres = max(1, centres)
        self._known: list[tuple[Channel, str]] = []

    def speak(self) -> Utterance:
        """The next contribution."""
        sort = self._weighted(_SORTS)
        channel = (
            Channel.PAPER if sort is UtteranceSort.CAMPAIGN and self._dice.random() < 0.7 else self._weighted(_CHANNELS)
        )
        language = "en" if sort is not UtteranceSort.CAMPAIGN and self._dice.random() < 0.08 else "fr"
        body, reason = self._words(sort, language), None
        if sort is UtteranceSort.OTHER_LANGUAGE:
            language = self._dice.choice(sorted(load_phrases()["others"]))
            body = self._dice.choice(load_phrases()["others"][language])
        if sort is UtteranceSort.SET_ASIDE:
            language, kind = "fr", self._dice.choice(sorted(load_phrases()["set_aside"]))
            body, reason = self._dice.choice(load_phrases()["set_aside"][kind]), SetAsideReason(kind)
        if channel is Channel.EMAIL and sort is UtteranceSort.NEED:
            body = self._letter(body, language)
        return Utterance(
            channel=channel,
            sort=sort,
            body=body,
            language=language,
            sender=self._sender(channel),
            centre=self._dice.randrange(self._centres),
            reason=reason,
            signature=self._name() if channel is Channel.EMAIL else "",
        )

    # --- words ---

    def _words(self, sort: UtteranceSort, language: str) -> str:
        data = load_phrases()
        if sort is UtteranceSort.NEED:
            said = self._need(language)
        elif sort in (UtteranceSort.OTHER_LANGUAGE, UtteranceSort.SET_ASIDE):
            return ""
        elif sort is UtteranceSort.CAMPAIGN:
            return str(self._dice.choice(data["campaign"]["fr"]))
        else:
            table = "questions" if sort is UtteranceSort.QUESTION else sort.value
            said = self._dice.choice(data[table][language])
        said = self._filled(said, language)
        if language != "fr":
            return said
        opening, closing = self._dice.choice(data["openings"]), self._dice.choice(data["closings"])
        if opening and opening[-2] in ",:":
            said = said[:1].lower() + said[1:] if not said[:2].isupper() else said
        return f"{opening}{said}{closing}"

    def _need(self, language: str) -> str:
        need = self._dice.choice(load_phrases()["needs"])
        if language != "fr":
            return str(self._dice.choice(need["en"]))
        return str(self._dice.choice(need["against"] if self._dice.random() < 0.15 else need["for"]))

    def _letter(self, first: str, language: str) -> str:
        """A mail says more than one thing, in paragraphs."""
        more = [self._filled(self._need(language), language) for _ in range(self._dice.randrange(0, 3))]
        return "\n\n".join([first, *more])

    def _filled(self, said: str, language: str) -> str:
        data, dice = load_phrases(), self._dice
        filled = (
            said.replace("{place_en}", dice.choice(data["places_en"]))
            .replace("{place}", dice.choice(data["places"]))
            .replace("{why}", dice.choice(data["whys"]))
            .replace("{first}", dice.choice(data["people"]["firsts"]))
            .replace("{name}", dice.choice(data["people"]["names"]))
            .replace("{address}", f"{dice.randrange(1, 90)} {dice.choice(data['people']['streets'])}")
            .replace("{phone}", self._number(spaced=True))
            .replace("{mail}", self._address())
        )
        return filled if language == "en" or filled[-1:] in ".!?" else filled + dice.choice(["", ".", " !"])

    # --- people ---

    def _sender(self, channel: Channel) -> str:
        if channel is Channel.PAPER or (channel is Channel.VOICEMAIL and self._dice.random() < 0.15):
            return ""
        again = [sender for way, sender in self._known[-200:] if way is channel]
        if again and self._dice.random() < _LATELY:
            return self._dice.choice(again)
        sender = self._address() if channel is Channel.EMAIL else self._number(spaced=False)
        self._known.append((channel, sender))
        return sender

    def _number(self, *, spaced: bool) -> str:
        last = f"{self._dice.randrange(_NUMBERS):04d}"
        return f"06 39 98 {last[:2]} {last[2:]}" if spaced else f"+3363998{last}"

    def _name(self) -> str:
        people = load_phrases()["people"]
        return f"{self._dice.choice(people['firsts'])} {self._dice.choice(people['names'])}"

    def _address(self) -> str:
        first, _, last = self._name().lower().replace("ë", "e").replace("é", "e").replace("ï", "i").partition(" ")
        return f"{first}.{last.replace(' ', '')}{self._dice.randrange(10, 99)}@example.org"

    def _weighted(self, shares: dict[Any, int]) -> Any:
        return self._dice.choices(list(shares), list(shares.values()))[0]
