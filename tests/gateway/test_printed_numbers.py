"""Printed numbers keyed on the phone: whose they become, and that none is anybody else's already."""

from __future__ import annotations

from collections.abc import Callable

import pypdfium2
import pytest
from sqlalchemy.orm import Session

from config.enums import ArrivalKind, Channel
from gateway.intake.contribute import SLIP_TAKEN, NewPart, create_contributions
from gateway.intake.intake_store import IncomingMessage, store_message
from gateway.printing.print_run import CannotPrint, PrintOrder, print_card_run
from inbox.consultations import consultation_versions, printed_forms
from inbox.models import Intake, Part, Reference
from inbox.records import references
from inbox.storage.database import Store
from tests.channels.paper.forms import PACKAGED


def a_call(session: Session, number: int = 1) -> Intake:
    arrived = IncomingMessage(Channel.VOICEMAIL, "AC", f"CA{number:032x}", ArrivalKind.WEBHOOK, b"CallSid=CA1")
    return session.get_one(Intake, store_message(session, arrived).intake_id)


def speak(session: Session, call: Intake) -> None:
    create_contributions(session, call.id, [NewPart("speech", Channel.VOICEMAIL, body="Des bancs")])


def cards(store: Store, copies: int = 1) -> list[str]:
    with store.write() as session:
        consultation_versions.import_consultation(session, PACKAGED)
    return list(print_card_run(store, PrintOrder(PACKAGED.slug, copies=copies)).references)


def keyed_by_another_who_spoke(session: Session, number: str) -> None:
    other = a_call(session, 2)
    printed_forms.claim_copy(session, number, other)
    speak(session, other)


def handed_in_on_paper(session: Session, number: str) -> None:
    arrived = IncomingMessage(Channel.PAPER, "folder", "x", ArrivalKind.FILE, b"scan")
    create_contributions(
        session, store_message(session, arrived).intake_id, [NewPart("page-1", Channel.PAPER, reference=number)]
    )


BEFORE: dict[str, tuple[Callable[[Session, str], object], bool]] = {
    "nothing": (lambda _session, _number: None, True),
    "keyed by another, who hung up": (lambda s, number: printed_forms.claim_copy(s, number, a_call(s, 2)), True),
    "keyed in this very call": (lambda s, number: printed_forms.claim_copy(s, number, a_call(s)), True),
    "spoken under in another call": (keyed_by_another_who_spoke, False),
    "handed in on paper": (handed_in_on_paper, False),
}


@pytest.mark.parametrize(("act", "claimed"), BEFORE.values(), ids=BEFORE)
def test_a_printed_number_is_the_calls_unless_it_is_somebodys(store: Store, act, claimed: bool) -> None:
    (number,) = cards(store)
    with store.write() as session:
        act(session, number)
        call = a_call(session)
        assert printed_forms.claim_copy(session, number, call) is claimed
        speak(session, call)
        (part,) = call.parts
        (contribution,) = part.contributions
        said = references.reference_of(session, contribution.id)
        assert (said == number) is claimed
        assert (call.consultation_version_id is not None) is claimed


def test_a_number_that_nobody_printed_is_not_claimed(store: Store) -> None:
    with store.write() as session:
        number = references.issue_reference(session)
        assert not printed_forms.claim_copy(session, number, a_call(session))


def test_a_form_whose_number_was_spoken_under_is_told(store: Store) -> None:
    (number,) = cards(store)
    with store.write() as session:
        keyed_by_another_who_spoke(session, number)
        handed_in_on_paper(session, number)
        paper = session.query(Part).filter_by(channel=Channel.PAPER).one()
        assert paper.reading_reason == SLIP_TAKEN
        spoken = session.get_one(Reference, number).contribution_id
        assert spoken not in {one.id for one in paper.contributions}


def test_cards_bear_their_numbers_ten_on_a_sheet(store: Store) -> None:
    numbers = cards(store, 12)
    run = print_card_run(store, PrintOrder(PACKAGED.slug, copies=12))
    assert set(run.references).isdisjoint(numbers)
    document = pypdfium2.PdfDocument(run.pdf)
    assert len(document) == 2
    said = " ".join(page.get_textpage().get_text_range() for page in document)
    assert all(references.format_reference(one) in said for one in run.references)


def test_without_a_telephone_number_there_are_no_cards(store: Store) -> None:
    silent = PACKAGED.model_copy(update={"addresses": PACKAGED.addresses.model_copy(update={"phones": ()})})
    with store.write() as session:
        consultation_versions.import_consultation(session, silent)
    with pytest.raises(CannotPrint):
        print_card_run(store, PrintOrder(PACKAGED.slug))
