"""The verbs an answer to a call is made of: tell, gather keys, record, lead on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from twilio.twiml.voice_response import Gather, VoiceResponse

from channels.voicemail.call import MOST_TRIES, CallFacts, Place, Position
from config.texts import resident_text

_PAUSE_SECONDS = 8  # silence that ends a recording: the provider's 5 cut slow speakers off
_LONGEST_SECONDS = 1800
_VOICES = {"fr": "fr-FR", "en": "en-GB"}


class Answer:
    """One answer, being put together."""

    def __init__(self, here: Place, facts: CallFacts) -> None:
        self.here = here
        self.facts = facts
        self.response = VoiceResponse()

    def next_language(self) -> str:
        """The language key 9 leads to."""
        languages = self.facts.languages
        known = self.here.language in languages
        return languages[(languages.index(self.here.language) + 1) % len(languages)] if known else languages[0]

    def record(self) -> None:
        """The tone and the recording; what follows it is reached only when nothing was said."""
        self.response.record(
            action=replace(self.here, position=Position.SPOKEN).url(self.facts.base),
            method="POST",
            timeout=_PAUSE_SECONDS,
            max_length=_LONGEST_SECONDS,
            finish_on_key="#",
            play_beep=True,
            recording_status_callback=f"{self.facts.base}/recording",
            recording_status_callback_event="completed absent",
        )
        self.go(Place(Position.SPEAK, self.here.language, min(self.here.tries + 1, MOST_TRIES)))

    def go(self, place: Place) -> None:
        """Lead on to another place."""
        self.response.redirect(place.url(self.facts.base), method="POST")

    def tell(self, parent: Any, key: str, language: str = "", **more: str) -> None:
        """Say the text ``key``, or play the town's own recording of it."""
        language = language or self.here.language
        if prompt := self.facts.prompts.get(f"{language}/{key}"):
            parent.play(prompt)
        else:
            self.say_text(parent, resident_text(key, language, self.facts.consultation, **more), language)

    def say_text(self, parent: Any, text: str, language: str) -> None:
        """Say a text with the voice of its language."""
        parent.say(text, language=_VOICES.get(language, language))

    def gather(self, position: Position, *, timeout: int, num_digits: int) -> Gather:
        """Wait for keys while speaking; without any, the dialogue goes on below."""
        return self.response.gather(
            input="dtmf",
            action=replace(self.here, position=position).url(self.facts.base),
            method="POST",
            timeout=timeout,
            num_digits=num_digits,
            finish_on_key="#" if num_digits > 1 else "",
        )
