"""References: digits, check digit, spelling, and what they lead to."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.records import references
from inbox.storage.database import Store
from tests.inbox import makers

numbers = st.integers(10_000_000, 99_999_999).map(lambda n: str(n) + references.check_digit(str(n)))


def test_check_digit_is_damms():
    # The worked example of the Damm algorithm's usual description.
    assert references.check_digit("572") == "4"
    assert references.check_digit("5724") == "0"


@given(numbers, st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(number: str, place: int, by: int):
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    assert references.parse_reference(wrong) is None


@given(numbers, st.integers(0, 7))
def test_two_neighbours_swapped_are_noticed(number: str, place: int):
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert swapped == number or references.parse_reference(swapped) is None


@given(numbers)
def test_written_as_printed_it_is_read(number: str):
    assert references.parse_reference(references.format_reference(number)) == number


GOOD = "572483912" if references.check_digit("572483912") == "0" else "57248391" + references.check_digit("57248391")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (GOOD, GOOD),
        (f"  {GOOD} ", GOOD),
        (".".join(GOOD), GOOD),
        (f"{GOOD[:3]}\u202f{GOOD[3:6]}\u00a0{GOOD[6:]}", GOOD),
        (f"{GOOD[:3]}-{GOOD[3:6]}/{GOOD[6:]}", GOOD),
        ("".join(chr(ord("٠") + int(digit)) for digit in GOOD), GOOD),
        ("".join(chr(ord("０") + int(digit)) for digit in GOOD), GOOD),
        (f"n° {GOOD}", None),
        (f"{GOOD} merci", None),
        (GOOD[:-1], None),
        (GOOD + "0", None),
        ("0" * 9, None),
        ("", None),
        ("²" * 9, None),
    ],
    ids=[
        "plain",
        "spaces around",
        "dots",
        "no-break spaces",
        "dashes and slashes",
        "Arabic-Indic digits",
        "full-width digits",
        "a word before",
        "a word after",
        "too short",
        "too long",
        "first digit 0",
        "empty",
        "superscripts",
    ],
)
def test_parse(written: str, read: str | None):
    assert references.parse_reference(written) == read


def test_issued_once_for_the_same_subject(store: Store):
    with store.write() as session:
        call = makers.intake(session)
        first = references.issue_reference(session, intake=call.id)
        assert references.issue_reference(session, intake=call.id) == first
        assert references.parse_reference(first) == first
        assert references.issue_reference(session) != references.issue_reference(session)


def test_issued_before_it_leads_to_the_contribution(store: Store):
    with store.write() as session:
        call = makers.intake(session)
        spoken = references.issue_reference(session, intake=call.id)
        assert references.contribution_of(session, spoken) is None
        made = makers.contribution_of(session, makers.part(session, call, "Un banc"))
        assert references.contribution_of(session, spoken) == made.id
        references.attach_reference(session, spoken, made.id)
        assert references.contribution_of(session, spoken) == made.id
        other = makers.contribution_of(session, makers.part(session, makers.intake(session), "Un bus"))
        references.attach_reference(session, spoken, other.id)
        assert references.contribution_of(session, spoken) == made.id
        assert references.contribution_of(session, "100000000") is None


def test_contribution_without_one_says_so(store: Store):
    with store.write() as session, pytest.raises(references.NoReference):
        references.reference_of(session, 12345)


def test_collision_is_tried_again(store: Store, monkeypatch: pytest.MonkeyPatch):
    with store.write() as session:
        taken = references.issue_reference(session)
    digits = iter([int(taken[0]) - 1, *map(int, taken[1:8]), 3, *[5] * 7])
    monkeypatch.setattr(references.secrets, "randbelow", lambda _below: next(digits))
    with store.write() as session:
        assert references.issue_reference(session)[:8] == "45555555"


def test_many_at_once(store: Store):
    def issue(_: int) -> str:
        with store.write() as session:
            return references.issue_reference(session)

    with ThreadPoolExecutor(4) as pool:
        issued = list(pool.map(issue, range(40)))
    assert len(set(issued)) == 40
