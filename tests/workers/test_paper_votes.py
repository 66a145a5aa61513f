"""Votes by boxed numbers on forms: typed in by two people, sealed, covered on the page, and counted once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import cv2
import numpy as np
from sqlalchemy import select

from channels.paper.form_kinds import FormVariant, SheetSize
from channels.paper.form_layout import FormLayout
from channels.paper.laying.form import lay_out
from channels.paper.stored_layout import layout_to_json
from config.enums import Bucket, DeskKind, DeskSaid, MediumKind, NotContribution, VoteBy
from config.wording.consultation import Consultation, read_consultation
from config.wording.projects import Project, Vote
from inbox.consultations import consultation_versions, contributors, printed_forms
from inbox.listings.ledger import count_ledger
from inbox.models import BallotBox, Contribution, DeskAnswer, DeskItem, Medium, Part
from inbox.paper import desk_results, keying_desk
from inbox.storage.envelope_encryption import vault_of
from inbox.votes import cards, counting, paper_voices
from tests.simulator.small_form import as_tiff, number_of, scanned, sheet
from tests.workers.test_batches import CENTRE, hand_in, read_all, signed_in, town
from workers.runtime.worker_context import WorkerContext

__all__ = ["town"]


def asked_in(
    here: WorkerContext, *, copies: int, by: VoteBy = VoteBy.ADDRESS, most: int = 2
) -> tuple[Consultation, FormLayout, list[str]]:
    """A town that prints forms of a consultation with projects."""
    first = read_consultation(here.settings.consultation_files[0])
    short = first.form.model_copy(update={"drawing": False, "ask_themes": False, "quarters": (), "age_limits": ()})
    projects = tuple(Project(number=n, label={"fr": f"Projet {n}", "en": f"Project {n}"}) for n in (3, 12, 140))
    asked = first.model_copy(update={"projects": projects, "vote": Vote(by=by, most=most), "form": short})
    form = lay_out(asked, 2, variant=FormVariant.STANDARD, size=SheetSize.A5, language="fr")
    with here.store.write() as session:
        consultation_versions.import_consultation(session, asked)
        printed_forms.keep_layout(session, number_of(form), layout_to_json(form))
        return asked, form, printed_forms.issue_copies(session, number_of(form), copies)


def handed_in(here: WorkerContext, form: FormLayout, sheets: Mapping[str, Mapping[str, str]]) -> None:
    """All sheets in one scanned file; under ``words`` stands how many lines are written."""
    pages = [
        scanned(
            sheet(
                form,
                page.number,
                slip,
                lines=int(numbers.get("words", 0)) if page.zones else 0,
                numbers={row.name: numbers[row.name] for row in page.rows if row.name in numbers},
            )
        )
        for slip, numbers in sheets.items()
        for page in form.pages
    ]
    hand_in(signed_in(here, CENTRE), [("scan.tif", as_tiff(pages))])
    read_all(here)


def typed(here: WorkerContext, said: Mapping[int, Mapping[str, tuple[str, ...]]]) -> None:
    """By the sheet's first page and the row: what each person types, until nobody is asked any more."""
    with here.store.write() as session:
        rows = select(DeskItem, Part.part_key).join(Part, Part.id == DeskItem.part_id)
        for item, key in session.execute(rows.where(DeskItem.kind == DeskKind.CHARACTERS)).all():
            for person, body in enumerate(said[int(key.split("-")[1])][item.field], 1):
                if item.is_open and keying_desk.submit_answer(session, item, person, DeskSaid.KEYED, body):
                    desk_results.apply_desk_result(session, item, person)
                    paper_voices.settle(session, item.part_id)


def counted(here: WorkerContext, asked: Consultation) -> dict[int, int]:
    with here.store.write() as session:
        box = session.scalars(select(BallotBox)).one()
        after = asked.closes + timedelta(days=1)
        found = counting.count_votes(session, box.consultation_id, asked, after, here.settings.zone)
        return {number: voices for number, voices in found.voices.items() if voices}


# what stands on the form, what people type -> why there is no voice
SHEETS: dict[str, tuple[dict[str, str], dict[str, tuple[str, ...]], str | None]] = {
    "words and two projects": (
        {"vote-1": "12", "vote-2": "140", "telephone": "0612345678", "words": "3"},
        {"vote-1": ("12", "12"), "vote-2": ("140", "140"), "telephone": ("0612345678",) * 2},
        None,
    ),
    "only a vote": (
        {"vote-1": "3", "telephone": "0612345679"},
        {"vote-1": ("3", "3"), "telephone": ("0612345679",) * 2},
        None,
    ),
    "two people read it differently, a third decides": (
        {"vote-1": "12", "telephone": "0612345680"},
        {"vote-1": ("17", "12", "12"), "telephone": ("0612345680",) * 2},
        None,
    ),
    "no project of ours": (
        {"vote-1": "77", "telephone": "0612345681"},
        {"vote-1": ("77", "77"), "telephone": ("0612345681",) * 2},
        paper_voices.NO_PROJECT,
    ),
    "nobody's": ({"vote-1": "12"}, {"vote-1": ("12", "12")}, paper_voices.NOBODYS),
    "only one has typed it": (
        {"vote-1": "140", "telephone": "0612345682"},
        {"vote-1": ("140",), "telephone": ("0612345682",) * 2},
        None,
    ),
}


def test_votes_on_forms(town: WorkerContext) -> None:
    asked, form, slips = asked_in(town, copies=len(SHEETS))
    handed_in(town, form, {slip: written for slip, (written, _, _) in zip(slips, SHEETS.values(), strict=True)})
    _is_covered(town, form)
    said = {1 + len(form.pages) * at: typed for at, (_, typed, _) in enumerate(SHEETS.values())}
    typed(town, said)
    typed(town, said)
    assert counted(town, asked) == {12: 2, 140: 1, 3: 1}
    with town.store.read() as session:
        book = count_ledger(session)
        assert (book.balanced, book.counts[Bucket.VOTE], book.counts[Bucket.IN_REVIEW]) == (True, 6, 1)
        contribution = session.scalars(select(Contribution)).one()
        assert contributors.address_of(session, contribution.contributor_id or 0) == ("phone", "+33612345678")
        votes = session.scalars(
            select(Part).where(Part.not_contribution == NotContribution.VOTE).order_by(Part.id)
        ).all()
        assert [one.reading_reason for one in votes] == [why for _, _, why in SHEETS.values()]
        for vote in votes[:-1]:
            kept = session.scalars(select(Medium).where(Medium.part_id == vote.id)).all()
            assert {one.locator for one in kept} == {None}
            answers = session.scalars(select(DeskAnswer).join(DeskItem).where(DeskItem.part_id == vote.id)).all()
            assert {one.sealed_body for one in answers} == {None}
            assert vote.contributor_id is None


def _is_covered(here: WorkerContext, form: FormLayout) -> None:
    """On the picture of the page that is kept of the first sheet, the boxes of its two numbers are black."""
    on = next(page for page in form.pages if any(row.name == "vote-1" for row in page.rows))
    cells = [cell for row in on.rows if row.name.startswith("vote-") for cell in row.cells]
    with here.store.read() as session:
        pages = select(Medium).where(Medium.kind == MediumKind.FORM).order_by(Medium.part_id, Medium.position)
        medium = session.scalars(pages).all()[on.number - 1]
        raw = b"".join(vault_of(session).read_file(session, medium.part.key_id, medium.locator or ""))
    seen = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_GRAYSCALE)
    scale = seen.shape[1] / form.width
    assert (seen == 0).sum() >= sum(cell.width * cell.height for cell in cells) * scale**2


def test_by_card(town: WorkerContext) -> None:
    asked, form, (one, other) = asked_in(town, by=VoteBy.CARD, most=1, copies=2)
    with town.store.write() as session:
        version = consultation_versions.current_version(session, asked.slug)
        assert version is not None
        (card,) = cards.create_cards(session, version.consultation_id, 1)
    handed_in(town, form, {one: {"vote-1": "140", "card": card}, other: {"vote-1": "12", "card": "123456789"}})
    typed(
        town,
        {
            1: {"vote-1": ("140", "140"), "card": (card,)},
            1 + len(form.pages): {"vote-1": ("12", "12"), "card": ("123456789",)},
        },
    )
    assert counted(town, asked) == {140: 1}
    with town.store.read() as session:
        assert [one.reading_reason for one in session.scalars(select(Part))] == [None, paper_voices.NO_CARD]
