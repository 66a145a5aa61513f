"""Moderators' work on many contributions: nobody gets another's, masks cover every place, all of it can be undone."""

from __future__ import annotations

import pytest

from config.enums import Moderation, PersonalKind, SetAsideReason
from inbox.contributions import masks, moderation, same_wording
from inbox.contributions.masks import Mask
from inbox.desk import appeals, assignment, bulk_actions, presence, queues
from inbox.desk.bulk_actions import BulkOutcome, BulkRequest
from inbox.desk.queues import Queue, QueueKind, QueueViewer, find_queue
from inbox.listings.visibility import EVERYTHING
from inbox.models import Contribution
from inbox.storage.database import Store
from tests.inbox.makers import heard, moderator, state_of, text_message, text_of

NAME, PHONE = PersonalKind.NAME, PersonalKind.PHONE
COVERED = {
    "every place, whatever its capitals and accents": (
        "M. Quéméneur et monsieur QUEMENEUR",
        Mask(NAME, "Quéméneur"),
        "M. [nom masqué] et monsieur [nom masqué]",
    ),
    "not within another word": ("Paul parle de Pauline", Mask(NAME, "Paul"), "[nom masqué] parle de Pauline"),
    "a number however it is grouped": (
        "06 39 98 12 34, ou +33639981234",
        Mask(PHONE, "0639981234"),
        "[numéro masqué], ou [numéro masqué]",
    ),
    "several words, over a line break": ("Jeanne\nLe Bihan !", Mask(NAME, "jeanne le bihan"), "[nom masqué] !"),
    "no other number": ("06 39 98 12 35", Mask(PHONE, "06 39 98 12 34"), "06 39 98 12 35"),
}


@pytest.mark.parametrize("case", COVERED)
def test_a_mask_covers_every_place(case: str) -> None:
    text, mask, expected = COVERED[case]
    assert masks.apply_masks(text, [mask], "fr") == expected


@pytest.mark.parametrize("value", ["", "name:", "name:  ,", "who:Paul", ":Paul", "name"])
def test_what_is_no_mask_masks_nothing(value: str) -> None:
    assert masks.parse_mask(value) is None


def test_two_people_who_go_through_a_queue_get_different_ones(store: Store) -> None:
    one, other = moderator(store), moderator(store)
    made = [text_message(store, f"Il manque un banc numéro {number}.") for number in range(4)]
    queue, got = Queue(QueueKind.NEW), []
    for person in (one, other, one, other):
        with store.write() as session:
            got.append(queues.claim_next(session, queue, QueueViewer(person, EVERYTHING), None))
    assert len({got[0], got[1]}) == 2
    with store.write() as session:
        assignment.assign(session, made[3], other, other)
        presence.clear_presence(session, made[3], one)
    with store.read() as session:
        first = queues.next_in_queue(session, queue, QueueViewer(one, EVERYTHING), None)
        mine = queues.next_in_queue(session, Queue(QueueKind.MINE), QueueViewer(other, EVERYTHING), None)
    assert first != made[3]
    assert mine == made[3]


QUEUES = {
    "danger": ["Une fuite de gaz sent depuis hier, place Guérin"],
    "new": ["Plus de bancs, s'il vous plaît, au marché", "Une fuite de gaz sent depuis hier, place Guérin"],
    "waiting": [],
    "mine": [],
    "appeals": [],
}


@pytest.mark.parametrize("name", QUEUES)
def test_queues_hold_what_they_say(store: Store, name: str) -> None:
    person = moderator(store)
    ids = {text: text_message(store, text) for text in QUEUES["new"]}
    queue = find_queue(name)
    assert queue is not None
    with store.read() as session:
        assert queues.count_queue(session, queue, QueueViewer(person, EVERYTHING)) == (len(QUEUES[name]), False)
        first = queues.next_in_queue(session, queue, QueueViewer(person, EVERYTHING), None)
    assert first == (max(ids[text] for text in QUEUES[name]) if QUEUES[name] else None)


@pytest.mark.parametrize("name", ["", "none", "theme", "theme:", "new:x", "centre:" + "x" * 65])
def test_what_is_no_queue_is_none(name: str) -> None:
    assert find_queue(name) is None


def test_many_are_decided_at_once_and_taken_back_at_once(store: Store) -> None:
    by = moderator(store)
    typed = [text_message(store, f"Un arbre de plus, le {number}.") for number in range(3)]
    unsure = heard(store, "il manque un banc")
    outcome, wanted = BulkOutcome(), BulkRequest("publish")
    with store.write() as session:
        bulk_id = bulk_actions.begin_bulk_action(session, wanted, by)
        bulk_actions.apply_to_chunk(session, bulk_id, [*typed, unsure], wanted, by, outcome)
    assert (outcome.done, list(outcome.refused.values())) == (3, [1])
    assert state_of(store, unsure).moderation is Moderation.IN_REVIEW
    with store.write() as session:
        moderation.decide_contribution(
            session, typed[0], "set_aside", reason=SetAsideReason.OFF_TOPIC, by=by, expect_revision=None
        )
    with store.write() as session:
        action, lines = bulk_actions.undoable_lines(session, bulk_id, by) or ("", [])
        assert bulk_actions.undo_chunk(session, action, lines, by) == 2  # the first was decided again since
        bulk_actions.mark_undone(session, bulk_id)
        assert bulk_actions.undoable_lines(session, bulk_id, by) is None
    assert [state_of(store, one).moderation for one in typed] == [
        Moderation.SET_ASIDE,
        Moderation.IN_REVIEW,
        Moderation.IN_REVIEW,
    ]


def test_an_appeal_reaches_somebody_else_than_who_decided(store: Store) -> None:
    by, other = moderator(store), moderator(store)
    made = text_message(store, "Le maire est un guignol.")
    with store.write() as session:
        with pytest.raises(appeals.NothingToAppeal):
            appeals.lodge_appeal(session, made, by)
        moderation.decide_contribution(
            session, made, "set_aside", reason=SetAsideReason.INSULTING, by=by, expect_revision=None
        )
        appeals.lodge_appeal(session, made, by)
    queue = Queue(QueueKind.APPEALS)
    with store.read() as session:
        assert queues.next_in_queue(session, queue, QueueViewer(by, EVERYTHING), None) is None
        assert queues.next_in_queue(session, queue, QueueViewer(other, EVERYTHING), None) == made
    with store.write() as session:
        with pytest.raises(appeals.OwnDecision):
            appeals.settle_appeal(session, made, by, appeals.UPHELD)
        assert appeals.settle_appeal(session, made, other, appeals.UPHELD)
        assert not appeals.settle_appeal(session, made, other, appeals.UPHELD)


def test_the_same_wording_is_found_and_kept(store: Store) -> None:
    words = "Je demande la réouverture de la ligne de bus sept le dimanche"
    first, same = text_message(store, words), text_message(store, words.upper())
    near = text_message(store, words + " matin")
    text_message(store, "Il manque des arbres et une fontaine devant la médiathèque du quartier")
    with store.read() as session:
        found = same_wording.similar_contributions(session, session.get_one(Contribution, first))
    assert {(one.contribution_id, one.same) for one in found} == {(same, True), (near, False)}
    assert text_of(store, same) is not None
