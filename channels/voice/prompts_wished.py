"""What callers wish for a message: to be called back with the answer, and to let others hear their own voice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from channels.base.call_steps import CallStep, Play, Say
from channels.voice.dialogue_state import Position
from channels.voice.prompts_spoken import Speaking


class Wishing(Speaking):
    """What is said to whoever wishes something for a message."""

    def ask_wish(self) -> Iterator[CallStep]:
        """What may be wished, each with its key; who presses nothing goes on as before."""
        offered = self.facts.wishes.offered
        if offered:
            yield self.gather_key(self._said(*offered, "voice_wish_take_back"), Position.WISHED)
        yield self.after_wish()

    def tell_wish(self) -> Iterator[CallStep]:
        """That a wish is noted; another key notes another."""
        kept = self.facts.wishes.kept
        if kept:
            yield self.gather_key(self._said(f"voice_wish_kept_{kept}", *self.facts.wishes.follows), Position.WISHED)
        yield self.after_wish()

    def after_wish(self) -> CallStep:
        """To the thanks, for a message that was just left; after a state, where it leads on."""
        if self.here.recording:
            return self.go(replace(self.here, position=Position.THANKS, tries=1))
        return self.lead_on()

    def lead_on(self) -> CallStep:
        """Where whoever presses nothing more goes."""
        raise NotImplementedError

    def _said(self, *keys: str) -> list[Say | Play]:
        return [one for key in keys for one in self.tell(key)]
