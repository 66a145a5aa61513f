"""What is known of a call that is told in it: a state, what we understood, what others said, what a caller wishes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from config.wording.consultation import Consultation


@dataclass(frozen=True)
class SpokenState:
    """What is to be told of a reference: the text ``voice_state_…``, its facts, and whose wording it has."""

    name: str
    consultation: Consultation | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    recording: str = ""
    """Where the answer can be played from as an official spoke it, in the place of its words."""


@dataclass(frozen=True)
class Understood:
    """What we understood of a message: the text ``voice_understood_…`` and, for its author only, the words."""

    name: str = "elsewhere"
    words: str = ""
    language: str = ""
    """ISO 639-1."""


@dataclass(frozen=True)
class SpokenVoices:
    """What a consultation counts, and what others said: words that a moderator has published, read by a voice."""

    counts: Mapping[str, object] = field(default_factory=dict)
    """The facts of the text ``voice_others``; none where there is nothing to tell."""
    voices: tuple[tuple[str, str], ...] = ()
    """(words, ISO 639-1)."""
    are_more: bool = False
    sounds: tuple[str, ...] = ()
    """For each of the voices, where it is played from; empty where its words are read."""
    supports: tuple[int | None, ...] = ()
    """For each of the voices, the number by which it is supported, if it can be."""


CALL_BACK, OWN_VOICE, ALTERED_VOICE, ONLINE, TAKE_BACK = "1", "2", "3", "4", "0"

WISHES: Final = {
    CALL_BACK: "call_back",
    OWN_VOICE: "own_voice",
    ALTERED_VOICE: "altered_voice",
    ONLINE: "online",
    TAKE_BACK: "taken_back",
}
"""The end of the text ``voice_wish_kept_…`` by the key."""


@dataclass(frozen=True)
class CallerWishes:
    """What a caller may wish for a message: to be called back with the answer, to let others hear the voice."""

    call_back: bool = False
    """Whether that is offered."""
    voice: bool = False
    """Whether that is offered."""
    online: bool = False
    """Whether it is offered that a voice that others may hear is heard on the public pages, too."""
    kept: str = ""
    """What was just wished: the end of the text ``voice_wish_kept_…``; empty where nothing was."""

    @property
    def offered(self) -> tuple[str, ...]:
        """The texts that offer something, in order."""
        texts = {"voice_wish_call_back": self.call_back, "voice_wish_voice": self.voice}
        return tuple(text for text, is_offered in texts.items() if is_offered)

    @property
    def follows(self) -> tuple[str, ...]:
        """What is offered after the voice was lent: a yes of its own."""
        return ("voice_wish_online",) if self.online and self.kept in ("own_voice", "altered_voice") else ()
