"""A voice for a project by telephone: key 5, the project's number, and that the voice has come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from channels.base.call_steps import CallStep, Gather, Play, Say
from channels.voice.dialogue_state import MOST_TRIES, Place, Position
from channels.voice.prompts_wished import Wishing
from config.enums import VoteBy

_TRIES = 3
"""How often a number may be keyed that is no project's."""
_LONGEST = 24
"""A card's digits, a star, and a project's three."""


class Voting(Wishing):
    """What is said to whoever supports a project."""

    @property
    def votes(self) -> bool:
        """Whether there are projects to support."""
        return self.facts.consultation is not None and bool(self.facts.consultation.projects)

    def ask_vote(self) -> Gather:
        """Ask for a project's number, and for a card's where it takes one."""
        asked = self.facts.consultation
        by_card = asked is not None and asked.vote.by is VoteBy.CARD
        return self._gather(self.tell("voice_vote_key_card" if by_card else "voice_vote_key"))

    def tell_vote(self) -> Iterator[CallStep]:
        """That a voice has come, or that it has not; a mistake can be put right at once."""
        told = self.tell(f"voice_vote_{self.facts.voted or 'unknown'}")
        asks_again = self.votes and self.facts.voted in ("", "unknown") and self.here.tries < _TRIES
        self.here = self._once_more()  # each voice of a call is told apart by this number
        yield self._gather(told) if asks_again else self.gather_key(told)
        yield self.lead_on()

    def _once_more(self) -> Place:
        return replace(self.here, tries=min(self.here.tries + 1, MOST_TRIES))

    def _gather(self, said: Iterable[Say | Play]) -> Gather:
        return self.gather(Position.VOTE, said, seconds=self.facts.patience.digit_seconds, digits=_LONGEST)
