"""Passages quoted in a report: found word for word in the text in force of something published, or not shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from config.enums import Channel, Moderation, QuotationRole
from inbox.contributions import text_versions
from inbox.errors import InboxError
from inbox.listings import contribution_list
from inbox.listings.visibility import Aspect, Visibility
from inbox.models import Contribution, Quotation, TextVersion
from inbox.records import references
from inbox.storage.upsert import insert_if_new

MODERATED = Visibility(frozenset({Aspect.MODERATED}))
"""What a report is made of, whoever looks at it."""


class NotQuotable(InboxError):
    """Words that do not stand so in a published text."""

    remedy = "Copy the passage, word for word, from the contribution's page; it must be published."


@dataclass(frozen=True, slots=True)
class QuotedPassage:
    """A passage as it is shown."""

    id: int
    theme: str
    role: QuotationRole
    contribution_id: int
    reference: str
    channel: Channel
    language: str | None
    received_at: datetime
    text: str
    is_cut: bool
    """The text says more before or behind it."""
    chosen_by_person: bool


@dataclass(frozen=True, slots=True)
class QuotationPlace:
    """Where a passage stands."""

    contribution_id: int
    text_number: int
    begin: int
    end: int


def quotations_of(session: Session, consultation_id: int) -> list[QuotedPassage]:
    """Every quotation of a consultation's report that still stands word for word in what is published."""
    rows = session.scalars(
        select(Quotation)
        .where(Quotation.consultation_id == consultation_id, Quotation.left_out.is_(False))
        .order_by(Quotation.id)
    ).all()
    return open_quotations(session, rows)


def open_quotations(session: Session, rows: Sequence[Quotation]) -> list[QuotedPassage]:
    """These quotations with their words; without those whose text has changed, or is no longer published."""
    ids = list({row.contribution_id for row in rows})
    found = {one.id: one for one in session.scalars(select(Contribution).where(Contribution.id.in_(ids)))}
    listed = [one for one in found.values() if one.listed and one.moderation is Moderation.PUBLISHED]
    texts = contribution_list.current_texts_of(session, listed, MODERATED)
    numbers = newest_numbers(session, ids)
    received = contribution_list.received_times(session, ids)
    named = references.references_of(session, ids)
    quoted = []
    for row in rows:
        said = texts.get(row.contribution_id)
        if said is None or numbers.get(row.contribution_id) != row.text_number:
            continue
        passage = said.body[row.begin : row.end]
        if not passage.strip():
            continue
        one = found[row.contribution_id]
        quoted.append(
            QuotedPassage(
                id=row.id,
                theme=row.theme,
                role=row.role,
                contribution_id=one.id,
                reference=named.get(one.id, ""),
                channel=one.channel,
                language=one.language,
                received_at=received.get(one.id, (one.created_at, 0))[0],
                text=passage,
                is_cut=passage.strip() != said.body.strip(),
                chosen_by_person=row.chosen_by_id is not None,
            )
        )
    return quoted


def newest_numbers(session: Session, contribution_ids: Iterable[int]) -> dict[int, int]:
    """The number of the version in force of each text."""
    rows = session.execute(
        select(TextVersion.contribution_id, func.max(TextVersion.number))
        .where(TextVersion.contribution_id.in_(list(contribution_ids)))
        .group_by(TextVersion.contribution_id)
    )
    return {row[0]: row[1] for row in rows}


# --- choosing --------------------------------------------------------------------------------------


def replace_machine_quotations(
    session: Session, consultation_id: int, chosen: Mapping[tuple[str, QuotationRole], Sequence[QuotationPlace]]
) -> None:
    """Replace what machines chose for these themes and roles; what a person chose or left out stays."""
    for (theme, role), places in chosen.items():
        of = (Quotation.consultation_id == consultation_id, Quotation.theme == theme, Quotation.role == role)
        session.execute(delete(Quotation).where(*of, Quotation.chosen_by_id.is_(None), Quotation.left_out.is_(False)))
        for place in places:
            insert_if_new(
                session,
                Quotation,
                consultation_id=consultation_id,
                theme=theme,
                role=role,
                contribution_id=place.contribution_id,
                text_number=place.text_number,
                begin=place.begin,
                end=place.end,
                left_out=False,
            )


def add_quotation(session: Session, consultation_id: int, theme: str, contribution_id: int, words: str, by: int) -> int:
    """Quote words that a person copied from a published text, in a theme; its number. Raises ``NotQuotable``."""
    found = session.get(Contribution, contribution_id)
    wanted = words.strip()
    if found is None or found.consultation_id != consultation_id or not found.listed or not wanted:
        raise NotQuotable(f"contribution {contribution_id} cannot be quoted")
    said = contribution_list.current_texts_of(session, [found], MODERATED).get(contribution_id)
    begin = said.body.find(wanted) if said else -1
    wording = text_versions.current_text(session, found)
    if said is None or begin < 0 or wording is None:
        raise NotQuotable(f"these words do not stand in contribution {contribution_id}")
    insert_if_new(
        session,
        Quotation,
        consultation_id=consultation_id,
        theme=theme,
        role=QuotationRole.CHOSEN,
        contribution_id=contribution_id,
        text_number=wording.number,
        begin=begin,
        end=begin + len(wanted),
        chosen_by_id=by,
        left_out=False,
    )
    row = session.scalars(
        select(Quotation).where(
            Quotation.consultation_id == consultation_id,
            Quotation.theme == theme,
            Quotation.role == QuotationRole.CHOSEN,
            Quotation.contribution_id == contribution_id,
        )
    ).one()
    row.text_number, row.begin, row.end = wording.number, begin, begin + len(wanted)
    row.chosen_by_id, row.left_out = by, False
    session.flush()
    return row.id


def exclude_quotation(session: Session, consultation_id: int, quotation_id: int, by: int) -> None:
    """Quote this no more, and do not choose it again."""
    row = session.get(Quotation, quotation_id)
    if row is not None and row.consultation_id == consultation_id:
        row.left_out, row.chosen_by_id = True, by


def excluded_contributions(session: Session, consultation_id: int) -> set[int]:
    """The contributions that a person does not want quoted."""
    rows = session.scalars(
        select(Quotation.contribution_id).where(
            Quotation.consultation_id == consultation_id, Quotation.left_out.is_(True)
        )
    )
    return set(rows)
