"""What a role may see of a contribution: said here, and asked by every page, export and search.

Moderated is what was published: its text in force, which a person wrote, confirmed or let through as the
resident typed it, and the consultation's themes that fit that text. Of what was set aside only the fact, the
reason and the count are moderated. Everything else (what machines read, earlier wordings, originals, and
whatever nobody has decided about) is seen by moderators only: somebody below who could search it, filter
by it or read why it was sorted would learn a name that a moderator has masked.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from config.enums import Moderation, Role, TextOrigin
from inbox.consultations import consultation_versions
from inbox.models import Contribution, Tag


class Aspect(StrEnum):
    """What there is to see of contributions."""

    MODERATED = "moderated"
    """That something was published or set aside, and why; the published text, and the themes that fit it."""
    UNMODERATED = "unmoderated"
    """What is still in review, and the text and themes of what was set aside."""
    NOTES = "notes"
    """Free words as tags: moderators' own notes, which can be a name."""
    READINGS = "readings"
    """How far machines are, how sure of a text, and why a person is needed."""
    VERSIONS = "versions"
    """Earlier wordings, and every line of the history."""
    ORIGINALS = "originals"
    """What arrived: typed words, recordings, pages, files and their names, mails with their headers."""
    OWN_BATCHES = "own_batches"
    """How many forms the batches one handed in oneself hold, and their references; and until a moderator has worked
    on a form, what it takes to find its sheet of paper: the words it begins with, and a small picture."""


_ALL = frozenset(Aspect)

GRANTED: Mapping[Role, frozenset[Aspect]] = {
    Role.CENTRE: frozenset({Aspect.OWN_BATCHES}),
    Role.OFFICIAL: frozenset({Aspect.MODERATED}),
    Role.MODERATOR: _ALL,
    Role.ADMINISTRATOR: _ALL,
    Role.DATA_PROTECTION: frozenset(),
}

# Merged, reopened and the like say nothing that the text does not; what is left out concerns parts and machines.
_TOLD_TO_ALL = frozenset(
    {
        "arrived",
        "joined",
        "correct",
        "confirm",
        "publish",
        "set_aside",
        "reopen",
        "undo",
        "appealed",
        "appeal_settled",
        "contested",
        "contest_settled",
    }
)


def who_sees(aspect: Aspect) -> tuple[Role, ...]:
    """The roles that see an aspect, for routes that show nothing else."""
    return tuple(role for role, aspects in GRANTED.items() if aspect in aspects)


@dataclass(frozen=True, slots=True)
class Visibility:
    """What somebody sees."""

    aspects: frozenset[Aspect]

    def sees(self, aspect: Aspect) -> bool:
        """Whether somebody sees an aspect at all."""
        return aspect in self.aspects

    # --- one contribution ---

    def may_open(self, moderation: Moderation) -> bool:
        """Whether a contribution in this state is there for somebody at all."""
        if moderation is Moderation.IN_REVIEW:
            return Aspect.UNMODERATED in self.aspects
        return not self.aspects.isdisjoint({Aspect.MODERATED, Aspect.UNMODERATED})

    def may_read(self, moderation: Moderation, origin: TextOrigin) -> bool:
        """Whether the text in force may be read, in this state and of this origin."""
        if Aspect.UNMODERATED in self.aspects:
            return True
        # Nothing that only a machine has read is ever published; should it be, it is not moderated.
        moderated = moderation is Moderation.PUBLISHED and origin is not TextOrigin.MACHINE
        return moderated and Aspect.MODERATED in self.aspects

    def themes(self, moderation: Moderation, tags: Iterable[Tag], theme_keys: Collection[str]) -> list[Tag]:
        """Which of a contribution's tags may be seen; ``theme_keys`` are its consultation's."""
        if Aspect.UNMODERATED not in self.aspects and moderation is not Moderation.PUBLISHED:
            return []
        return [tag for tag in tags if Aspect.NOTES in self.aspects or tag.name in theme_keys]

    def is_told(self, action: str) -> bool:
        """Whether a line of the history with this action may be read."""
        return Aspect.VERSIONS in self.aspects or action in _TOLD_TO_ALL

    # --- many contributions ---

    def listed(self) -> list[ColumnElement[bool]]:
        """Which contributions there are for somebody, as conditions on ``Contribution``: ``may_open``, in SQL."""
        if Aspect.UNMODERATED in self.aspects:
            return []
        states = [state for state in Moderation if self.may_open(state)]
        return [Contribution.moderation.in_(states)]

    def may_read_state(self, moderation: Moderation) -> bool:
        """Whether contributions in this state may be found, and counted, by their words or themes.

        The state alone decides: publishing what only a machine has read is refused, and new text reopens.
        """
        return self.may_read(moderation, TextOrigin.PERSON)

    def themed_in(self, session: Session, name: str) -> set[int] | None:
        """In which consultations this tag may be looked for; None for all, and for what belongs to none."""
        return None if Aspect.NOTES in self.aspects else consultation_versions.consultations_with_theme(session, name)


def visibility_of(roles: Iterable[Role]) -> Visibility:
    """What somebody with these roles sees: what any of them grants."""
    return Visibility(frozenset().union(*(GRANTED[role] for role in roles)))


EVERYTHING = Visibility(_ALL)
"""What a moderator sees."""
