"""The spoken menu. Nobody has to press anything: after greeting and consent the tone comes by itself."""

from __future__ import annotations

from dataclasses import replace

from channels.twilio import recording_url
from channels.values import IncomingCall
from channels.voicemail.answer import Answer
from channels.voicemail.call import CallFacts, Phase, Place, Position

_TRIES = 3


def say(place: Place, call: IncomingCall, facts: CallFacts) -> str:
    """The answer as TwiML. Nobody ever hears an error: whatever is unexpected leads back to the tone."""
    here = replace(place, language=place.language or facts.languages[0])
    menu = _Menu(here, facts)
    if not call.ended:
        menu.answer(call)
    return str(menu.response)


class _Menu(Answer):
    """What is said at each place."""

    def answer(self, call: IncomingCall) -> None:
        """Say what belongs to this place."""
        position = self.here.position
        empty = position is Position.SPOKEN and call.recording is None
        if position is Position.GREETING:
            self.greet()
        elif position is Position.KEY:
            self.obey_key(call.digits)
        elif position is Position.SPOKEN and not empty:
            self.offer_again(call)
        elif position is Position.CHOICE:
            self.obey_choice(call)
        elif position is Position.THANKS:
            self.thank()
        elif position is Position.STATE:
            self.tell_state()
        else:
            self.listen()

    def greet(self) -> None:
        """Greeting, question, consent, tone; outside the consultation's dates a kind sentence instead."""
        keys = self.gather(Position.KEY, timeout=1, num_digits=1)
        self.tell(keys, "voice_greeting" if self.facts.consultation else "voice_unknown_number")
        if (other := self.next_language()) != self.here.language:
            self.tell(keys, "voice_press_9", other)
        phase = self.facts.phase
        if phase is not Phase.OPEN:
            self.tell(keys, "voice_closed" if phase is Phase.OVER else "voice_not_open_yet")
            self.response.hangup()
            return
        if self.facts.consultation:
            self.tell(keys, "voice_question")
        self.tell(keys, "voice_before_tone")
        self.record()

    def listen(self) -> None:
        """The tone, after the second and the third time with encouragement; then a kind goodbye."""
        if self.here.tries > _TRIES:
            self.tell(self.response, "voice_goodbye")
            self.response.hangup()
            return
        if self.here.tries > 1:
            self.tell(self.response, "voice_nothing_heard")
        else:  # a key may have cut the consent short; who speaks anew has heard it
            self.tell(self.response, "voice_speak_now" if self.here.recording else "voice_before_tone")
        self.record()

    def obey_key(self, digits: str) -> None:
        """9 the next language, 3 the question again, 0 one's rights, 2 a state; any other key, the tone."""
        if digits == "9" or digits == "3":
            language = self.next_language() if digits == "9" else self.here.language
            self.go(Place(Position.GREETING, language))
        elif digits == "0":
            keys = self.gather(Position.KEY, timeout=1, num_digits=1)
            self.tell(keys, "voice_rights")
            self.lead_on()
        elif digits == "2":
            keys = self.gather(Position.STATE, timeout=10, num_digits=9)
            self.tell(keys, "voice_key_reference")
            self.lead_on()
        else:
            self.lead_on()

    def offer_again(self, call: IncomingCall) -> None:
        """1 listens again, 2 starts again; without a key, thanks and the reference."""
        recording = call.recording.external_id if call.recording else self.here.recording
        self.here = replace(self.here, recording=recording)
        keys = self.gather(Position.CHOICE, timeout=3, num_digits=1)
        self.tell(keys, "voice_after_speaking")
        self.go(replace(self.here, position=Position.THANKS, tries=1))

    def obey_choice(self, call: IncomingCall) -> None:
        """Play the recording, or let the caller speak anew."""
        if call.digits == "2":
            self.go(Place(Position.SPEAK, self.here.language, recording=self.here.recording))
            return
        if call.digits == "1" and self.here.recording:
            keys = self.gather(Position.CHOICE, timeout=3, num_digits=1)
            keys.play(recording_url(self.facts.api_base, call.account, self.here.recording))
            self.tell(keys, "voice_after_speaking")
        self.go(replace(self.here, position=Position.THANKS, tries=1))

    def thank(self) -> None:
        """The reference, digit by digit, twice."""
        if self.facts.reference:
            self.tell(self.response, "voice_thanks", reference=self.facts.reference)
        elif self.here.tries <= _TRIES:  # the store did not answer; the recording is safe, so it is worth waiting
            self.response.pause(length=2)
            self.go(replace(self.here, tries=self.here.tries + 1))
            return
        self.response.hangup()

    def tell_state(self) -> None:
        """The state in plain words, and the tone for whoever wants to add something."""
        if self.facts.state:
            self.say_text(self.response, self.facts.state, self.here.language)
        else:
            self.tell(self.response, "voice_state_unknown")
        self.lead_on()

    def lead_on(self) -> None:
        """To the tone, as long as the consultation listens."""
        if self.facts.phase is Phase.OPEN:
            self.go(Place(Position.SPEAK, self.here.language))
        else:
            self.response.hangup()
