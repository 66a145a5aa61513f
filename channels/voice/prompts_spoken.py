"""Speaking: the tone, listening again, starting again, thanks and the reference."""

from __future__ import annotations

from dataclasses import replace

from channels.voice.call_response import Answer
from channels.voice.dialogue_state import Position

_WAITS = 3
"""How often a caller is asked to wait for us."""
_WAIT_SECONDS = 2


class Speaking(Answer):
    """What is said from the tone to the end of a call."""

    def listen(self) -> None:
        """The tone, after the second and the third time with encouragement; then a kind goodbye."""
        if self.here.tries > self.facts.patience.tries:
            if self.here.recording:  # wanted to start again: nothing is lost
                self.tell(self.response, "voice_first_kept")
                self.go(replace(self.here, position=Position.THANKS, tries=1))
                return
            self.end("voice_goodbye")
            return
        if self.here.tries > 1:
            self.tell(self.response, "voice_nothing_heard")
        else:  # a key may have cut the consent short; who speaks anew has heard it
            self.tell(self.response, "voice_speak_now" if self.here.recording else "voice_consent")
        self.record()

    def offer_again(self) -> None:
        """1 listens again, 2 starts again; without a key, thanks and the reference."""
        self.tell(self.gather(Position.CHOICE, timeout=self.facts.patience.key_seconds), "voice_after_speaking")
        self.go(replace(self.here, position=Position.THANKS, tries=1))

    def obey_choice(self, digits: str) -> None:
        """Play the recording, or let the caller speak anew."""
        positions = {"1": Position.AGAIN, "2": Position.SPEAK} if self.here.recording else {}
        self.go(replace(self.here, position=positions.get(digits, Position.THANKS), tries=1))

    def play_again(self) -> None:
        """The recording, once it is here: the provider wants credentials for it, and may not have it at once."""
        if not self.facts.heard and self.here.tries <= _WAITS:
            if self.here.tries == 1:
                self.tell(self.response, "voice_one_moment")
            self.wait()
            return
        keys = self.gather(Position.CHOICE, timeout=self.facts.patience.key_seconds)
        if self.facts.heard:
            keys.play(self.facts.heard)
        self.tell(keys, "voice_after_speaking" if self.facts.heard else "voice_cannot_play")
        self.go(replace(self.here, position=Position.THANKS, tries=1))

    def thank(self) -> None:
        """The reference, digit by digit, twice."""
        if self.facts.reference:
            self.end("voice_thanks", reference=self.facts.reference)
        elif self.here.tries <= _WAITS:  # the store did not answer; the recording is safe, so it is worth waiting
            self.wait()
        else:
            self.end("voice_thanks_only")

    def wait(self) -> None:
        """Come back here in a moment."""
        self.response.pause(length=_WAIT_SECONDS)
        self.go(replace(self.here, tries=self.here.tries + 1))
