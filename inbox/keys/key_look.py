"""Keys looked up by the rows they belong to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.answer_states import AnswerState
from config.enums import Channel, Moderation, TextOrigin
from inbox.models import Answer, Contribution, ContributionPart, DataKey, MailToken, Part, StoredSetting, TextVersion
from inbox.storage.crypto import WrappedKey

_TOLD = (AnswerState.LEAVING, AnswerState.GIVEN)
"""How far an answer is that may be told."""
_AT_ONCE = 400
"""Values that are named in one statement."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What may be opened of what was asked for."""

    rows: dict[int, WrappedKey]
    beside: frozenset[int]
    """What belongs to none of the steps, and is there all the same; to be counted, and refused beyond a few."""
    subjects: frozenset[str]
    """For the record: ``step:5`` or ``call:3``."""


class KeyLook:
    """Looks rows up by their numbers, some at a time; of keys only those that are wanted."""

    def __init__(self, session: Session, wanted: frozenset[int]) -> None:
        self._session = session
        self.wanted = wanted

    def all(self, column: Any, by: Any, values: Collection[int]) -> set[int]:
        """The values of a column in the rows that are named; without None."""
        found: set[int] = set()
        for some in some_at_once(values):
            found |= {one for one in self._session.scalars(select(column).where(by.in_(some))) if one is not None}
        return found

    def keys(self, column: Any, by: Any, values: Collection[int]) -> set[int]:
        """The same of a column of keys."""
        return self.all(column, by, values) & self.wanted if values else set()

    def within(self, circles: Iterable[set[int]], subjects: frozenset[str]) -> Opened:
        """What of all that is wanted lies within reach: circles from the nearest to the widest, looked up as needed."""
        allowed: set[int] = set()
        for owners in circles:
            allowed |= self.wanted & owners
            if allowed == self.wanted:
                break
        columns = select(DataKey.id, DataKey.master_id, DataKey.wrapped)
        rows = [
            row
            for some in some_at_once(self.wanted)
            for row in self._session.execute(columns.where(DataKey.id.in_(some)))
        ]
        opened = {row.id: WrappedKey(row.master_id, row.wrapped) for row in rows if row.wrapped}
        return Opened(opened, frozenset(opened.keys() - allowed), subjects)

    def town_keys(self) -> set[int]:
        """The keys of what the pages set and of the mailboxes' tokens."""
        found = set(self._session.scalars(select(StoredSetting.key_id)))
        return found | set(self._session.scalars(select(MailToken.key_id)))

    def told_keys(self) -> set[int]:
        """The keys of what is published, and of answers that were given."""
        published = (Contribution.moderation == Moderation.PUBLISHED, Contribution.erased_at.is_(None))
        found: set[int] = set()
        for some in some_at_once(self.wanted):
            found |= set(
                self._session.scalars(select(Contribution.key_id).where(Contribution.key_id.in_(some), *published))
            )
            given = (Answer.key_id.in_(some), Answer.state.in_(_TOLD))
            found |= set(self._session.scalars(select(Answer.key_id).where(*given)))
        return found

    def corrected_keys(self) -> set[int]:
        """The keys of recordings whose text a person has read: of what was misheard in them a machine learns."""
        worded = select(TextVersion.contribution_id).where(TextVersion.origin == TextOrigin.PERSON)
        spoken = (Contribution.channel == Channel.VOICEMAIL, Contribution.id.in_(worded))
        contributions = set(self._session.scalars(select(Contribution.id).where(*spoken)))
        parts = self.all(ContributionPart.part_id, ContributionPart.contribution_id, contributions)
        return self.keys(Contribution.key_id, Contribution.id, contributions) | self.keys(Part.key_id, Part.id, parts)


def some_at_once(values: Iterable[int]) -> Iterator[list[int]]:
    """Numbers, in order, as many at a time as a statement names."""
    every = sorted(values)
    for start in range(0, len(every), _AT_ONCE):
        yield every[start : start + _AT_ONCE]
