"""Whoever asked for it is called back with the answer: once it is heard, missed, refused, or wished no more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import select, update

from config.answer_states import GivenState, Unreachable, Way
from config.enums import Channel, MessageState, StepState
from config.settings.loader import Settings
from gateway.answers.answer_dispatch import dispatch_due_answers
from gateway.reading.readers import Readers
from gateway.web.app import create_app
from inbox.administration import errands
from inbox.administration.errands import ErrandKind
from inbox.answers import answer_preview, drafting
from inbox.answers.selection import RecipientSelection
from inbox.consultations import contributors
from inbox.desk import contests
from inbox.listings.visibility import EVERYTHING
from inbox.models import Answer, ContributionPart, GivenAnswer, Message, Part, Step
from inbox.models.column_types import utc_now
from inbox.wishes import caller_wishes
from tests.gateway.conftest import ACCOUNT, NUMBER, PUBLIC_URL, TOKEN
from tests.standins.provider_api import Placed
from tests.standins.telephone import Telephone
from tests.standins.telephone_line import telephone_line
from tests.workers.answered_town import FIXED, Town
from workers.caretaking.errand_runners import run_errand
from workers.pools.step_runner import run_step_in
from workers.runtime.watcher_context import WatcherContext
from workers.runtime.worker_context import WorkerContext
from workers.tasks import rate_limits

WORDS = "Le banc sera posé en mai."


@dataclass
class Line:
    """A town with its telephone, and the resident on the other end."""

    town: Town
    telephone: Telephone
    here: WorkerContext
    contribution: int

    def answers(self, general: bool = False) -> int:
        chosen = RecipientSelection(numbers=(self.contribution,))
        answer = self.town.answers(chosen, WORDS, is_general=general)
        dispatch_due_answers(self.town.store, self.here.settings)
        return answer

    def calls(self) -> list[Placed]:
        """What rings once every step that is open is due."""
        already = len(self.telephone.api.placed)
        with self.town.store.write() as session:
            session.execute(update(Step).where(Step.state == StepState.OPEN).values(not_before=utc_now()))
            due = session.scalars(select(Step.id).where(Step.state == StepState.OPEN, Step.message_id.is_not(None)))
            numbers = list(due)
        for one in numbers:
            run_step_in(self.here, one)
        return self.telephone.api.placed[already:]

    def given(self, answer: int) -> tuple[object, object, object]:
        [found] = self.town.given(answer)
        return found


@pytest.fixture
def line(sqlite_store, sqlite_settings, tmp_path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    monkeypatch.setattr(rate_limits, "is_sending_time", lambda _here, _rules: True)
    with telephone_line(PUBLIC_URL, ACCOUNT, TOKEN, NUMBER) as (telephone, account, connect):
        folders = {"data_dir": sqlite_settings.data_dir, "keys_dir": sqlite_settings.keys_dir}
        settings = Settings(public_url=PUBLIC_URL, **folders, twilio=account)
        connect(create_app(settings, sqlite_store))
        town = Town(sqlite_store, settings)
        town.open()
        made = town.comes(Channel.VOICEMAIL, FIXED)
        with sqlite_store.write() as session:
            caller_wishes.save_wish(session, _intake(session, made), "call_back")
        with Readers(settings) as readers:
            yield Line(town, telephone, WorkerContext(settings, sqlite_store, readers), made)


def _intake(session, contribution: int) -> int:
    of_it = select(Part.intake_id).join(ContributionPart, ContributionPart.part_id == Part.id)
    return session.scalars(of_it.where(ContributionPart.contribution_id == contribution)).one()


@pytest.mark.parametrize("general", [True, False])
def test_it_rings_and_the_answer_is_heard(line: Line, general: bool) -> None:
    answer = line.answers(general)
    assert line.given(answer) == (Way.CALL, GivenState.SENDING, None)
    [placed] = line.calls()
    assert (placed.to, placed.sender) == (FIXED.value, NUMBER)
    heard = line.telephone.pick_up(placed, keys=("1",)).said
    assert "Vous avez demandé à être rappelé" in heard[0]
    assert WORDS not in heard[0]
    assert any(WORDS in said for said in heard[1:])
    assert line.given(answer) == (Way.CALL, GivenState.HEARD, None)
    assert line.calls() == []


def test_a_machine_hears_no_answer(line: Line) -> None:
    answer = line.answers()
    [placed] = line.calls()
    heard = " ".join(line.telephone.pick_up(placed).said)
    assert WORDS not in heard
    assert "rappelez ce numéro, touche 2" in heard
    assert line.given(answer)[1] is GivenState.SENDING


def test_missed_three_times_it_waits_to_be_heard(line: Line) -> None:
    answer = line.answers()
    for status in ("no-answer", "busy"):
        [placed] = line.calls()
        line.telephone.end_placed(placed, status)
        line.telephone.end_placed(placed, status)  # told twice
        assert line.given(answer) == (Way.CALL, GivenState.SENDING, None)
    [placed] = line.calls()
    line.telephone.end_placed(placed, "no-answer")
    assert line.given(answer) == (Way.PHONE, GivenState.TO_HEAR, None)
    assert line.calls() == []


def test_no_such_number(line: Line) -> None:
    answer = line.answers()
    line.telephone.api.refusals.append((400, 21217))
    assert line.calls() == []
    assert line.given(answer) == (Way.PHONE, GivenState.TO_HEAR, Unreachable.REFUSED)


@pytest.mark.parametrize("late", [False, True])
def test_whoever_wants_no_more_is_not_called(line: Line, late: bool) -> None:
    if late:
        answer = line.answers()
    with line.town.store.write() as session:
        contributors.opt_out(session, FIXED.kind, FIXED.value, line.here.settings.town)
    if not late:
        answer = line.answers()
    assert line.calls() == []
    assert line.given(answer)[:2] == (Way.PHONE, GivenState.TO_HEAR)


def test_a_key_ends_it_and_another_contests(line: Line) -> None:
    first = line.answers()
    [placed] = line.calls()
    assert "plus" in line.telephone.pick_up(placed, keys=("0",)).said[-1]
    assert line.given(first) == (Way.PHONE, GivenState.TO_HEAR, None)
    second = line.town.answers(RecipientSelection(numbers=(line.contribution,), again=True), "Encore.")
    dispatch_due_answers(line.town.store, line.here.settings)
    assert line.given(second) == (Way.PHONE, GivenState.TO_HEAR, None)
    with line.town.store.write() as session:
        caller_wishes.save_wish(session, _intake(session, line.contribution), "call_back")
    line.town.answers(RecipientSelection(numbers=(line.contribution,), again=True), "Enfin.")
    dispatch_due_answers(line.town.store, line.here.settings)
    [placed] = line.calls()
    said = line.telephone.pick_up(placed, keys=("1", "3")).said
    assert any("Enfin." in one for one in said)
    with line.town.store.read() as session:
        assert contests.open_contest(session, line.contribution) is not None


def test_a_crash_after_it_rang_rings_no_second_time(line: Line) -> None:
    answer = line.answers()
    [placed] = line.calls()
    with line.town.store.write() as session:
        session.execute(update(Message).values(state=MessageState.QUEUED, provider_id=None))
        session.execute(update(Step).values(state=StepState.OPEN))
    assert line.calls() == []
    with line.town.store.read() as session:
        assert session.scalars(select(Message.provider_id)).one() == placed.sid
        assert session.scalars(select(GivenAnswer.calls)).one() == 0
    assert line.given(answer)[1] is GivenState.SENDING


def test_withdrawn_before_it_rings(line: Line) -> None:
    answer = line.answers()
    with line.town.store.write() as session:
        assert drafting.withdraw_answer(session, answer, line.town.official) == 1
    assert line.calls() == []


def test_the_price_of_calls_is_shown_before(line: Line) -> None:
    settings = line.here.settings
    dear = settings.model_copy(update={"voicemail": settings.voicemail.model_copy(update={"call_price": 0.05})})
    with line.town.store.write() as session:
        made = drafting.create_draft(
            session,
            RecipientSelection(numbers=(line.contribution,)),
            drafting.AnswerContent({"fr": WORDS * 30}),
            line.town.official,
            EVERYTHING,
        )
        shown = answer_preview.preview_answer(session, dear, session.get_one(Answer, made.id), lambda *_: "")
    assert (shown.ways, shown.call_minutes, shown.price) == ({Way.CALL: 1}, 2, pytest.approx(0.1))


def test_a_test_call_rings_whoever_asked_and_says_that_it_works(line: Line) -> None:
    with line.town.store.write() as session:
        errands.request_errand(session, ErrandKind.TEST_CALL, to=FIXED.value)
        taken = errands.claim_errand(session)
    assert taken is not None
    run_errand(WatcherContext(line.here.settings, line.town.store), taken)
    with line.town.store.read() as session:
        [told] = errands.newest_errands(session, ErrandKind.TEST_CALL)
    assert (told.succeeded, told.result["said"]) == (True, "call_placed")
    [placed] = line.telephone.api.placed
    assert (placed.to, placed.sender) == (FIXED.value, NUMBER)
    assert "Ceci est un appel d'essai" in " ".join(line.telephone.pick_up(placed).said)
    line.telephone.end_placed(placed, "completed")
