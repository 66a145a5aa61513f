"""Contributors, their sealed addresses, and opt-outs."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from config.enums import AddressKind
from inbox.consultations.contributors import (
    address_of,
    forget_if_unused,
    get_or_create_contributor,
    has_opted_out,
    normalise_address,
    opt_in,
    opt_out,
)
from inbox.models import Contributor, ContributorAddress, DataKey
from inbox.models.column_types import utc_now
from inbox.storage.database import Store

PHONE, EMAIL, POSTAL = AddressKind.PHONE, AddressKind.EMAIL, AddressKind.POSTAL


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (PHONE, "+33612345678", "+33612345678"),
        (PHONE, " +33 6 12 34 56 78 ", "+33612345678"),
        (PHONE, "+33 (0)6.12.34.56.78", "+33612345678"),
        (PHONE, "06 12 34 56 78", "+33612345678"),
        (PHONE, "0612345678", "+33612345678"),
        (PHONE, "0033612345678", "+33612345678"),
        (PHONE, "33612345678", "+33612345678"),
        (PHONE, "٠٦١٢٣٤٥٦٧٨", "+33612345678"),
        (PHONE, "+442079460000", "+442079460000"),
        (PHONE, "36105", "36105"),
        (PHONE, "", ""),
        (PHONE, "anonymous", ""),
        (EMAIL, " Marie.LE-GOFF@Example.ORG ", "marie.le-goff@example.org"),
        (EMAIL, "e\u0301lise@example.org", "élise@example.org"),
        (POSTAL, "2  place de la\nMairie", "2 place de la mairie"),
    ],
)
def test_one_spelling(kind: AddressKind, value: str, expected: str):
    assert normalise_address(kind, value, "FR") == expected


def test_same_address_is_the_same_person(store: Store):
    with store.write() as session:
        one = get_or_create_contributor(session, PHONE, "+33612345678")
        two = get_or_create_contributor(session, PHONE, "06 12 34 56 78")
        other = get_or_create_contributor(session, PHONE, "+33612345679")
        mail = get_or_create_contributor(session, EMAIL, "33612345678")
    assert one.id == two.id
    assert len({one.id, other.id, mail.id}) == 3
    with store.read() as session:
        assert address_of(session, one) == (PHONE, "+33612345678")
        assert address_of(session, mail.id) == (EMAIL, "33612345678")
        row = session.get_one(ContributorAddress, one.id)
        assert b"612345678" not in row.sealed_value


@pytest.mark.parametrize("value", ["", "  ", "anonymous"])
def test_no_address_makes_nobody(store: Store, value: str):
    with store.write() as session:
        assert get_or_create_contributor(session, PHONE, value) is None
        assert session.scalar(select(func.count(Contributor.id))) == 0


def test_many_at_once_make_one(store: Store):
    found: list[int] = []
    start = threading.Barrier(6)

    def write() -> None:
        start.wait()
        with store.write() as session:
            found.append(get_or_create_contributor(session, PHONE, "+33612345678").id)

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1
    with store.read() as session:
        assert session.scalar(select(func.count(DataKey.id))) == 1, "no key is left over"


def test_forgotten_and_back_again(store: Store):
    with store.write() as session:
        before = get_or_create_contributor(session, PHONE, "+33612345678").id
    with store.write() as session:
        assert forget_if_unused(session, before)
        assert not forget_if_unused(session, before)
    with store.read() as session:
        assert address_of(session, before) is None
        assert session.scalar(select(func.count(DataKey.id)).where(DataKey.wrapped.is_not(None))) == 0
    with store.write() as session:
        assert address_of(session, get_or_create_contributor(session, PHONE, "+33612345678")) == (PHONE, "+33612345678")


def test_erased_while_writing_again(store: Store):
    """Whoever writes while their older contribution is erased keeps their address, or gets a new one."""
    stop = threading.Event()
    problems: list[object] = []

    def write_again() -> None:
        while not stop.is_set():
            with store.write() as session:
                contributor = get_or_create_contributor(session, PHONE, "+33612345678")
                if address_of(session, contributor) is None:
                    problems.append(contributor.id)

    writer = threading.Thread(target=write_again)
    writer.start()
    for _ in range(30):
        with store.write() as session:
            for contributor_id in session.scalars(select(Contributor.id)).all():
                forget_if_unused(session, contributor_id)
    stop.set()
    writer.join()
    assert problems == []


def test_opting_out_holds_per_address_and_town(store: Store):
    with store.write() as session:
        opt_out(session, PHONE, "+33612345678", "brest")
        opt_out(session, PHONE, "06 12 34 56 78", "brest")
    with store.read() as session:
        assert has_opted_out(session, PHONE, "0033612345678", "brest")
        assert not has_opted_out(session, PHONE, "+33612345678", "quimper")
        assert not has_opted_out(session, PHONE, "+33612345679", "brest")
    with store.write() as session:
        opt_in(session, PHONE, "+33612345678", "brest")
        assert not has_opted_out(session, PHONE, "+33612345678", "brest")
        opt_out(session, PHONE, "+33612345678", "brest")
        assert has_opted_out(session, PHONE, "+33612345678", "brest")


def test_the_wish_said_last_holds_in_whatever_order_they_are_found(store: Store):
    now = utc_now()
    with store.write() as session:
        said = [(opt_out, 5), (opt_in, 9), (opt_in, 5), (opt_in, 4), (opt_out, 7), (opt_in, 3), (opt_out, 6)]
        held = [wish(session, PHONE, "+33612345678", "brest", now - timedelta(days=ago)) for wish, ago in said]
        assert held == [True, False, True, True, False, True, False]
        assert not has_opted_out(session, PHONE, "+33612345678", "brest")


def test_opting_out_holds_when_master_keys_change(store: Store):
    with store.write() as session:
        opt_out(session, PHONE, "+33612345678", "brest")
    store.rotate_keys()
    with store.read() as session:
        assert has_opted_out(session, PHONE, "+33612345678", "brest")
