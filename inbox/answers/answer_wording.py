"""An answer as one resident gets it: in their language, with the reference and what was decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from config import phone_numbers
from config.answer_states import AnswerKind, Outcome
from config.settings.loader import Settings
from config.wording.consultation import Consultation
from config.wording.gsm7 import Segments, count_segments
from config.wording.message_catalog import resident_text
from inbox.answers.reach import ResidentReach


@dataclass(frozen=True, slots=True)
class AnswerToTell:
    """What an answer says, whoever it goes to."""

    words: Mapping[str, str]
    outcome: Outcome | None
    consultation: Consultation | None
    kind: AnswerKind = AnswerKind.ANSWER
    code_of: Callable[[int], str] | None = None
    """Of an individual answer, the code by which it is heard on any telephone, by the contribution."""

    def key(self, way: str) -> str:
        """The text by which it is told: that of an answer, or of a closing message."""
        return f"{way}_{self.kind.value}"

    def language_for(self, written_in: str | None, usual: str) -> str:
        """The language somebody is answered in: theirs if the answer has it, else the consultation's, else any."""
        wanted = (written_in, self.consultation.language if self.consultation else usual, usual, *self.words)
        known = self.words or (self.consultation.languages if self.consultation else (usual,))
        return next((one for one in wanted if one is not None and one in known), usual)

    def facts(self, language: str, reference: str, contribution_id: int | None = None) -> dict[str, object]:
        """What every text of an answer is told; with the contribution, what its author alone is told, too."""
        outcome = resident_text(f"outcome_{self.outcome.value}", language, self.consultation) if self.outcome else ""
        told: dict[str, object] = {"reference": reference, "outcome": outcome, "answer": self.words.get(language, "")}
        if contribution_id is not None:
            phones = self.consultation.addresses.phones if self.consultation is not None else ()
            code = self.code_of(contribution_id) if self.code_of is not None and phones else ""
            told |= {"code": code, "call_number": phone_numbers.national_format(phones[0]) if phones else ""}
        return told


Named = Callable[[Consultation | None, str | None], str]
"""The number our texts name for writing back, given the consultation and the number that was written to; or nothing."""


def answer_as_text_message(
    settings: Settings, said: AnswerToTell, reach: ResidentReach, write_to: Named
) -> tuple[str, Segments]:
    """The text message somebody gets, and what it costs."""
    language = said.language_for(reach.language, settings.language)
    named = write_to(said.consultation, reach.addressed_to)
    facts = said.facts(language, reach.reference, reach.contribution_id)
    body = resident_text(said.key("sms"), language, said.consultation, write_to=named, **facts)
    return body, count_segments(body)


_SPOKEN_IN_A_MINUTE = 750
"""Characters that a synthetic voice reads in a minute, the slower of French and English (docs/dialogues.fr.md)."""
_GREETING_SECONDS = 25


def call_minutes(said: AnswerToTell, reach: ResidentReach, settings: Settings) -> int:
    """How many minutes a call back is paid for: greeting and answer, heard once, each begun minute counted."""
    language = said.language_for(reach.language, settings.language)
    told = resident_text("voice_state_answered", language, said.consultation, **said.facts(language, reach.reference))
    seconds = _GREETING_SECONDS + len(told) * 60 / _SPOKEN_IN_A_MINUTE
    return -(-int(seconds + 1) // 60)
