"""What a form says: the consultation's own words and residents' texts, in one language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from channels.paper import fonts
from channels.paper.laying.typeset import apply_typography
from config.phone_numbers import national_format
from config.wording.consultation import Consultation
from config.wording.message_catalog import resident_text


@dataclass(frozen=True, slots=True)
class FormWording:
    """A consultation's words in a language."""

    consultation: Consultation
    language: str

    @property
    def right_to_left(self) -> bool:
        """Whether the form runs from right to left."""
        return fonts.is_right_to_left(self.language)

    @property
    def call_number(self) -> str:
        """The number residents call and text, as one writes it here; empty where there is none."""
        phones = self.consultation.addresses.phones
        return national_format(phones[0]).replace(" ", "\u00a0") if phones else ""

    def say(self, key: str, **facts: object) -> str:
        """A text of ``config/texts``, typeset."""
        known = {
            "reference": "{reference}",
            "call_number": self.call_number,
            "original_kept": timedelta(days=self.consultation.retention.original_days),
        }
        text = resident_text(key, self.language, self.consultation, **known | facts)
        return apply_typography(text, self.language)

    def own(self, words: Mapping[str, str]) -> str:
        """The town's own words in this language, else in the consultation's usual one."""
        language = self.language if self.language in words else self.consultation.language
        return apply_typography(words.get(language) or next(iter(words.values())), language)
