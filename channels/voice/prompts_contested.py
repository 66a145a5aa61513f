"""What a reference tells by telephone, what we understood of a message, and « Ce n'est pas ça »."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from channels.base.call_steps import CallStep, Gather, Play, Say
from channels.voice.call_request import CONTESTING, HEARING, UNDERSTOOD, WISHING_LATER
from channels.voice.dialogue_state import Position
from channels.voice.prompts_dictated import DICTATION, Dictating
from channels.voice.spoken_facts import SpokenState

_TRIES = 3
"""How often a reference may be keyed that is none, and a code that is another."""
_IN_PERSON, _WRONG = "answered_in_person", "code_wrong"
"""The states after which a code may be keyed: an individual answer, and a code that was another."""
CODE_DIGITS = 6
_NOBODYS = ("unknown", "card", "later", "erased")
"""The states that are told of no message that is kept."""


class Contesting(Dictating):
    """What is said to whoever asks by a reference."""

    def tell_state(self) -> Iterator[CallStep]:
        """The state in plain words, and the tone for whoever wants to add something."""
        state = self.facts.state
        if state.name == DICTATION:
            yield from self.dictate()
            return
        told = [*self.tell_about_state(state)]
        if state.name == "unknown" and self.here.tries < _TRIES:
            self.here = replace(self.here, tries=self.here.tries + 1)
            yield self.gather_digits(told)
        elif state.name in _NOBODYS:
            yield self.gather_key(told)
        elif state.name == _IN_PERSON or (state.name == _WRONG and self.here.tries < _TRIES):
            yield self._gather_code(told, state)
        else:
            self.here = replace(self.here, reference=str(state.facts["reference"]))
            later = self.tell("voice_wishes_later") if self.facts.wishes.offered else ()
            yield self.gather_key([*told, *self.tell("voice_state_more"), *later], Position.TOLD)
        yield self.lead_on()

    def gather_digits(self, said: Iterable[Say | Play]) -> Gather:
        """Wait for the nine digits of a reference."""
        return self.gather(Position.STATE, said, seconds=self.facts.patience.digit_seconds, digits=9)

    def _gather_code(self, told: list[Say | Play], state: SpokenState) -> Gather:
        """Wait for the code of an individual answer, or for one key; a code that is another may be keyed again."""
        tries = self.here.tries + 1 if state.name == _WRONG else 1
        self.here = replace(self.here, reference=str(state.facts["reference"]), tries=tries)
        asked = [] if state.name == _WRONG else [*self.tell("voice_code_key")]
        wait = self.facts.patience.digit_seconds
        return self.gather(Position.CODE, [*told, *asked], seconds=wait, digits=CODE_DIGITS)

    def after_state(self, digits: str) -> Iterator[CallStep]:
        """1 the state again, 3 what we understood, a code its answer; any other key does what it does elsewhere."""
        if self.here.reference and len(digits) > 1:
            return self.tell_state()
        if self.here.reference and digits == HEARING:
            return self.tell_state()
        if self.here.reference and digits == UNDERSTOOD:
            return self._tell_understood()
        if self.here.reference and digits == WISHING_LATER and self.facts.wishes.offered:
            return iter([self.go(replace(self.here, position=Position.WISH))])
        return self.obey_key(digits)

    def _tell_understood(self) -> Iterator[CallStep]:
        found = self.facts.understood
        said = [*self.tell(f"voice_understood_{found.name}")]
        if found.words:
            said.append(Say(found.words, found.language))
        yield self.gather_key([*said, *self.tell("voice_contest_key")], Position.CONTEST)
        yield self.lead_on()

    def after_understood(self, digits: str) -> Iterator[CallStep]:
        """1 says that this is not it."""
        if not self.here.reference or digits != CONTESTING:
            yield from self.obey_key(digits)
            return
        yield self.gather_key(self.tell("voice_contested"))
        yield self.lead_on()

    def obey_key(self, digits: str) -> Iterator[CallStep]:
        """What a key does in the greeting."""
        raise NotImplementedError
