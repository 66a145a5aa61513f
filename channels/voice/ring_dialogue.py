"""A call of ours to somebody who asked to be called back with the answer of the town.

Nothing is told before a key is pressed: an answering machine, or somebody else who picks up, hears that the town calls
and how to hear the answer, and no more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from channels.base.call_steps import CallStep, HangUp
from channels.voice.call_request import CallFacts
from channels.voice.call_response import CallAnswer
from channels.voice.dialogue_state import Place, Position
from channels.voice.spoken_facts import SpokenState

HEAR, CONTEST, NO_MORE = "1", "3", "0"
_TIMES = 2
"""How often it is said who calls: whoever picks up may need a moment."""


@dataclass(frozen=True)
class RingFacts:
    """What is known of a call of ours."""

    call: CallFacts
    state: SpokenState = field(default_factory=lambda: SpokenState("unknown"))
    """The answer that is told."""

    @property
    def is_over(self) -> bool:
        """Nothing is left to be told: it was withdrawn, or erased."""
        return self.state.name == "unknown"


def answer_ring(place: Place, digits: str, facts: RingFacts) -> tuple[CallStep, ...]:
    """What is said, step by step."""
    return tuple(_RingAnswer(place, facts).answer(digits))


def answer_test_call(language: str, facts: CallFacts) -> tuple[CallStep, ...]:
    """What whoever looks after the telephone hears in a test call: the town, and that it works."""
    here = Place(Position.RING, language or facts.languages[0])
    return tuple(CallAnswer(here, facts).end("voice_test_call"))


class _RingAnswer(CallAnswer):
    def __init__(self, here: Place, facts: RingFacts) -> None:
        super().__init__(replace(here, language=here.language or facts.call.languages[0]), facts.call)
        self._state = facts.state
        self._is_over = facts.is_over

    def answer(self, digits: str) -> Iterator[CallStep]:
        """Who calls and why; after a key, the answer."""
        if self._is_over:
            yield from self.end("voice_ring_over")
        elif self.here.position is not Position.RUNG:
            yield from self._greet()
        elif digits == NO_MORE:
            yield from self.end("voice_ring_no_more")
        elif digits == CONTEST:
            yield from self.end("voice_contested")
        elif digits == HEAR:
            yield from self._tell()
        else:
            yield from self._greet()

    def _greet(self) -> Iterator[CallStep]:
        if self.here.tries > _TIMES:
            yield from self.end("voice_ring_missed")
            return
        yield self.gather_key(self.tell("voice_ring_greeting"), Position.RUNG)
        yield self.go(replace(self.here, position=Position.RING, tries=self.here.tries + 1))

    def _tell(self) -> Iterator[CallStep]:
        told = self.tell_about_state(self._state)
        yield self.gather_key([*told, *self.tell("voice_state_more")], Position.RUNG)
        yield from self.tell("voice_ring_bye")
        yield HangUp()
