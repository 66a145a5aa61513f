"""The verbs an answer to a call is made of: tell, gather keys, record, lead on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from twilio.twiml.voice_response import Gather, VoiceResponse

from channels.voice.call_request import CallFacts
from channels.voice.dialogue_state import MOST_TRIES, Place, Position
from config.wording.consultation import Consultation
from config.wording.message_catalog import Piece, spoken

# twilio.com/docs/voice/twiml/say/text-speech. An unknown language is an error the caller would hear, so a language
# without a voice is read by the French one: such a language wants recordings of the town's own.
VOICES = {
    "ar": "arb", "ca": "ca-ES", "cy": "cy-GB", "da": "da-DK", "de": "de-DE", "en": "en-GB", "es": "es-ES",
    "fi": "fi-FI", "fr": "fr-FR", "it": "it-IT", "nl": "nl-NL", "pl": "pl-PL", "pt": "pt-PT", "ro": "ro-RO",
    "ru": "ru-RU", "sv": "sv-SE", "tr": "tr-TR", "zh": "cmn-CN",
}  # fmt: skip


def read_aloud(parent: Any, text: str, language: str) -> None:
    """Words in a language, read by a voice."""
    parent.say(text, language=VOICES.get(language, VOICES["fr"]))


class Answer:
    """One answer, being put together."""

    def __init__(self, here: Place, facts: CallFacts) -> None:
        self.here = here
        self.facts = facts
        self.response = VoiceResponse()

    def other_languages(self) -> list[str]:
        """The languages key 9 leads to, one after the other, round again."""
        languages = self.facts.languages
        at = languages.index(self.here.language) + 1 if self.here.language in languages else 0
        return [one for one in (*languages[at:], *languages[:at]) if one != self.here.language]

    def record(self) -> None:
        """The tone and the recording; what follows it is reached only when nothing was said."""
        spoken_at = replace(self.here, position=Position.SPOKEN)
        self.response.record(
            action=spoken_at.url(self.facts.base),
            method="POST",
            timeout=self.facts.patience.pause_seconds,
            max_length=self.facts.patience.longest_minutes * 60,
            finish_on_key="#",
            play_beep=True,
            # It may be all that tells of the recording: callers hang up. So it knows what the action knows.
            recording_status_callback=replace(spoken_at, tries=1).at(f"{self.facts.base}/recording"),
            recording_status_callback_event="completed absent",
        )
        self.go(replace(self.here, position=Position.SPEAK, tries=min(self.here.tries + 1, MOST_TRIES)))

    def go(self, place: Place) -> None:
        """Lead on to another place."""
        self.response.redirect(place.url(self.facts.base), method="POST")

    def end(self, key: str, **more: str) -> None:
        """Say the text ``key`` and hang up."""
        self.tell(self.response, key, **more)
        self.response.hangup()

    def tell(self, parent: Any, key: str, language: str = "", **more: str) -> None:
        """Say the text ``key``, or play the town's own recording of it."""
        self.tell_about(parent, key, self.facts.consultation, language or self.here.language, **more)

    def tell_about(
        self, parent: Any, key: str, consultation: Consultation | None, language: str, **more: object
    ) -> None:
        """Say or play a text in the words of a consultation, which may be another one than was called."""
        text = spoken(key, language, consultation, **more)
        # A language may have recordings and no words: then those come before the words of another language.
        played = [self._recorded(language, piece) or self._recorded(text.language, piece) for piece in text.pieces]
        if consultation != self.facts.consultation or not any(played):
            read_aloud(parent, text.text, text.language)
            return
        for piece, addresses in zip(text.pieces, played, strict=True):
            for address in addresses:
                parent.play(address)
            if not addresses:
                read_aloud(parent, piece.text, text.language)

    def _recorded(self, language: str, piece: Piece) -> list[str]:
        """The town's recordings that say this piece; none unless all of it was recorded."""
        names = [f"digit-{digit}" for digit in piece.digits] or [piece.name]
        found = [self.facts.prompts.get(f"{language}/{name}", "") for name in names]
        return found if all(found) else []

    def gather(self, position: Position, *, timeout: int, num_digits: int = 1) -> Gather:
        """Wait for keys while speaking; without any, the dialogue goes on below."""
        return self.response.gather(
            input="dtmf",
            action=replace(self.here, position=position).url(self.facts.base),
            method="POST",
            timeout=timeout,
            num_digits=num_digits,
            finish_on_key="#" if num_digits > 1 else "",
        )
