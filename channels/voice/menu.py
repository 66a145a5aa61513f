"""The spoken menu. Nobody has to press anything: after greeting and consent the tone comes by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from channels.base.call_steps import CallStep, HangUp, Play, Say
from channels.base.values import IncomingCall
from channels.voice.call_request import MORE, VOTING, CallFacts, DatePhase
from channels.voice.dialogue_state import MOST_TRIES, Place, Position
from channels.voice.prompts_contested import Contesting
from config.wording.message_catalog import spoken_text


def answer_call(place: Place, call: IncomingCall, facts: CallFacts) -> tuple[CallStep, ...]:
    """The answer, step by step. Nobody ever hears an error: whatever is unexpected leads back to the tone."""
    here = replace(place, language=place.language or facts.languages[0])
    return () if call.ended else tuple(_Menu(here, facts).answer(call))


def apology(language: str) -> tuple[CallStep, ...]:
    """The answer when no other can be made, which needs nothing but our own words."""
    text = spoken_text("voice_trouble", language, None)
    return Say(text.text, text.language), HangUp()


class _Menu(Contesting):
    """What is said at each place."""

    def answer(self, call: IncomingCall) -> Iterator[CallStep]:
        """Say what belongs to this place."""
        match self.here.position:
            case Position.GREETING:
                return self.greet()
            case Position.KEY:
                return self.obey_key(call.digits)
            case Position.SPOKEN if call.recording is not None:
                self.here = replace(self.here, recording=call.recording.external_id)
                return self.offer_again()
            case Position.CHOICE:
                return self.obey_choice(call.digits)
            case Position.AGAIN if self.here.recording:
                return self.play_again()
            case Position.THANKS:
                return self.thank()
            case _:
                return self._told(call)

    def _told(self, call: IncomingCall) -> Iterator[CallStep]:
        match self.here.position:
            case Position.STATE:
                return self.tell_state()
            case Position.TOLD | Position.CODE:
                return self.after_state(call.digits)
            case Position.CONTEST:
                return self.after_understood(call.digits)
            case Position.WISH:
                return self.ask_wish()
            case Position.WISHED:
                return self.tell_wish()
            case Position.DICTATED if self.here.reference:
                return self.tell_dictated(call.digits)
            case Position.VOTE:
                return self.tell_vote()
            case Position.OTHERS if call.digits in ("", MORE):
                return self.tell_others()
            case Position.OTHERS:
                return self.obey_key(call.digits)
            case _:
                return self.listen()

    def greet(self) -> Iterator[CallStep]:
        """Greeting, question, consent, tone; outside the consultation's dates a kind sentence instead."""
        if self.facts.phase is not DatePhase.OPEN:
            yield self.gather_key([*self._welcome(), *self.tell(self.closed())])
            yield HangUp()
            return
        yield self.gather(Position.KEY, [*self._welcome(), *self._asked()], seconds=1)
        self.here = replace(self.here, tries=1)
        yield from self.record()

    def _welcome(self) -> Iterator[Say | Play]:
        if self.here.tries == 1:
            yield from self.tell("voice_greeting" if self.facts.consultation else "voice_unknown_number")
            for other in self.other_languages():
                yield from self.tell("voice_press_9", other)

    def _asked(self) -> Iterator[Say | Play]:
        if self.facts.consultation:
            yield from self.tell("voice_question")
            if self.facts.consultation.projects:
                yield from self.tell("voice_vote_offer")
        yield from self.tell("voice_before_tone" if self.facts.consultation else "voice_consent")

    def closed(self) -> str:
        """The text for callers outside the consultation's dates."""
        return "voice_closed" if self.facts.phase is DatePhase.OVER else "voice_not_open_yet"

    def obey_key(self, digits: str) -> Iterator[CallStep]:
        """9 the next language, 3 the question again, 0 one's rights, 2 a state, 4 others, 5 a voice; else, the tone."""
        here = Place(Position.GREETING, self.here.language)
        if digits == "9":
            yield self.go(replace(here, language=next(iter(self.other_languages()), here.language)))
            return
        if digits == "3":
            yield self.go(replace(here, tries=2))
            return
        if digits == MORE:
            yield self.go(replace(here, position=Position.OTHERS))
            return
        if digits == VOTING and self.votes:
            yield self.ask_vote()
        elif digits == "0":
            yield self.gather_key(self.tell("voice_rights"))
        elif digits == "2":
            yield self.gather_digits(self.tell("voice_key_reference"))
        elif self.facts.phase is not DatePhase.OPEN:
            yield self.gather_key(self.tell(self.closed()))
        yield self.lead_on()

    def tell_others(self) -> Iterator[CallStep]:
        """The ledger in a sentence, then what others said, a few at a time; the tone for whoever wants to answer."""
        others, first = self.facts.others, self.here.tries == 1
        said: list[Say | Play] = []
        if not others.counts:
            said += self.tell("voice_others_none")
        elif first:
            said += self.tell_about("voice_others", self.facts.consultation, self.here.language, **others.counts)
        for place, (words, language) in enumerate(others.voices):
            sound = others.sounds[place] if place < len(others.sounds) else ""
            said.append(Play(sound) if sound else Say(words, language))
            number = others.supports[place] if place < len(others.supports) else None
            if number is not None:
                said += self.tell("voice_others_support", number=str(number))
        if others.are_more and self.here.tries < MOST_TRIES:
            said += self.tell("voice_others_more")
        self.here = replace(self.here, tries=min(self.here.tries + 1, MOST_TRIES))
        yield self.gather_key(said, Position.OTHERS)
        yield self.lead_on()

    def lead_on(self) -> CallStep:
        """To the tone, as long as the consultation listens."""
        return self.go(Place(Position.SPEAK, self.here.language)) if self.facts.phase is DatePhase.OPEN else HangUp()
