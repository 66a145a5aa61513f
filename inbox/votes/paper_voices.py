"""Votes on scanned forms, once people have typed in their numbers: into the sealed box, and their pictures destroyed.

A wrong digit would be somebody else's project, so a number counts when two people typed the same, each without seeing
what the other typed. A card's number has a check digit, and one person is enough.
"""

from __future__ import annotations

import re
from collections import Counter

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from config.enums import DeskKind, DeskSaid, NotContribution
from config.wording.consultation import Consultation
from config.wording.projects import CARD_ROW, is_of_vote
from inbox.consultations import consultation_versions, contributors
from inbox.models import DeskItem, Intake, MaskedCopy, Medium, Part, Transcript
from inbox.paper import keying_desk
from inbox.paper.keying_desk import TELEPHONE
from inbox.storage.envelope_encryption import vault_of
from inbox.votes import ballot_box, supported_contributions
from inbox.votes.rule import CastVoice

VOTE_ENDING = "-vote"
"""What follows the key of a form's part in that of the vote on it."""
AGREED = 2
"""How many people must have typed the same."""

UNREADABLE = "Nobody could read the number: the vote is not counted."
NO_PROJECT = "No project has this number: the vote is not counted."
NOBODYS = "A vote without what tells whose it is: it is not counted."
NO_CARD = "There is no card of this number: the vote is not counted."


def settle(session: Session, part_id: int) -> bool:
    """Put the vote of a form into the box when all about it is typed in; whether it lies there now. Safe to repeat."""
    vote = _vote_beside(session, session.get_one(Part, part_id))
    if vote is None or vote.erased_at is not None:
        return False
    items = session.scalars(
        select(DeskItem).where(DeskItem.part_id == vote.id, DeskItem.kind == DeskKind.CHARACTERS).order_by(DeskItem.id)
    ).all()
    asked_about = [one for one in items if is_of_vote(one.field)]
    if not asked_about or not all(_is_agreed(session, one) for one in asked_about) or _waits_for_number(session, vote):
        return False
    version = vote.consultation_version
    typed = {one.field: _typed(session, one) for one in asked_about}
    assert version is not None, "only a form of a consultation asks for votes"
    found = _voice(session, vote, consultation_versions.as_consultation(version), version.consultation_id, typed)
    if isinstance(found, CastVoice):
        intake = session.get_one(Intake, vote.intake_id)
        once = f"paper:{intake.id}:{vote.part_key}"
        ballot_box.cast_vote(session, version.consultation_id, found, intake.received_at, once)
    _forget(session, vote)
    vote.reading_reason = None if isinstance(found, CastVoice) else found
    session.flush()
    return isinstance(found, CastVoice)


def _vote_beside(session: Session, part: Part) -> Part | None:
    """The part that holds the vote of the form this part is of."""
    key = part.part_key.removesuffix(VOTE_ENDING)
    return session.scalar(
        select(Part)
        .where(
            Part.intake_id == part.intake_id,
            Part.part_key.in_((key, key + VOTE_ENDING)),
            Part.not_contribution == NotContribution.VOTE,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _form_beside(session: Session, vote: Part) -> Part:
    key = vote.part_key.removesuffix(VOTE_ENDING)
    return session.scalars(select(Part).where(Part.intake_id == vote.intake_id, Part.part_key == key)).one()


def _waits_for_number(session: Session, vote: Part) -> bool:
    """Whether somebody is still asked for the telephone number on the form."""
    ids = (vote.id, _form_beside(session, vote).id)
    wanted = select(DeskItem.id).where(DeskItem.part_id.in_(ids), DeskItem.field == TELEPHONE, DeskItem.is_open)
    return session.scalar(wanted.limit(1)) is not None


def _is_agreed(session: Session, item: DeskItem) -> bool:
    """Whether it is settled what stands there; where two people differ, a further one is asked."""
    if item.is_open:
        return False
    said = _said(session, item)
    if item.field == CARD_ROW or max(Counter(said).values(), default=0) >= AGREED:
        return True
    item.wanted, item.is_open = len(said) + 1, True
    return False


def _said(session: Session, item: DeskItem) -> list[str]:
    """The digits that each person typed; none where somebody could not read them."""
    return [
        re.sub(r"\D", "", body) if answer.said is DeskSaid.KEYED else ""
        for answer, body in keying_desk.task_answers(session, item)
    ]


def _typed(session: Session, item: DeskItem) -> str:
    ((digits, _times),) = Counter(_said(session, item)).most_common(1)
    return digits


def _voice(
    session: Session, vote: Part, asked: Consultation, consultation_id: int, typed: dict[str, str]
) -> CastVoice | str:
    """The voice, or why there is none."""
    numbers = [digits for field, digits in typed.items() if field != CARD_ROW]
    if not numbers or not all(numbers):
        return UNREADABLE
    projects = tuple(dict.fromkeys(map(int, numbers)))
    named = [asked.project(number) for number in projects]
    if not all(one is not None and supported_contributions.takes_voices(session, one) for one in named):
        return NO_PROJECT
    if CARD_ROW in typed:
        card = typed[CARD_ROW]
        if not ballot_box.is_card(session, consultation_id, card):
            return NO_CARD
        return CastVoice(ballot_box.voter_by_card(session, consultation_id, card), projects)
    contributor = vote.contributor_id or _form_beside(session, vote).contributor_id
    known = contributors.address_of(session, contributor) if contributor is not None else None
    if known is None:
        return NOBODYS
    return CastVoice(ballot_box.voter_by_address(session, consultation_id, *known), projects)


def _forget(session: Session, vote: Part) -> None:
    """Destroy what shows the vote; the part stays, because the ledger counts it."""
    vault = vault_of(session)
    media = session.scalars(select(Medium).where(Medium.part_id == vote.id)).all()
    for medium in media:
        if medium.locator is not None:
            vault.delete_file(session, medium.locator)
        medium.locator = medium.sealed_source = medium.sealed_name = None
    ids = [medium.id for medium in media]
    session.execute(
        update(Transcript)
        .where(Transcript.medium_id.in_(ids))
        .values(sealed_words=None, sealed_sheet=None, archive_id=None)
    )
    session.execute(delete(MaskedCopy).where(MaskedCopy.medium_id.in_(ids)))
    keying_desk.delete_typed_answers(session, vote.id)
    vault.destroy_key(session, vote.key_id)
    vote.key_id = vault.new_key(session).id
    vote.sealed_body = vote.sealed_aside = vote.contributor_id = None
    session.flush()
