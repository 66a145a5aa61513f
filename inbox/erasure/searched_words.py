"""What was searched for, and names what is being erased, is destroyed with it.

A search for a name, a number or a phrase says as much as the text that it found. That somebody searched, and when,
stays. What is destroyed is what every word of stands in an erased text, its reference or its address.
"""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.wording.stems import fold
from inbox.consultations.contributors import address_of
from inbox.models import TextVersion
from inbox.models.column_types import utc_now
from inbox.models.contribution_rows import Contribution
from inbox.models.sealed_places import place_of
from inbox.records.references import references_of
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.unit_of_work import unit_of

_LEAST_LETTERS = 3
"""From how many letters on the beginning of a word finds it."""
_LEAST_DIGITS = 4
_NOT_DIGITS = re.compile(r"\D+")


class ErasedWords:
    """The words and numbers of what one transaction erases."""

    def __init__(self) -> None:
        self.words: set[str] = set()
        self.numbers: set[str] = set()

    def add(self, text: str) -> None:
        """Add a text, or an address."""
        self.words.update(fold(text).split())
        number = _NOT_DIGITS.sub("", text)
        if len(number) >= _LEAST_DIGITS:
            self.numbers.add(number)

    def is_named_by(self, searched: str) -> bool:
        """Whether a search names it: each of its words is one of these, or begins one; or its digits stand in one."""
        digits = _NOT_DIGITS.sub("", searched).removeprefix("0")
        if len(digits) >= _LEAST_DIGITS and any(digits in number for number in self.numbers):
            return True
        asked = fold(searched).split()
        return bool(asked) and all(self._stands(word) for word in asked)

    def _stands(self, word: str) -> bool:
        if word in self.words:
            return True
        return len(word) >= _LEAST_LETTERS and any(one.startswith(word) for one in self.words)


def schedule_search_erasure(session: Session, contribution: Contribution) -> None:
    """Have the searches for a contribution destroyed once this transaction, which erases it, is committed.

    To be called while its keys are still there.
    """
    unit = unit_of(session)

    def forget(erased: ErasedWords) -> None:
        unit.store.openings.forget_words(erased.is_named_by, utc_now())

    erased = unit.gathering(ErasedWords, forget)
    vault = vault_of(session)
    for row in session.scalars(select(TextVersion).where(TextVersion.contribution_id == contribution.id)):
        place = place_of(TextVersion.sealed_body, row)
        erased.add(vault.text_left(session, contribution.key_id, row.sealed_body, place))
    if (reference := references_of(session, [contribution.id]).get(contribution.id)) is not None:
        erased.add(reference)
    if contribution.contributor_id is not None:
        address = address_of(session, contribution.contributor_id)
        if address is not None:
            erased.add(address[1])
