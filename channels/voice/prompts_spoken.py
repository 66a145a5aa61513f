"""Speaking: the tone, listening again, starting again, thanks and the reference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from channels.base.call_steps import CallStep, Pause, Play, Say
from channels.voice.call_request import WISHING
from channels.voice.call_response import CallAnswer
from channels.voice.dialogue_state import Position

_WAITS = 3
"""How often a caller is asked to wait for us."""
_WAIT_SECONDS = 2


class Speaking(CallAnswer):
    """What is said from the tone to the end of a call."""

    def listen(self) -> Iterator[CallStep]:
        """The tone, after the second and the third time with encouragement; then a kind goodbye."""
        if self.here.tries > self.facts.patience.tries:
            if self.here.recording:  # wanted to start again: nothing is lost
                yield from self.tell("voice_first_kept")
                yield self.go(replace(self.here, position=Position.THANKS, tries=1))
                return
            yield from self.end("voice_goodbye")
            return
        if self.here.tries > 1:
            yield from self.tell("voice_nothing_heard")
        else:  # a key may have cut the consent short; who speaks anew has heard it
            yield from self.tell("voice_speak_now" if self.here.recording else "voice_consent")
        yield from self.record()

    def offer_again(self) -> Iterator[CallStep]:
        """1 listens again, 2 starts again; without a key, thanks and the reference."""
        yield self.gather_key([*self.tell("voice_after_speaking"), *self._offer()], Position.CHOICE)
        yield self.go(replace(self.here, position=Position.THANKS, tries=1))

    def obey_choice(self, digits: str) -> Iterator[CallStep]:
        """Play the recording, or let the caller speak anew."""
        positions = {"1": Position.AGAIN, "2": Position.SPEAK} if self.here.recording else {}
        if self.here.recording and self.facts.wishes.offered:
            positions[WISHING] = Position.WISH
        yield self.go(replace(self.here, position=positions.get(digits, Position.THANKS), tries=1))

    def play_again(self) -> Iterator[CallStep]:
        """The recording, once it is here: the provider wants credentials for it, and may not have it at once."""
        if not self.facts.heard and self.here.tries <= _WAITS:
            if self.here.tries == 1:
                yield from self.tell("voice_one_moment")
            yield from self.wait()
            return
        played = [Play(self.facts.heard)] if self.facts.heard else []
        told = self.tell("voice_after_speaking" if self.facts.heard else "voice_cannot_play")
        yield self.gather_key([*played, *told, *self._offer()], Position.CHOICE)
        yield self.go(replace(self.here, position=Position.THANKS, tries=1))

    def _offer(self) -> Iterator[Say | Play]:
        if self.facts.wishes.offered:
            yield from self.tell("voice_wishes")

    def thank(self) -> Iterator[CallStep]:
        """The reference, digit by digit, twice."""
        if self.facts.reference:
            yield from self.end("voice_thanks", reference=self.facts.reference)
        elif self.here.tries <= _WAITS:  # the store did not answer; the recording is safe, so it is worth waiting
            yield from self.wait()
        else:
            yield from self.end("voice_thanks_only")

    def wait(self) -> Iterator[CallStep]:
        """Come back here in a moment."""
        yield Pause(_WAIT_SECONDS)
        yield self.go(replace(self.here, tries=self.here.tries + 1))
