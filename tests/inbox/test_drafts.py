"""What was typed and not saved: kept per page and person, sealed, never overwritten by another, gone with its key."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from inbox.contributions import drafts, linking, text_versions
from inbox.contributions.drafts import DraftOutcome, DraftSheet
from inbox.erasure import erase
from inbox.errors import InboxError
from inbox.models import Contribution, Draft
from inbox.storage.database import Store
from tests.inbox import makers

SAID = "Il manque un banc, dit Mme Kermarrec."
MASKED = "Il manque un banc, dit [nom masqué]."
OTHER = "Un banc manque devant l'école."


@pytest.fixture
def person(store: Store) -> int:
    return makers.moderator(store)


@pytest.fixture
def made(store: Store) -> int:
    return makers.text_message(store, SAID)


def keep(store: Store, sheet: DraftSheet, body: str, number: int | None = None) -> DraftOutcome:
    with store.write() as session:
        return drafts.save_draft(session, sheet, body, number)


def found(store: Store, contribution_id: int) -> list[tuple[int, str]]:
    with store.read() as session:
        contribution = session.get_one(Contribution, contribution_id)
        return [(draft.person_id, draft.body) for draft in drafts.drafts_of(session, contribution)]


def the_draft(store: Store, contribution_id: int) -> drafts.TypedDraft:
    with store.read() as session:
        return drafts.drafts_of(session, session.get_one(Contribution, contribution_id))[0]


def opened(
    made: int, person: int, name: str = "a", based_on: int = 1, after: drafts.TypedDraft | None = None
) -> DraftSheet:
    return DraftSheet(made, person, name, based_on, (after.id, after.number) if after else None)


# What is handed in one after the other by one page: (body, number), and what is kept in the end.
COPIES = {
    "once": ([(MASKED, 1)], [MASKED]),
    "a later one": ([("Il", 1), (MASKED, 2)], [MASKED]),
    "an older one comes late": ([(MASKED, 2), ("Il", 1)], [MASKED]),
    "the same twice": ([(MASKED, 1), (MASKED, 1)], [MASKED]),
    "with a button, without a script": ([(MASKED, None)], [MASKED]),
    "a button after keystrokes": ([("Il", 7), (MASKED, None), ("Il manque", 8)], [MASKED]),
    "what the page showed": ([(SAID, 1)], []),
    "as a browser spells it": ([(f"  {SAID}\r\n", 1)], []),
    "back to what the page showed": ([(MASKED, 1), (SAID, 2)], []),
    "the box emptied by a slip": ([(MASKED, 1), (" \r\n", 2)], [MASKED]),
}


@pytest.mark.parametrize(("copies", "expected"), COPIES.values(), ids=COPIES)
def test_the_latest_of_a_page_is_kept(store: Store, made: int, person: int, copies, expected: list[str]) -> None:
    for body, number in copies:
        keep(store, opened(made, person), body, number)
    assert found(store, made) == [(person, body) for body in expected]


def test_two_pages_and_two_people_keep_what_they_typed(store: Store, made: int, person: int) -> None:
    colleague = makers.moderator(store)
    keep(store, opened(made, person, "a"), MASKED)
    keep(store, opened(made, person, "b"), OTHER)
    keep(store, opened(made, colleague, "a"), "Autre chose.")
    assert set(found(store, made)) == {(person, MASKED), (person, OTHER), (colleague, "Autre chose.")}


def test_a_page_goes_on_with_the_draft_it_showed(store: Store, made: int, person: int) -> None:
    keep(store, opened(made, person, "a"), MASKED, 3)
    second = opened(made, person, "b", after=the_draft(store, made))
    keep(store, second, f"{MASKED} Merci.", 1)
    assert found(store, made) == [(person, f"{MASKED} Merci.")]
    # The first page is still open, and hands in what it has: nothing of either is lost.
    keep(store, opened(made, person, "a"), MASKED, 3)
    assert sorted(found(store, made)) == sorted([(person, f"{MASKED} Merci."), (person, MASKED)])


def test_a_draft_that_grew_elsewhere_is_not_taken_over(store: Store, made: int, person: int) -> None:
    keep(store, opened(made, person, "a"), "Il", 1)
    second = opened(made, person, "b", after=the_draft(store, made))
    keep(store, opened(made, person, "a"), MASKED, 2)
    keep(store, second, OTHER, 1)
    assert sorted(found(store, made)) == sorted([(person, MASKED), (person, OTHER)])


def test_what_was_saved_is_no_draft_and_a_late_copy_makes_none(store: Store, made: int, person: int) -> None:
    sheet = opened(made, person)
    keep(store, sheet, "Il manque", 4)
    keep(store, sheet, MASKED, 5)
    with store.write() as session:
        text_versions.correct_text(session, made, MASKED, person, None)
        drafts.discard_saved_draft(session, sheet)
    assert keep(store, sheet, "Il manque", 4) is DraftOutcome.KNOWN
    assert keep(store, opened(made, person, "elsewhere"), MASKED, 1) is DraftOutcome.KNOWN
    assert found(store, made) == []


def test_what_somebody_else_saved_meanwhile_stands_beside(store: Store, made: int, person: int) -> None:
    colleague = makers.moderator(store)
    keep(store, opened(made, person), MASKED)
    with store.write() as session:
        text_versions.correct_text(session, made, OTHER, colleague, None)
    draft = the_draft(store, made)
    assert (draft.body, draft.based_on) == (MASKED, 1)


def test_thrown_away_is_gone(store: Store, made: int, person: int) -> None:
    keep(store, opened(made, person), MASKED, 1)
    draft = the_draft(store, made)
    for contribution, expected in ((made + 1, False), (made, True), (made, False)):
        with store.write() as session:
            assert drafts.discard_draft(session, contribution, draft.id) is expected
    assert found(store, made) == []


# --- keys and erasing -------------------------------------------------------------------------------

ERASERS = {
    "the contribution": lambda session, made, person: erase.erase_contribution(session, made, person, "asked"),
    "its part": lambda session, made, person: erase.erase_part(
        session, makers.parts_of(session, made)[0], person, "asked"
    ),
}


@pytest.mark.parametrize("act", ERASERS.values(), ids=ERASERS)
def test_erasing_destroys_drafts_and_nothing_can_be_kept_any_more(store: Store, made: int, person: int, act) -> None:  # type: ignore[no-untyped-def]
    keep(store, opened(made, person), MASKED, 1)
    with store.read() as session:
        key = drafts.browser_draft_key(session, made, person)
    with store.write() as session:
        act(session, made, person)
    with store.read() as session:
        assert session.scalar(select(func.count(Draft.id))) == 0
        assert drafts.browser_draft_key(session, made, person) is None
    assert key is not None
    assert keep(store, opened(made, person), MASKED, 2) is DraftOutcome.GONE


def test_erasing_one_of_two_parts_destroys_drafts_that_may_repeat_it(store: Store, person: int) -> None:
    with store.write() as session:
        one, two = (makers.part(session, makers.intake(session), body) for body in (SAID, OTHER))
        made = makers.contribution_of(session, one, two).id
        erased = one.id
    keep(store, opened(made, person), MASKED)
    with store.write() as session:
        erase.erase_part(session, erased, person, "asked")
    assert found(store, made) == []


def test_drafts_are_sealed(store: Store, made: int, person: int) -> None:
    keep(store, opened(made, person), MASKED)
    with store.read() as session:
        (sealed,) = session.scalars(select(Draft.sealed_body))
    assert b"masqu" not in sealed


def test_each_person_has_a_key_of_their_own(store: Store, made: int, person: int) -> None:
    with store.read() as session:
        keys = {drafts.browser_draft_key(session, made, who) for who in (person, person + 1)}
    assert len(keys) == 2
    assert all(key is not None and len(key) == 32 for key in keys)


def test_what_was_merged_takes_its_drafts_along(store: Store, made: int, person: int) -> None:
    other = makers.text_message(store, "Et un arbre.")
    keep(store, opened(other, person), "Et un grand arbre.")
    with store.write() as session:
        linking.merge(session, made, other, person)
    keep(store, opened(other, person, "b"), "Et un très grand arbre.")
    assert {body for _, body in found(store, made)} == {"Et un grand arbre.", "Et un très grand arbre."}


def test_a_contribution_that_never_was_keeps_nothing(store: Store, person: int) -> None:
    assert keep(store, opened(987_654, person), MASKED) is DraftOutcome.GONE
    assert not issubclass(DraftOutcome, InboxError)
