"""Decided twice: who is asked, what is compared, how far two people agree; and what is passed on to a service."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC

import pytest
from sqlalchemy import select

from config.answer_states import Outcome
from config.enums import SetAsideReason
from inbox.answers import service_requests
from inbox.contributions import moderation
from inbox.desk import bulk_actions, second_looks
from inbox.desk.bulk_actions import BulkRequest
from inbox.desk.second_looks import NotYours, cohens_kappa
from inbox.erasure.erase import erase_contribution
from inbox.export import open311
from inbox.listings.contribution_list import list_contributions
from inbox.listings.filters import ContributionFilter
from inbox.listings.visibility import EVERYTHING
from inbox.models import Contribution, PlaceMention, SecondLook
from inbox.storage.database import Store
from tests.inbox.makers import consultation, moderator, text_message, text_message_in

KAPPAS: dict[str, tuple[list[tuple[str, str]], float | None]] = {
    "none": ([], None),
    "all alike": ([("publish", "publish")] * 5, None),
    "always the same": ([("publish", "publish"), ("set_aside", "set_aside")], 1.0),
    "always different": ([("publish", "set_aside"), ("set_aside", "publish")], -1.0),
    "as by chance": (
        [("publish", "publish"), ("publish", "set_aside"), ("set_aside", "publish"), ("set_aside", "set_aside")],
        0.0,
    ),
    # Cohen (1960) as retold everywhere: 20 and 15 alike, 5 and 10 not: observed 0.7, by chance 0.5.
    "the textbook's": (
        [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15,
        0.4,
    ),
}


@pytest.mark.parametrize(("pairs", "expected"), KAPPAS.values(), ids=KAPPAS)
def test_kappa(pairs: list[tuple[str, str]], expected: float | None) -> None:
    assert cohens_kappa(pairs) == (None if expected is None else pytest.approx(expected))


def town(store: Store, every: int, said: int = 3) -> list[int]:
    """Contributions to a consultation of which one in so many is decided twice."""
    with store.write() as session:
        version = consultation(session, _body(every))
        return [text_message_in(session, f"Avis numéro {number}", version) for number in range(said)]


def _body(every: int) -> dict[str, object]:
    words = {"fr": "Quoi ?"}
    return {
        "slug": "places", "town": "exemple", "town_name": "Exemple", "title": words, "question": words,
        "can_change": words, "cannot_change": words, "decides": words, "opens": "2026-01-01", "closes": "2026-12-31",
        "contact_phone": "+33298000000", "controller": "La ville", "dpo": "dpo@example.org",
        "second_look_every": every, "themes": [],
    }  # fmt: skip


def decide(store: Store, number: int, action: str, by: int, reason: SetAsideReason | None = None) -> int:
    with store.write() as session:
        row = moderation.decide_contribution(session, number, action, reason=reason, by=by, expect_revision=None)
        second_looks.record_decision(session, row, action, reason, by)
        undoable = moderation.undoable_decision(session, row)
        assert undoable is not None
        return undoable.id


def waiting(store: Store, person: int) -> int:
    with store.read() as session:
        return second_looks.count_second_looks(session, person)


@pytest.mark.parametrize(("every", "asked"), [(1, 3), (0, 0)])
def test_one_in_so_many_is_decided_by_somebody_else(store: Store, every: int, asked: int) -> None:
    first, second = moderator(store), moderator(store)
    for number in town(store, every):
        decide(store, number, "publish", first)
    assert (waiting(store, first), waiting(store, second)) == (0, asked)


def test_one_in_ten_is_about_one_in_ten(store: Store) -> None:
    first = moderator(store)
    with store.write() as session:
        version = consultation(session, _body(10))
        made = [text_message_in(session, "Avis", version) for _ in range(150)]
        bulk_id = bulk_actions.begin_bulk_action(session, BulkRequest("publish"), first)
        bulk_actions.apply_to_chunk(session, bulk_id, made, BulkRequest("publish"), first, bulk_actions.BulkOutcome())
        chosen = second_looks.count_second_looks(session, first + 1)
    assert 3 <= chosen <= 35  # a chance of less than one in ten thousand to fail


def test_what_is_taken_back_is_not_compared_and_what_is_decided_anew_is(store: Store) -> None:
    first, second = moderator(store), moderator(store)
    number = town(store, 1, 1)[0]
    line = decide(store, number, "publish", first)
    with store.write() as session:
        second_looks.record_undone_decision(session, moderation.undo_decision(session, number, line, first))
    assert waiting(store, second) == 0
    decide(store, number, "set_aside", second, SetAsideReason.OFF_TOPIC)
    assert (waiting(store, first), waiting(store, second)) == (1, 0)


def test_the_second_decision_is_compared_and_changes_nothing(store: Store) -> None:
    first, second, third = moderator(store), moderator(store), moderator(store)
    same, other, reason = town(store, 1)
    decide(store, same, "publish", first)
    decide(store, other, "publish", first)
    decide(store, reason, "set_aside", first, SetAsideReason.OFF_TOPIC)
    said = {
        same: ("publish", None),
        other: ("set_aside", SetAsideReason.INSULTING),
        reason: ("set_aside", SetAsideReason.ADVERTISING),
    }
    with store.write() as session:
        for _ in said:
            row = second_looks.next_second_look(session, second)
            assert row is not None
            with pytest.raises(NotYours):
                second_looks.decide_second_look(session, row.id, "publish", None, first)
            agreed = second_looks.decide_second_look(session, row.id, *said[row.contribution_id], second)
            assert agreed is (row.contribution_id == same)
            with pytest.raises(NotYours):
                second_looks.decide_second_look(session, row.id, "publish", None, third)
        (found,) = second_looks.agreement(session)
        states = [session.get_one(Contribution, number).moderation.value for number in (same, other, reason)]
    assert (found.pairs, found.same, found.same_reason) == (3, 2, 1)
    assert set(found.differing) == {other, reason}
    assert found.kappa == pytest.approx(0.4)
    assert states == ["published", "published", "set_aside"]


# --- passed on to a service --------------------------------------------------------------------------


def listed(store: Store, wanted: ContributionFilter) -> list[int]:
    with store.read() as session:
        return [row.id for row in list_contributions(session, wanted, EVERYTHING).rows]


def test_a_service_request_is_listed_told_given_out_and_forgotten(store: Store) -> None:
    by = moderator(store)
    number, other = text_message(store, "Le lampadaire est cassé"), text_message(store, "Plus de bancs")
    with store.write() as session:
        service_requests.pass_to_service(session, number, "  Éclairage   public ", by)
    assert listed(store, ContributionFilter(passed_on=True)) == [number]
    with store.read() as session:
        assert service_requests.contribution_outcomes(session, [number, other]) == {number: Outcome.PASSED_ON}
        assert open311.service_requests(session, EVERYTHING, UTC) == []  # nothing is given out before it is published
    with store.write() as session:
        moderation.decide_contribution(session, number, "publish", by=by, expect_revision=None)
        session.add(PlaceMention(contribution_id=number, place="rue de Siam", quarter="Centre", exact=True))
        session.flush()
        (given,) = open311.service_requests(session, EVERYTHING, UTC)
    assert (given["description"], given["service_name"], given["address"], given["status"]) == (
        "Le lampadaire est cassé",
        "Éclairage public",
        "rue de Siam",
        "open",
    )
    assert given["service_request_id"] == str(number)  # never the reference: systems of faults publish their numbers
    with store.write() as session:
        assert service_requests.undo_pass_to_service(session, number, by)
        assert not service_requests.undo_pass_to_service(session, number, by)
        service_requests.pass_to_service(session, number, "", by)
        erase_contribution(session, number, None, "author")
    with store.read() as session:
        assert service_requests.service_requests_of(session, [number]) == {}
        assert session.scalars(select(SecondLook)).all() == []


QUARTERS: dict[str, tuple[Callable[[int], PlaceMention | None], str, bool]] = {
    "a place in it": (lambda n: PlaceMention(contribution_id=n, place="rue Y", quarter="Bellevue"), "Un banc", True),
    "itself": (lambda _n: None, "Des bancs à Bellevue", True),
    "another": (lambda n: PlaceMention(contribution_id=n, place="rue X", quarter="Siam"), "Un banc", False),
}


@pytest.mark.parametrize(("mention", "said", "found"), QUARTERS.values(), ids=QUARTERS)
def test_a_quarter_is_found_by_its_places_and_its_name(
    store: Store, mention: Callable[[int], PlaceMention | None], said: str, found: bool
) -> None:
    number = text_message(store, said)
    with store.write() as session:
        if (row := mention(number)) is not None:
            row.exact = True
            session.add(row)
    assert listed(store, ContributionFilter(quarter="Bellevue")) == ([number] if found else [])
