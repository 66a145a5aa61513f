"""What was going on goes on over an upgrade: erasing, lock-outs, limits; and over a downgrade, and up once more.

What is there before is written as the version before wrote it, without the models.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config.settings.loader import Settings
from config.settings.sections.texting_section import Texting
from config.settings.sections.voicemail_section import Voicemail
from gateway.mail.mail_threads import record_history_once
from gateway.receipts import status_lookup
from inbox.erasure import erasure_requests
from inbox.erasure.erasure_requests import ErasureOrder
from inbox.models import Intake
from inbox.models.column_types import utc_now
from inbox.records import history, references
from inbox.storage.database import Store
from tests.fixtures_store import StoreFolders
from tests.inbox.earlier import Earlier

TOMORROW = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
HERS, HIS = 1, 2
"""Two people's numbers."""
Said = tuple[str, str, dict[str, Any]]


def ago(minutes: float) -> datetime:
    """So many minutes before now."""
    return utc_now() - timedelta(minutes=minutes)


@pytest.fixture
def earlier(empty_database: StoreFolders) -> Iterator[Earlier]:
    """Before state stood in tables of its own: her messages 1 to 6, his 7 and 8, and two contributions."""
    found = Earlier(empty_database, "0012")
    found.add("data_key", {"id": 1})
    found.add("contributor", {"id": HERS, "address_hash": "hers"}, {"id": HIS, "address_hash": "his"})
    for number in range(1, 9):
        found.add(
            "intake",
            {
                "id": number,
                "channel": "sms",
                "external_id": f"SM{number}",
                "contributor_id": HERS if number < 7 else HIS,
            },
        )
    for number in (1, 2):
        state = {"id": number, "channel": "sms", "reading": "read", "moderation": "in_review"}
        found.add("contribution", {**state, "contributor_id": HERS})
    yield found
    found.store.close()


# --- erasing at a resident's wish ---


def asks(message: int, about: int = 1) -> list[Said]:
    """« EFFACER » of something of one's own."""
    return [(f"intake:{message}", "erasure_question", {"contribution": about})]


def says_yes(message: int, about: int = 1) -> list[Said]:
    return [
        (f"intake:{message}", "erasure_confirmed", {"contribution": about}),
        (f"contribution:{about}", "erasure_confirmed", {"intake": message}),
    ]


def says_no(message: int, about: int = 1) -> list[Said]:
    return [(f"intake:{message}", "erasure_declined", {"contribution": about})]


def keeps(about: int = 1) -> list[Said]:
    return [(f"contribution:{about}", "erasure_taken_back", {})]


def asks_for_anothers(message: int, about: int = 1) -> list[Said]:
    return [
        (f"intake:{message}", "erasure_asked_for", {"contribution": about}),
        (f"contribution:{about}", "erasure_asked_for", {"intake": message}),
    ]


# What was said -> the steps there are (message: state), what she is still asked about, which orders messages give.
ERASING: dict[str, tuple[list[Said], dict[int, str], int | None, dict[int, ErasureOrder | None]]] = {
    "nothing": ([], {}, None, {1: None}),
    "asked": (asks(1), {}, 1, {1: None}),
    "asked about two": ([*asks(1), *asks(2, 2)], {}, 2, {}),
    "asked about two, one answered": (
        [*asks(1), *asks(2, 2), *says_yes(3, 2)],
        {3: "open"},
        None,
        {3: ErasureOrder(2, False)},
    ),
    "confirmed": ([*asks(1), *says_yes(2)], {2: "open"}, None, {1: None, 2: ErasureOrder(1, False)}),
    "declined": ([*asks(1), *says_no(2)], {}, None, {2: None}),
    "declined, asked again": ([*asks(1), *says_no(2), *asks(3)], {}, 1, {}),
    "taken back": ([*asks(1), *says_yes(2), *keeps()], {2: "dropped"}, None, {2: None}),
    "taken back, confirmed again": (
        [*asks(1), *says_yes(2), *keeps(), *asks(3), *says_yes(4)],
        {2: "dropped", 4: "open"},
        None,
        {2: None, 4: ErasureOrder(1, False)},
    ),
    "by a stranger": (asks_for_anothers(7), {7: "needs_person"}, None, {7: ErasureOrder(1, True)}),
    "by a stranger and herself": (
        [*asks_for_anothers(7), *asks(1), *says_yes(2)],
        {7: "needs_person", 2: "open"},
        None,
        {7: ErasureOrder(1, True), 2: ErasureOrder(1, False)},
    ),
}


def going_on(
    store: Store, messages: dict[int, ErasureOrder | None]
) -> tuple[int | None, dict[int, ErasureOrder | None]]:
    """What she is still asked about, and which orders these messages give."""
    with store.read() as session:
        orders = {message: erasure_requests.erasure_order(session, message) for message in messages}
        return erasure_requests.pending_question(session, HERS, ago(60)), orders


@pytest.mark.parametrize(("said", "steps", "asked", "orders"), ERASING.values(), ids=ERASING)
def test_erasing_goes_on(
    earlier: Earlier, said: list[Said], steps: dict[int, str], asked: int | None, orders: dict[int, ErasureOrder | None]
) -> None:
    for left, line in zip(range(len(said), 0, -1), said, strict=True):
        earlier.said(*line, ago(left))
    for message, state in steps.items():
        step = {"kind": "erase", "queue": "urgent", "intake_id": message, "state": state, "not_before": TOMORROW}
        earlier.add("step", step)
    earlier.to("0013")
    assert going_on(earlier.store, orders) == (asked, orders)
    with earlier.store.write() as session:
        on_its_way = "open" in steps.values() and any(order == ErasureOrder(1, False) for order in orders.values())
        assert erasure_requests.is_confirmed(session, 1) is on_its_way
        assert erasure_requests.erasure_due(session, 1) == (TOMORROW if on_its_way else None)
    before = earlier.rows("erasure_request")
    earlier.to("0012")
    assert not earlier.has("erasure_request")
    earlier.to("0013")
    assert earlier.rows("erasure_request") == before


def test_what_is_asked_after_the_upgrade_outlives_going_back(earlier: Earlier) -> None:
    for line in [*asks(1), *asks_for_anothers(7)]:
        earlier.said(*line, ago(5))
    earlier.to("0013")
    with earlier.store.write() as session:
        erasure_requests.confirm_erasure(session, 1, 2, TOMORROW)
        erasure_requests.ask_for_confirmation(session, 2, 3)
        erasure_requests.quarantine_request(session, 1, 8)
        assert (erasure_requests.cancel_erasure(session, 1), erasure_requests.cancel_erasure(session, 1)) == (
            True,
            False,
        )
    here = going_on(earlier.store, {2: None, 7: None, 8: None})
    assert here == (2, {2: None, 7: ErasureOrder(1, True), 8: ErasureOrder(1, True)})
    before = earlier.rows("erasure_request")
    earlier.to("0012")
    earlier.to("0013")
    assert going_on(earlier.store, here[1]) == here
    assert [{**row, "asked_at": None} for row in earlier.rows("erasure_request")] == [
        {**row, "asked_at": None} for row in before
    ]


# --- accounts that are locked out ---

WRONG_PASSWORDS = 10
WRONG, RIGHT, CHANGED = "sign_in_refused", "signed_in", "password_changed"
# What happened, oldest first, with the minutes since -> whether the account is locked.
LOCK_OUTS: dict[str, tuple[list[tuple[str, float]], bool]] = {
    "nothing": ([], False),
    "just now": ([(WRONG, 2)] * WRONG_PASSWORDS, True),
    "one too few": ([(WRONG, 2)] * (WRONG_PASSWORDS - 1), False),
    "long ago": ([(WRONG, 20)] * WRONG_PASSWORDS, False),
    "one of them long ago": ([(WRONG, 20), *[(WRONG, 2)] * (WRONG_PASSWORDS - 1)], False),
    "signed in since": ([*[(WRONG, 5)] * WRONG_PASSWORDS, (RIGHT, 4)], False),
    "a new password since": ([*[(WRONG, 5)] * WRONG_PASSWORDS, (CHANGED, 4)], False),
    "signed in before": ([(RIGHT, 6), *[(WRONG, 5)] * WRONG_PASSWORDS], True),
    "spread over the window": ([(WRONG, 12 - number) for number in range(WRONG_PASSWORDS)], True),
}


def is_locked(earlier: Earlier) -> bool:
    """Whether the version with that table would have let nobody try her password now."""
    counted = [row for row in earlier.rows("wrong_password") if row["person_id"] == HERS]
    return sum(row["at"] > ago(15) for row in counted) >= WRONG_PASSWORDS


@pytest.mark.parametrize(("happened", "locked"), LOCK_OUTS.values(), ids=LOCK_OUTS)
def test_lock_outs_go_on(earlier: Earlier, happened: list[tuple[str, float]], locked: bool) -> None:
    for number, login in enumerate(("lena", "yann"), start=1):
        earlier.add("person", {"id": number, "login": login, "password_hash": "none", "active": True})
    for action, minutes in happened:
        earlier.said("person:1", action, {}, ago(minutes))
        earlier.said("person:2", WRONG, {}, ago(minutes))
    earlier.to("0014")
    assert is_locked(earlier) is locked
    before = earlier.rows("wrong_password")
    earlier.to("0013")
    earlier.to("0014")
    assert earlier.rows("wrong_password") == before
    assert is_locked(earlier) is locked


# --- how often a state may be asked for ---

# Calls of hers: which references were keyed, in order, and how long ago -> whether she has asked too often.
LOOK_UPS: dict[str, tuple[dict[int, list[tuple[str, float]]], bool]] = {
    "nothing": ({}, False),
    "as many as are answered": ({11: [(f"tag{n}", 5) for n in range(10)]}, False),
    "one more": ({11: [(f"tag{n}", 5) for n in range(10)], 12: [("tag0", 4)]}, True),
    "the same ones twice": ({11: [(f"tag{n % 10}", 5) for n in range(20)]}, False),
    "more than an hour ago": ({11: [(f"tag{n}", 61) for n in range(11)]}, False),
}


def asks_too_often(earlier: Earlier) -> bool:
    settings = Settings(texting=Texting(lookups_per_hour=10))
    with earlier.store.read() as session:
        return status_lookup.asks_too_often(session, settings, HERS)


@pytest.mark.parametrize(("calls", "too_often"), LOOK_UPS.values(), ids=LOOK_UPS)
def test_limits_of_look_ups_go_on(earlier: Earlier, calls: dict[int, list[tuple[str, float]]], too_often: bool) -> None:
    for number in (11, 12):
        earlier.add(
            "intake", {"id": number, "channel": "voicemail", "external_id": f"CA{number}", "contributor_id": HERS}
        )
    for number, keyed in calls.items():
        for tag, minutes in keyed:
            earlier.said(f"intake:{number}", "reference_keyed", {"tag": tag}, ago(minutes))
    earlier.to("0015")
    assert asks_too_often(earlier) is too_often
    before = earlier.rows("look_up")
    earlier.to("0014")
    earlier.to("0015")
    assert (earlier.rows("look_up"), asks_too_often(earlier)) == (before, too_often)


def test_what_a_call_keyed_before_the_upgrade_counts_for_its_own_limit(earlier: Earlier) -> None:
    earlier.add("intake", {"id": 11, "channel": "voicemail", "external_id": "CA11", "contributor_id": None})
    settings = Settings(voicemail=Voicemail(lookups_per_call=3))
    known = ["100000006", "100000011", "100000022"]
    hashed = earlier.store.keyring.keyed_hash
    for number in known:
        tag = hashed(status_lookup.KEYED, f"11 {references.parse_reference(number)}".encode())[:16]
        earlier.said("intake:11", "reference_keyed", {"tag": tag}, ago(1))
    earlier.to("head")
    with earlier.store.write() as session:
        call = session.get_one(Intake, 11)
        asked = [
            status_lookup.keyed_status(session, settings, call, one, "fr", None).name
            for one in (*known, "100000033", known[0])
        ]
    assert asked == ["unknown", "unknown", "unknown", "later", "unknown"]


# --- what was noted of receipts ---

NOTES: dict[str, tuple[str, dict[str, Any]]] = {
    "why there is none": ("no_receipt", {"because": "same_thread"}),
    "for another reason": ("no_receipt", {"because": "just_sent"}),
    "came back": ("receipt_returned", {"intake": 7}),
    "a machine answered": ("answered_by_machine", {"intake": 8}),
}


@pytest.mark.parametrize(("action", "details"), NOTES.values(), ids=NOTES)
def test_what_was_noted_is_not_noted_again(earlier: Earlier, action: str, details: dict[str, Any]) -> None:
    def noted() -> list[tuple[str, dict[str, Any]]]:
        with earlier.store.read() as session:
            return [(line.action, line.details) for line in history.history_of(session, "contribution:1")]

    def note(*more: tuple[str, dict[str, Any]]) -> None:
        with earlier.store.write() as session:
            for one in ((action, details), *more):
                record_history_once(session, 1, *one)

    earlier.said("contribution:1", action, details, ago(5))
    earlier.said("contribution:2", action, details, ago(5))
    earlier.said("contribution:1", "no_receipt", {}, ago(4))
    earlier.to("0016")
    note()
    assert noted() == [("no_receipt", {}), (action, details)]
    note(("receipt_returned", {"intake": 5}), ("receipt_returned", {"intake": 5}))
    everything = [("receipt_returned", {"intake": 5}), ("no_receipt", {}), (action, details)]
    before = earlier.rows("receipt_note")
    earlier.to("0015")
    earlier.to("0016")
    note(("receipt_returned", {"intake": 5}))
    assert noted() == everything
    assert [{**row, "at": None} for row in earlier.rows("receipt_note")] == [{**row, "at": None} for row in before]
