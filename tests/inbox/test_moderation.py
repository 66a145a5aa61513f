"""Decisions: every transition, every refusal, and taking back."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from config.enums import Moderation, Reading, SetAsideReason, TextOrigin
from inbox.contributions import linking, moderation, text_versions
from inbox.contributions.optimistic_locking import NotThere, Stale
from inbox.models import Contribution
from inbox.records import history
from inbox.storage.database import Store
from tests.inbox import makers

ACTIONS = ("publish", "set_aside", "reopen")


@pytest.fixture
def person(store: Store) -> int:
    return makers.moderator(store)


def decide(store: Store, contribution_id: int, action: str, person: int, **more: object) -> None:
    more.setdefault("expect_revision", makers.state_of(store, contribution_id).revision)
    if action == "set_aside":
        more.setdefault("reason", SetAsideReason.OFF_TOPIC)
    with store.write() as session:
        moderation.decide_contribution(session, contribution_id, action, by=person, **more)  # type: ignore[arg-type]


def newest_undoable(store: Store, contribution_id: int) -> history.HistoryEntry | None:
    with store.read() as session:
        return moderation.undoable_decision(session, session.get_one(Contribution, contribution_id))


def undo(store: Store, contribution_id: int, person: int) -> str:
    line = newest_undoable(store, contribution_id)
    assert line is not None
    with store.write() as session:
        moderation.undo_decision(session, contribution_id, line.id, person)
    return line.action


def put(store: Store, state: Moderation, person: int) -> int:
    typed = makers.text_message(store, "Un banc")
    if state is not Moderation.IN_REVIEW:
        decide(store, typed, "publish" if state is Moderation.PUBLISHED else "set_aside", person)
    return typed


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("state", Moderation)
def test_every_transition(store: Store, person: int, state: Moderation, action: str):
    decided = put(store, state, person)
    target = moderation.TRANSITIONS.get((state, action))
    if target is None:
        with pytest.raises(moderation.NotAllowed):
            decide(store, decided, action, person)
        target = state
    else:
        decide(store, decided, action, person, reason=SetAsideReason.INSULTING)
    now = makers.state_of(store, decided)
    assert now.moderation is target
    assert (now.set_aside_reason is not None) == (target is Moderation.SET_ASIDE)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("state", Moderation)
def test_every_transition_is_taken_back(store: Store, person: int, state: Moderation, action: str):
    if (state, action) not in moderation.TRANSITIONS:
        return
    decided = put(store, state, person)
    before = makers.state_of(store, decided)
    decide(store, decided, action, person, reason=SetAsideReason.INSULTING)
    assert undo(store, decided, person) == action
    after = makers.state_of(store, decided)
    assert (after.moderation, after.set_aside_reason) == (before.moderation, before.set_aside_reason)
    assert after.revision > before.revision


def test_history_says_what_was_decided(store: Store, person: int):
    typed = makers.text_message(store, "Un banc")
    decide(store, typed, "set_aside", person, reason=SetAsideReason.DUPLICATE)
    undo(store, typed, person)
    with store.read() as session:
        undoing, deciding, _ = history.history_of(session, f"contribution:{typed}")
    assert (deciding.action, deciding.person_name, deciding.undone) == ("set_aside", "Léna", True)
    assert deciding.details == {"from": "in_review", "from_reason": None, "to": "set_aside", "reason": "duplicate"}
    assert (undoing.action, undoing.undoes_id, undoing.undone) == ("undo", deciding.id, False)


@pytest.mark.parametrize(
    ("make", "action", "more", "error"),
    [
        (lambda s: makers.text_message(s, "Un banc"), "set_aside", {"reason": None}, moderation.ReasonNeeded),
        (lambda s: makers.text_message(s, "Un banc"), "publish", {"expect_revision": 1_000}, Stale),
        (lambda s: makers.text_message(s, "Un banc"), "forget", {}, moderation.NotAllowed),
        (lambda s: makers.heard(s, "un banc"), "publish", {}, moderation.Unconfirmed),
        (lambda s: makers.voicemail(s), "publish", {}, moderation.NothingToPublish),
        (lambda s: makers.voicemail(s), "publish", {"confirm": True}, moderation.NothingToPublish),
    ],
    ids=["no reason", "older page", "no such action", "unconfirmed", "no text", "no text to confirm"],
)
def test_refusals(store: Store, person: int, make, action: str, more: dict, error: type[Exception]):
    made = make(store)
    with pytest.raises(error) as caught:
        decide(store, made, action, person, **more)
    assert caught.value.remedy
    assert makers.state_of(store, made).moderation is Moderation.IN_REVIEW
    assert newest_undoable(store, made) is None


def test_not_there(store: Store, person: int):
    with pytest.raises(NotThere), store.write() as session:
        moderation.decide_contribution(session, 999_999, "publish", by=person, expect_revision=1)


def test_publishing_may_confirm_and_is_taken_back_in_two_steps(store: Store, person: int):
    spoken = makers.heard(store, "un banc")
    decide(store, spoken, "publish", person, confirm=True)
    assert makers.text_of(store, spoken).origin is TextOrigin.PERSON
    assert undo(store, spoken, person) == "publish"
    assert makers.text_of(store, spoken).origin is TextOrigin.PERSON
    assert undo(store, spoken, person) == "confirm"
    assert makers.text_of(store, spoken).origin is TextOrigin.MACHINE
    assert newest_undoable(store, spoken) is None
    with pytest.raises(moderation.Unconfirmed):
        decide(store, spoken, "publish", person)


@pytest.mark.parametrize("action", ["erasure_asked_for", "erasure_confirmed", "erasure_taken_back"])
def test_what_a_resident_asks_for_stands_in_nobodys_way(store: Store, person: int, action: str):
    made = makers.text_message(store, "Un banc")
    decide(store, made, "publish", person)
    with store.write() as session:
        history.record_event(session, f"contribution:{made}", action)
    assert undo(store, made, person) == "publish"


def test_correction_is_taken_back(store: Store, person: int):
    spoken = makers.heard(store, "un blanc")
    for body in ("Un banc", "Un grand banc"):
        with store.write() as session:
            text_versions.correct_text(session, spoken, body, person, None)
    assert undo(store, spoken, person) == "correct"
    assert (makers.text_of(store, spoken).body, makers.text_of(store, spoken).origin) == ("Un banc", TextOrigin.PERSON)
    assert undo(store, spoken, person) == "correct"
    assert (makers.text_of(store, spoken).body, makers.text_of(store, spoken).origin) == (
        "Un blanc",
        TextOrigin.MACHINE,
    )


def test_what_came_in_before_a_correction_was_taken_back_is_not_lost(store: Store, person: int):
    typed = makers.text_message(store, "Un blanc.")
    with store.write() as session:
        text_versions.correct_text(session, typed, "Un banc.", person, None)
    with store.write() as session:
        linking.join_part(session, typed, makers.part(session, makers.intake(session), "Et un arbre.").id)
    assert makers.text_of(store, typed).body == "Un banc.\n\nEt un arbre."
    undo(store, typed, person)
    assert makers.text_of(store, typed).body == "Un blanc.\n\nEt un arbre."


def test_only_the_newest_is_taken_back(store: Store, person: int):
    typed = makers.text_message(store, "Un banc")
    decide(store, typed, "publish", person)
    first = newest_undoable(store, typed)
    decide(store, typed, "reopen", person)
    assert first is not None
    with pytest.raises(moderation.NotUndoable), store.write() as session:
        moderation.undo_decision(session, typed, first.id, person)
    undo(store, typed, person)
    undo(store, typed, person)
    with pytest.raises(moderation.NotUndoable), store.write() as session:
        moderation.undo_decision(session, typed, first.id, person)


def test_unconfirmed_text_is_not_published_by_taking_back(store: Store, person: int):
    typed = makers.text_message(store, "Un banc")
    decide(store, typed, "publish", person)
    decide(store, typed, "reopen", person)
    with store.write() as session:
        late = makers.part(session, makers.intake(session), media=[makers.MediumKind.RECORDING])
        linking.join_part(session, typed, late.id)
    makers.hear(store, typed, "et un arbre")
    assert makers.state_of(store, typed).reading is Reading.READ
    with pytest.raises(moderation.Unconfirmed):
        undo(store, typed, person)
    assert makers.state_of(store, typed).moderation is Moderation.IN_REVIEW


def test_of_two_decisions_on_one_page_the_first_counts(store: Store, person: int):
    typed = makers.text_message(store, "Un banc")
    revision = makers.state_of(store, typed).revision

    def try_to(action: str) -> str:
        try:
            decide(store, typed, action, person, expect_revision=revision)
        except Stale:
            return "stale"
        return "done"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(try_to, ["publish", "set_aside"] * 2)) == ["done", "stale", "stale", "stale"]


def test_taken_back_once_by_two_at_once(store: Store, person: int):
    typed = makers.text_message(store, "Un banc")
    decide(store, typed, "publish", person)
    line = newest_undoable(store, typed)
    assert line is not None

    def try_to(_: int) -> str:
        try:
            with store.write() as session:
                moderation.undo_decision(session, typed, line.id, person)
        except moderation.NotUndoable:
            return "too late"
        return "done"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(try_to, range(3))) == ["done", "too late", "too late"]
