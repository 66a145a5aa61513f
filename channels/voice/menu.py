"""The spoken menu. Nobody has to press anything: after greeting and consent the tone comes by itself."""

from __future__ import annotations

from dataclasses import replace

from twilio.twiml.voice_response import Gather, VoiceResponse

from channels.base.values import IncomingCall
from channels.voice.call_request import CallFacts, Phase
from channels.voice.call_response import read_aloud
from channels.voice.dialogue_state import Place, Position
from channels.voice.prompts_spoken import Speaking
from config.wording.message_catalog import spoken

_TRIES = 3
"""How often a reference may be keyed that is none."""


def say(place: Place, call: IncomingCall, facts: CallFacts) -> str:
    """The answer as TwiML. Nobody ever hears an error: whatever is unexpected leads back to the tone."""
    here = replace(place, language=place.language or facts.languages[0])
    menu = _Menu(here, facts)
    if not call.ended:
        menu.answer(call)
    return str(menu.response)


def apologise(language: str) -> str:
    """The answer when no other can be made, which needs nothing but our own words."""
    response, text = VoiceResponse(), spoken("voice_trouble", language, None)
    read_aloud(response, text.text, text.language)
    response.hangup()
    return str(response)


class _Menu(Speaking):
    """What is said at each place."""

    def answer(self, call: IncomingCall) -> None:
        """Say what belongs to this place."""
        match self.here.position:
            case Position.GREETING:
                self.greet()
            case Position.KEY:
                self.obey_key(call.digits)
            case Position.SPOKEN if call.recording is not None:
                self.here = replace(self.here, recording=call.recording.external_id)
                self.offer_again()
            case Position.CHOICE:
                self.obey_choice(call.digits)
            case Position.AGAIN if self.here.recording:
                self.play_again()
            case Position.THANKS:
                self.thank()
            case Position.STATE:
                self.tell_state()
            case _:
                self.listen()

    def greet(self) -> None:
        """Greeting, question, consent, tone; outside the consultation's dates a kind sentence instead."""
        open_now = self.facts.phase is Phase.OPEN
        keys = self.gather(Position.KEY, timeout=1 if open_now else self.facts.patience.key_seconds)
        if self.here.tries == 1:
            self.tell(keys, "voice_greeting" if self.facts.consultation else "voice_unknown_number")
            for other in self.other_languages():
                self.tell(keys, "voice_press_9", other)
        if not open_now:
            self.tell(keys, self.closed())
            self.response.hangup()
            return
        if self.facts.consultation:
            self.tell(keys, "voice_question")
        self.tell(keys, "voice_before_tone" if self.facts.consultation else "voice_consent")
        self.here = replace(self.here, tries=1)
        self.record()

    def closed(self) -> str:
        """The text for callers outside the consultation's dates."""
        return "voice_closed" if self.facts.phase is Phase.OVER else "voice_not_open_yet"

    def obey_key(self, digits: str) -> None:
        """9 the next language, 3 the question again, 0 one's rights, 2 a state; any other key, the tone."""
        here = Place(Position.GREETING, self.here.language)
        if digits == "9":
            self.go(replace(here, language=next(iter(self.other_languages()), here.language)))
        elif digits == "3":
            self.go(replace(here, tries=2))
        elif digits == "0":
            self.tell(self.gather(Position.KEY, timeout=self.facts.patience.key_seconds), "voice_rights")
            self.lead_on()
        elif digits == "2":
            self.tell(self.gather_digits(), "voice_key_reference")
            self.lead_on()
        else:
            if self.facts.phase is not Phase.OPEN:
                self.tell(self.gather(Position.KEY, timeout=self.facts.patience.key_seconds), self.closed())
            self.lead_on()

    def tell_state(self) -> None:
        """The state in plain words, and the tone for whoever wants to add something."""
        state = self.facts.state
        if state.name == "unknown" and self.here.tries < _TRIES:
            self.here = replace(self.here, tries=self.here.tries + 1)
            keys = self.gather_digits()
        else:
            keys = self.gather(Position.KEY, timeout=self.facts.patience.key_seconds)
        self.tell_about(keys, f"voice_state_{state.name}", state.consultation, self.here.language, **state.facts)
        self.lead_on()

    def gather_digits(self) -> Gather:
        """Wait for the nine digits of a reference."""
        return self.gather(Position.STATE, timeout=self.facts.patience.digit_seconds, num_digits=9)

    def lead_on(self) -> None:
        """To the tone, as long as the consultation listens."""
        if self.facts.phase is Phase.OPEN:
            self.go(Place(Position.SPEAK, self.here.language))
        else:
            self.response.hangup()
