"""An official speaks an answer of the town on the telephone, by a code keyed in the place of a reference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from channels.base.call_steps import CallStep, HangUp, Record
from channels.voice.dialogue_state import Position
from channels.voice.prompts_voted import Voting

DICTATION = "dictation"
"""The name of the state that a code opens."""
ANEW = "2"


class Dictating(Voting):
    """What is said to whoever speaks an answer."""

    def dictate(self) -> Iterator[CallStep]:
        """The tone, then what was said is kept; the code stands in the place of a reference."""
        self.here = replace(self.here, reference=str(self.facts.state.facts.get("code", self.here.reference)))
        yield from self.tell("voice_dictate")
        address = replace(self.here, position=Position.DICTATED, tries=1).url(self.facts.base)
        yield Record(address, address, self.facts.patience.pause_seconds, longest_seconds=300)
        yield from self.tell("voice_nothing_heard")
        yield HangUp()

    def tell_dictated(self, digits: str) -> Iterator[CallStep]:
        """That it is kept; 2 speaks anew."""
        if digits == ANEW:
            yield from self.dictate()
            return
        yield self.gather_key(self.tell("voice_dictated"), Position.DICTATED)
        yield HangUp()
