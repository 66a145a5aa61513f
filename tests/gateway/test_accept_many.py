"""Many messages stored at once are what they would be one by one."""

from collections.abc import Sequence
from dataclasses import replace
from threading import Thread

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from channels.base.values import Address, IncomingText
from config.enums import AddressKind, ArrivalKind, Channel, StepKind
from gateway.ingest.ingest import PostedWebhook, PreparedText, ingest_texts, prepare_text
from gateway.intake.intake_store import IncomingMessage, StoredIntake, store_message, store_messages
from gateway.intake.sealed_originals import INLINE_BYTES
from inbox.erasure.erase import erase_intake
from inbox.models import Arrival, DataKey, Intake, Step
from inbox.models.sealed_places import place_of
from inbox.records.intake_numbers import number_intakes
from inbox.storage.database import Store
from inbox.storage.envelope_encryption import Vault, vault_of
from inbox.storage.unit_of_work import IntegrityError

ONE = IncomingMessage(Channel.EMAIL, "avis@brest.example", "one", ArrivalKind.MAIL, b"Un banc.", {"a": "b"})
TWO = replace(ONE, external_id="two", raw=b"Un arbre.")
LARGE = replace(ONE, external_id="large", raw=b"x" * (INLINE_BYTES + 1))
ELSEWHERE = replace(ONE, account="parc@brest.example")
MORE_OF_ONE = replace(ONE, raw=b"Un banc, encore.")

BATCHES: list[tuple[str, list[IncomingMessage], list[IncomingMessage], list[tuple[str, bool, bool]]]] = [
    ("nothing", [], [], []),
    ("all new", [], [ONE, TWO, LARGE], [("one", True, True), ("two", True, True), ("large", True, True)]),
    ("one is there", [TWO], [ONE, TWO], [("one", True, True), ("two", False, False)]),
    ("all are there", [ONE, TWO], [TWO, ONE], [("two", False, False), ("one", False, False)]),
    ("the same twice", [], [ONE, ONE, TWO], [("one", True, True), ("one", False, False), ("two", True, True)]),
    ("another account", [ONE], [ELSEWHERE], [("one", True, True)]),
    ("more of one that is there", [ONE], [MORE_OF_ONE], [("one", False, True)]),
    ("more of one that is new", [], [ONE, MORE_OF_ONE], [("one", True, True), ("one", False, True)]),
]


@pytest.mark.parametrize(("before", "several", "said"), [row[1:] for row in BATCHES], ids=[row[0] for row in BATCHES])
def test_many_at_once(
    store: Store, before: list[IncomingMessage], several: list[IncomingMessage], said: list[tuple[str, bool, bool]]
) -> None:
    with store.write() as session:
        for arrived in before:
            store_message(session, arrived)
    with store.write() as session:
        answers = store_messages(session, several)
    with store.read() as session:
        names = {intake.id: intake.external_id for intake in session.scalars(select(Intake))}
        assert [(names[one.intake_id], one.is_new, one.arrival_is_new) for one in answers] == said
        new = [one.intake_id for one in answers if one.is_new]
        assert new == sorted(new), "in the order in which they came"
        whole = [*before, *several]
        assert len(names) == len({(one.account, one.external_id) for one in whole})
        vault = vault_of(session)
        kept = sorted(_raw(session, arrival) for arrival in session.scalars(select(Arrival)))
        assert kept == sorted(raw for *_, raw in {(one.account, one.external_id, one.raw) for one in whole})
        assert session.scalar(select(func.count()).select_from(DataKey)) == len(names)
        for arrival in session.scalars(select(Arrival)):
            assert arrival.sealed_headers is not None
            place = place_of(Arrival.sealed_headers, arrival)
            assert vault.open_json(session, arrival.intake.key_id, arrival.sealed_headers, place) == {"a": "b"}


def _raw(session: Session, arrival: Arrival) -> bytes:
    vault = vault_of(session)
    if arrival.sealed_raw is not None:
        return vault.open(session, arrival.intake.key_id, arrival.sealed_raw, place_of(Arrival.sealed_raw, arrival))
    assert arrival.locator is not None
    return b"".join(vault.read_file(session, arrival.intake.key_id, arrival.locator))


def test_what_was_erased_stays_so_among_others(store: Store) -> None:
    with store.write() as session:
        intake = store_message(session, ONE).intake_id
    with store.write() as session:
        erase_intake(session, intake, None, "asked")
    with store.write() as session:
        again, new = store_messages(session, [ONE, TWO])
    assert again == StoredIntake(intake, is_new=False, arrival_is_new=False)
    assert (new.is_new, new.arrival_is_new) == (True, True)


HUGE = "x" * (INLINE_BYTES + 1)
TEXTS: list[tuple[str, list[str], list[str], list[bool]]] = [
    ("one", [], ["Un banc."], [True]),
    ("all new", [], ["Un banc.", "Un arbre.", "Une rampe."], [True, True, True]),
    ("one is there", ["Un arbre."], ["Un banc.", "Un arbre.", "Une rampe."], [True, False, True]),
    ("all are there", ["Un arbre.", "Un banc."], ["Un banc.", "Un arbre."], [False, False]),
    ("the same twice", [], ["Un banc.", "Un banc.", "Une rampe."], [True, False, True]),
    ("one too large for a row", [], [HUGE, "Un banc."], [True, True]),
]


def _text(vault: Vault, body: str) -> PreparedText:
    """A text whose identifier is its words."""
    sender = Address(AddressKind.PHONE, "+33612345678")
    text = IncomingText("AC1", body[:50], sender, "+33298000000", body)
    return prepare_text(vault, text, PostedWebhook(body.encode(), {"path": "/hooks/sms"}))


@pytest.mark.parametrize(("before", "several", "new"), [row[1:] for row in TEXTS], ids=[row[0] for row in TEXTS])
def test_many_texts_at_once(store: Store, before: list[str], several: list[str], new: list[bool]) -> None:
    with store.write() as session:
        ingest_texts(session, [_text(store.vault, body) for body in before])
    woken: list[object] = []
    store.after_commit(woken.extend)
    with store.write() as session:
        answers = ingest_texts(session, [_text(store.vault, body) for body in several])
    assert [one.is_new for one in answers] == new == [one.arrival_is_new for one in answers]
    with store.read() as session:
        kept = {body[:50]: body.encode() for body in (*before, *several)}
        intakes = session.scalars(select(Intake)).all()
        assert {one.external_id: _raw(session, _arrival_of(session, one)) for one in intakes} == kept
        steps = session.scalars(select(Step).order_by(Step.id)).all()
        assert len(steps) == len(kept) == session.scalar(select(func.count()).select_from(DataKey))
        assert {step.kind for step in steps} == {StepKind.TAKE_IN_TEXT}
        last = sorted(one.intake_id for one in answers if one.is_new)
        assert [step.intake_id for step in steps[len(before) :]] == last
        assert woken == [(step.kind.queue, step.id) for step in steps[len(before) :]]
        assert all(step.sealed_facts and step.lane for step in steps)


def _arrival_of(session: Session, intake: Intake) -> Arrival:
    return session.scalars(select(Arrival).where(Arrival.intake_id == intake.id)).one()


def test_a_text_that_another_process_stores_meanwhile_is_stored_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers, asked = "gateway.ingest.ingest.number_intakes", number_intakes

    def late(session: Session, channel: Channel, identities: Sequence[tuple[str, str]]) -> object:
        monkeypatch.setattr(numbers, asked)
        said = asked(session, channel, identities)
        other = Thread(target=_stored_elsewhere, args=(store,))
        other.start()
        other.join()
        return said

    if store.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer")
    monkeypatch.setattr(numbers, late)
    with pytest.raises(IntegrityError), store.write() as session:
        ingest_texts(session, [_text(store.vault, "Un banc.")])
    with store.write() as session:
        (again,) = ingest_texts(session, [_text(store.vault, "Un banc.")])
    assert not again.is_new
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Intake)) == 1


def _stored_elsewhere(store: Store) -> None:
    with store.write() as session:
        ingest_texts(session, [_text(store.vault, "Un banc.")])
