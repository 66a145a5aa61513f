"""The steps an answer to a call is made of: words, keys, the tone, another place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from channels.base.call_steps import CallStep, Gather, GoTo, HangUp, Play, Record, Say
from channels.voice.call_request import CallFacts
from channels.voice.dialogue_state import MOST_TRIES, Place, Position
from channels.voice.spoken_facts import SpokenState
from config.wording.consultation import Consultation
from config.wording.message_catalog import SpokenPiece, spoken_text


class CallAnswer:
    """One answer, given step by step."""

    def __init__(self, here: Place, facts: CallFacts) -> None:
        self.here = here
        self.facts = facts

    def other_languages(self) -> list[str]:
        """The languages key 9 leads to, one after the other, round again."""
        languages = self.facts.languages
        at = languages.index(self.here.language) + 1 if self.here.language in languages else 0
        return [one for one in (*languages[at:], *languages[:at]) if one != self.here.language]

    def record(self) -> Iterator[CallStep]:
        """The tone and the recording; what follows it is reached only when nothing was said."""
        spoken_at = replace(self.here, position=Position.SPOKEN)
        yield Record(
            action=spoken_at.url(self.facts.base),
            # It may be all that tells of the recording: callers hang up. So it knows what the action knows.
            callback=replace(spoken_at, tries=1).at(f"{self.facts.base}/recording"),
            pause_seconds=self.facts.patience.pause_seconds,
            longest_seconds=self.facts.patience.longest_minutes * 60,
        )
        yield self.go(replace(self.here, position=Position.SPEAK, tries=min(self.here.tries + 1, MOST_TRIES)))

    def go(self, place: Place) -> GoTo:
        """Lead on to another place."""
        return GoTo(place.url(self.facts.base))

    def end(self, key: str, **more: str) -> Iterator[CallStep]:
        """Say the text ``key`` and hang up."""
        yield from self.tell(key, **more)
        yield HangUp()

    def tell(self, key: str, language: str = "", **more: str) -> Iterator[Say | Play]:
        """Say the text ``key``, or play the town's own recording of it."""
        return self.tell_about(key, self.facts.consultation, language or self.here.language, **more)

    def tell_about(
        self, key: str, consultation: Consultation | None, language: str, **more: object
    ) -> Iterator[Say | Play]:
        """Say or play a text in the words of a consultation, which may be another one than was called."""
        text = spoken_text(key, language, consultation, **more)
        # A language may have recordings and no words: then those come before the words of another language.
        played = [self._recorded(language, piece) or self._recorded(text.language, piece) for piece in text.pieces]
        if consultation != self.facts.consultation or not any(played):
            yield Say(text.text, text.language)
            return
        for piece, addresses in zip(text.pieces, played, strict=True):
            yield from (Play(address) for address in addresses)
            if not addresses:
                yield Say(piece.text, text.language)

    def tell_about_state(self, state: SpokenState) -> Iterator[Say | Play]:
        """What a reference opens; an answer in the voice of whoever spoke it, where somebody did."""
        facts = {**state.facts, "answer": ""} if state.recording else state.facts
        yield from self.tell_about(f"voice_state_{state.name}", state.consultation, self.here.language, **facts)
        if state.recording:
            yield Play(state.recording)

    def _recorded(self, language: str, piece: SpokenPiece) -> list[str]:
        """The town's recordings that say this piece; none unless all of it was recorded."""
        names = [f"digit-{digit}" for digit in piece.digits] or [piece.name]
        found = [self.facts.prompts.get(f"{language}/{name}", "") for name in names]
        return found if all(found) else []

    def gather(self, position: Position, said: Iterable[Say | Play], *, seconds: int, digits: int = 1) -> Gather:
        """Wait for keys while speaking; without any, the dialogue goes on below."""
        action = replace(self.here, position=position).url(self.facts.base)
        return Gather(action, tuple(said), seconds, digits)

    def gather_key(self, said: Iterable[Say | Play], position: Position = Position.KEY) -> Gather:
        """Wait for one key as long as the town is patient."""
        return self.gather(position, said, seconds=self.facts.patience.key_seconds)
