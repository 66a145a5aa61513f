"""What webhooks did not bring is found in the provider's lists, once and in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from channels.base.values import DeliveryStatus
from channels.providers.twilio.calls import parse_call
from channels.providers.twilio.entries import ListName
from config.enums import ArrivalKind, Channel, MessageState, NotContribution, Purpose, StepKind
from config.wording.consultation import read_consultation
from gateway.ingest.ingest import PostedWebhook, ingest_call_request, store_recording
from gateway.receipts import status_lookup
from gateway.receipts.compose_receipt import record_delivery_status
from inbox.backup.backups import create_backup, restore_from_backup
from inbox.consultations import consultation_versions
from inbox.erasure.erase import erase_contribution, erase_intake
from inbox.models import Arrival, CaughtUp, Contribution, Intake, Medium, Message, Part, Step
from inbox.models.column_types import utc_now
from inbox.records import references
from inbox.storage.database import Store
from inbox.storage.media_store import FolderMedia
from inbox.web.contributions.contribution_view import contribution_sheet
from tests.opened import json_in, text_in
from tests.standins.provider_api import Sent, new_sid
from tests.workers.unheard_town import NUMBER, OTHER, RESIDENT, WAV, Town, assert_balanced, town_of


@pytest.fixture
def town(sqlite_store: Store, tmp_path: Path) -> Iterator[Town]:
    with town_of(sqlite_store, tmp_path) as town:
        yield town


# --- what is found


def test_a_lost_text_is_a_contribution_that_says_when_it_was_sent(town: Town) -> None:
    yesterday = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=20)
    town.provider.text(RESIDENT, NUMBER, "Plus de bancs", at=yesterday)
    assert town.taken_in() == {"messages": 1}
    assert town.taken_in() == {}
    with town.here.store.read() as session:
        intake = session.scalars(select(Intake)).one()
        arrival = session.scalars(select(Arrival)).one()
        raw = json_in(arrival, "sealed_raw")
        receipt = session.scalars(select(Message)).one()
        assert (intake.channel, intake.received_at, intake.addressed_to) == (Channel.SMS, yesterday, NUMBER)
        assert (arrival.kind, raw) == (ArrivalKind.LISTING, town.provider.api.received[0])
        assert (receipt.purpose, receipt.contribution_id) == (Purpose.RECEIPT, 1)
        assert intake.consultation_version is not None
        assert [(row.door, row.count) for row in session.scalars(select(CaughtUp))] == [("sms", 1)]
    assert town.bodies() == ["Plus de bancs"]
    assert_balanced(town)


def test_a_text_that_was_sent_in_time_is_not_told_that_it_came_too_late(town: Town) -> None:
    now = utc_now()
    (file, *_) = town.here.settings.consultation_files
    over = read_consultation(file).model_copy(update={"closes": now.date() - timedelta(days=2)})
    with town.here.store.write() as session:
        consultation_versions.import_consultation(session, over)
    town.provider.text(RESIDENT, NUMBER, "Plus de bancs", at=now - timedelta(days=4))
    town.provider.text(OTHER, NUMBER, "Plus de bancs", at=now)
    assert town.taken_in(since=now - timedelta(days=5)) == {"messages": 2}
    with town.here.store.read() as session:
        receipts = session.scalars(select(Message).order_by(Message.id)).all()
        said = [json_in(one)["body"] for one in receipts]
    assert ["est finie" in body for body in said] == [False, True]


def test_pictures_of_a_lost_text_are_to_be_fetched(town: Town) -> None:
    town.provider.text(RESIDENT, NUMBER, "", pictures=[("image/jpeg", b"one"), ("image/png", b"two")])
    assert town.taken_in() == {"messages": 1}
    with town.here.store.read() as session:
        media = session.scalars(select(Medium).order_by(Medium.position)).all()
        urls = [text_in(one, "sealed_source") for one in media]
        assert [one.content_type for one in media] == ["image/jpeg", "image/png"]
        assert urls == [
            f"{town.provider.base}/2010-04-01/Accounts/{town.provider.api.account_sid}"
            f"/Messages/{town.provider.api.received[0]['sid']}/Media/{sid}"
            for sid in town.provider.api.pictures
        ]
        assert StepKind.FETCH_MEDIA in session.scalars(select(Step.kind)).all()


def test_a_lost_call_with_two_recordings_is_one_contribution(town: Town) -> None:
    call = town.provider.call(RESIDENT, NUMBER, WAV)  # nobody answers, so nothing is recorded
    for _ in range(2):
        town.provider._keep_recording(call, WAV)
    assert town.taken_in() == {"calls": 1, "recordings": 2}
    assert town.taken_in() == {}
    assert [town.count(model) for model in (Intake, Part, Contribution, Medium)] == [1, 1, 1, 2]
    with town.here.store.read() as session:
        intake = session.scalars(select(Intake)).one()
        assert (intake.external_id, intake.contributor_id) == (call.sid, 1)
        kinds = session.scalars(select(Arrival.kind).where(Arrival.intake_id == intake.id)).all()
        assert kinds == [ArrivalKind.LISTING] * 3
    assert_balanced(town)


def test_a_call_that_said_nothing_is_looked_at_and_is_nobodys_contribution(town: Town) -> None:
    town.provider.call(RESIDENT, NUMBER, None)
    assert town.taken_in() == {"calls": 1}
    assert town.count(Step, Step.kind == StepKind.LIST_RECORDINGS) == 1
    assert town.count(Contribution) == 0


def test_a_recording_whose_callback_was_lost_joins_the_call_that_came(town: Town) -> None:
    call = town.provider.call(RESIDENT, NUMBER, None)
    fields = {"AccountSid": town.provider.api.account_sid, "CallSid": call.sid, "From": RESIDENT, "To": NUMBER}
    with town.here.store.write() as session:
        ingest_call_request(session, parse_call(fields), PostedWebhook(b"greeting", {}))
    town.provider._keep_recording(call, WAV)
    assert town.taken_in() == {"recordings": 1}
    assert [town.count(model) for model in (Intake, Contribution, Medium)] == [1, 1, 1]


@pytest.mark.parametrize("lost", [0, 1])
def test_a_recording_that_is_listed_on_another_page_than_its_calls_other_one(
    town: Town, monkeypatch: pytest.MonkeyPatch, lost: int
) -> None:
    monkeypatch.setattr("channels.providers.twilio.entries.PAGE", 1)
    call = town.provider.call(RESIDENT, NUMBER, None)
    fields = {"AccountSid": town.provider.api.account_sid, "CallSid": call.sid, "From": RESIDENT, "To": NUMBER}
    told = [parse_call(fields | town.provider._keep_recording(call, WAV)) for _ in range(2)][1 - lost]
    assert told.recording is not None
    with town.here.store.write() as session:
        intake = ingest_call_request(session, told, PostedWebhook(b"recording", {})).intake_id
        store_recording(session, town.here.settings, intake, told.recording)
    assert town.taken_in() == {"recordings": 1}
    assert [town.count(model) for model in (Intake, Contribution, Medium)] == [1, 1, 2]
    assert town.taken_in() == {}


def test_what_became_of_our_texts_is_settled_from_the_list(town: Town) -> None:
    sid, refused = new_sid("SM"), new_sid("SM")
    town.provider.text(RESIDENT, NUMBER, "Bonjour", at=utc_now() - timedelta(seconds=5))
    town.provider.text(OTHER, NUMBER, "Bonjour")
    town.reconcile()
    with town.here.store.write() as session:
        for message, known in zip(session.scalars(select(Message).order_by(Message.id)), (sid, refused), strict=True):
            message.state, message.sent_at, message.provider_id = MessageState.SENT, utc_now(), known
    town.provider.api.sent += [
        Sent(sid, RESIDENT, NUMBER, "reçu", None, status="delivered"),
        Sent(refused, OTHER, NUMBER, "reçu", None, status="undelivered", error=21610),
        Sent(new_sid("SM"), OTHER, NUMBER, "not ours", None, status="delivered"),
    ]
    assert town.taken_in() == {}
    with town.here.store.read() as session:
        states = session.scalars(select(Message.state).order_by(Message.id)).all()
    assert states == [MessageState.DELIVERED, MessageState.FAILED]
    assert (town.has_opted_out(RESIDENT), town.has_opted_out(OTHER)) == (False, True)


# --- what is not


def _somebody_elses_number(town: Town) -> None:
    town.provider.text(RESIDENT, "+33298111111", "Rendez-vous chez le dentiste")
    town.provider.call(RESIDENT, "+33298111111", None)


def _another_account(town: Town) -> None:
    town.provider.text(RESIDENT, NUMBER, "Bonjour")
    town.provider.api.received[0]["account_sid"] = new_sid("AC")


def _our_own(town: Town) -> None:
    town.provider.api.sent.append(Sent(new_sid("SM"), RESIDENT, NUMBER, "reçu", None))


def _still_coming_in(town: Town) -> None:
    town.provider.text(RESIDENT, NUMBER, "Bonjour")
    town.provider.api.received[0]["status"] = "receiving"


def _came_by_webhook(town: Town) -> None:
    town.webhook(town.provider.text(RESIDENT, NUMBER, "Bonjour").sid)


def _erased(town: Town) -> None:
    town.webhook(town.provider.text(RESIDENT, NUMBER, "Bonjour").sid)
    with town.here.store.write() as session:
        erase_intake(session, 1, None, "test")


def _recording_of_a_foreign_call(town: Town) -> None:
    town.provider._keep_recording(town.provider.call(RESIDENT, "+33298111111", None), WAV)


def _recording_of_an_erased_call(town: Town) -> None:
    call = town.provider.call(RESIDENT, NUMBER, None)
    town.provider._keep_recording(call, WAV)
    town.reconcile()
    with town.here.store.write() as session:
        erase_contribution(session, 1, None, "test")
        erase_intake(session, 1, None, "test")
    town.provider._keep_recording(call, WAV)


def _recording_still_going_on(town: Town) -> None:
    call = town.provider.call(RESIDENT, NUMBER, None)
    town.reconcile()
    town.provider._keep_recording(call, WAV)
    next(iter(town.provider.api.recordings.values())).facts["status"] = "in-progress"


def _identifier_of_another_form(town: Town) -> None:
    town.provider.text(RESIDENT, NUMBER, "Bonjour", MessageSid="SM1")


LEFT_ALONE: dict[str, Callable[[Town], None]] = {
    "to a number that is not ours": _somebody_elses_number,
    "of another account": _another_account,
    "what we sent": _our_own,
    "a message that is still coming in": _still_coming_in,
    "what came by webhook": _came_by_webhook,
    "what was erased": _erased,
    "a recording of a call to another number": _recording_of_a_foreign_call,
    "another recording of an erased call": _recording_of_an_erased_call,
    "a recording that is still going on": _recording_still_going_on,
    "an identifier that is none": _identifier_of_another_form,
}


@pytest.mark.parametrize("happens", LEFT_ALONE.values(), ids=LEFT_ALONE.keys())
def test_left_alone(town: Town, happens: Callable[[Town], None]) -> None:
    happens(town)
    before = {model: town.count(model) for model in (Intake, Part, Contribution, Medium, Message)}
    assert town.taken_in() == {}
    assert {model: town.count(model) for model in before} == before
    assert_balanced(town)


def test_what_was_erased_after_the_backup_that_was_restored_stays_away(town: Town, tmp_path: Path) -> None:
    create_backup(town.here.store, tmp_path / "before.backup")
    _erased(town)
    town.provider.text(OTHER, NUMBER, "Bonsoir")
    settings = town.here.settings
    keyring = town.here.store.keyring
    folder = tmp_path / "restored"
    folder.mkdir()
    url = f"sqlite:///{folder / 'new.sqlite'}"
    restore_from_backup(tmp_path / "before.backup", url=url, keyring=keyring, media=FolderMedia(folder))
    store = Store(url, keyring, FolderMedia(folder))
    again = Town(store, settings, town.provider)
    assert again.taken_in() == {"messages": 1}
    assert again.bodies() == ["Bonsoir"]
    store.close()


def test_an_entry_that_no_door_takes_keeps_nothing_back(town: Town) -> None:
    town.provider.text(RESIDENT, NUMBER, "un", MessageSid="SM1")
    town.provider.text(RESIDENT, NUMBER, "deux")
    done = town.reconcile()
    assert (done.taken_in[ListName.MESSAGES], done.refused) == (1, 1)
    assert town.bodies() == ["deux"]


def test_what_is_young_is_left_to_its_webhook(town: Town) -> None:
    town.provider.text(RESIDENT, NUMBER, "Bonjour")
    assert town.taken_in(grace=60) == {}
    assert town.taken_in(grace=60, began=utc_now() + timedelta(seconds=62)) == {"messages": 1}


def test_a_webhook_that_comes_after_its_entry_is_the_same_text(town: Town) -> None:
    sid = town.provider.text(RESIDENT, NUMBER, "Bonjour").sid
    assert town.taken_in() == {"messages": 1}
    town.webhook(sid)
    assert [town.count(model) for model in (Intake, Contribution, Message, Arrival)] == [1, 1, 1, 2]


# --- keywords found late

AGO = {"minutes": timedelta(minutes=20), "days": timedelta(days=2)}


def test_texts_of_one_thought_are_joined_by_the_time_they_were_sent(town: Town) -> None:
    then = utc_now() - timedelta(hours=5)
    for minutes, body in ((0, "Premièrement"), (4, "deuxièmement"), (90, "Autre chose")):
        town.provider.text(RESIDENT, NUMBER, body, at=then + timedelta(minutes=minutes))
    assert town.taken_in() == {"messages": 3}
    assert town.bodies() == ["Premièrement", "deuxièmement", "Autre chose"]
    assert (town.count(Contribution), town.count(Message, Message.purpose == Purpose.RECEIPT)) == (2, 2)


@pytest.mark.parametrize(("ago", "answers"), [("minutes", 1), ("days", 0)])
def test_stop_is_obeyed_however_late_and_answered_while_somebody_waits(town: Town, ago: str, answers: int) -> None:
    town.provider.text(RESIDENT, NUMBER, "STOP", at=utc_now() - AGO[ago])
    town.reconcile(since=utc_now() - timedelta(days=5))
    assert town.has_opted_out(RESIDENT)
    assert town.count(Message) == answers
    assert town.count(Part, Part.not_contribution == NotContribution.KEYWORD) == 1


def test_stop_and_start_count_in_the_order_in_which_they_were_sent(town: Town) -> None:
    then = utc_now() - timedelta(hours=3)
    town.provider.text(RESIDENT, NUMBER, "STOP", at=then)
    town.provider.text(RESIDENT, NUMBER, "REPRENDRE", at=then + timedelta(minutes=1))
    town.provider.text(OTHER, NUMBER, "REPRENDRE", at=then)
    town.provider.text(OTHER, NUMBER, "STOP", at=then + timedelta(minutes=1))
    assert town.taken_in() == {"messages": 4}
    assert (town.has_opted_out(RESIDENT), town.has_opted_out(OTHER)) == (False, True)


def test_a_stop_found_after_the_start_that_followed_it_is_overtaken(town: Town) -> None:
    town.provider.text(RESIDENT, NUMBER, "STOP", at=utc_now() - timedelta(hours=3))
    town.webhook(town.provider.text(RESIDENT, NUMBER, "REPRENDRE").sid)
    assert town.taken_in() == {"messages": 1}
    assert not town.has_opted_out(RESIDENT)


def _by_text(town: Town) -> None:
    town.webhook(town.provider.text(RESIDENT, NUMBER, "STOP").sid)


def _by_the_providers_own_word(town: Town) -> None:
    town.webhook(town.provider.text(RESIDENT, NUMBER, "Basta").sid, OptOutType="STOP")


def _by_text_that_was_erased_since(town: Town) -> None:
    _by_text(town)
    with town.here.store.write() as session:
        erase_intake(session, 1, None, "test")


def _told_by_a_refusal(town: Town) -> None:
    town.webhook(town.provider.text(RESIDENT, NUMBER, "Bonjour").sid)
    with town.here.store.write() as session:
        message = session.scalars(select(Message)).one()
        message.state, message.sent_at = MessageState.SENT, utc_now() - timedelta(minutes=5)
        refused = DeliveryStatus(new_sid("SM"), "failed", "21610", opted_out=True, message_id=message.id)
        record_delivery_status(session, town.here.settings, refused)


OPTED_OUT: dict[str, Callable[[Town], None]] = {
    "by text": _by_text,
    "by a word only the provider knows": _by_the_providers_own_word,
    "by a text that was erased since": _by_text_that_was_erased_since,
    "as a refused text of ours tells": _told_by_a_refusal,
}


@pytest.mark.parametrize("opts_out", OPTED_OUT.values(), ids=OPTED_OUT)
def test_a_start_found_after_the_stop_that_followed_it_undoes_nothing(
    town: Town, opts_out: Callable[[Town], None]
) -> None:
    town.provider.text(RESIDENT, NUMBER, "REPRENDRE", at=utc_now() - timedelta(hours=3))
    opts_out(town)
    before = town.count(Message)
    assert town.taken_in() == {"messages": 1}
    assert (town.has_opted_out(RESIDENT), town.count(Message)) == (True, before)


def test_a_refusal_told_of_late_does_not_undo_the_start_that_followed_it(town: Town) -> None:
    _told_by_a_refusal(town)
    town.webhook(town.provider.text(RESIDENT, NUMBER, "REPRENDRE").sid)
    with town.here.store.write() as session:
        message = session.get_one(Message, 1)
        refused = DeliveryStatus(str(message.provider_id), "failed", "21610", opted_out=True)
        record_delivery_status(session, town.here.settings, refused)
    assert not town.has_opted_out(RESIDENT)


ASKED = {"a state": ("SUIVI {}", 1, 0), "help": ("AIDE", 1, 0), "an erasure": ("EFFACER {}", 1, 1)}


@pytest.mark.parametrize(("body", "soon", "late"), ASKED.values(), ids=ASKED)
def test_what_was_asked_days_ago_is_answered_only_where_it_changes_something(
    town: Town, body: str, soon: int, late: int
) -> None:
    town.webhook(town.provider.text(RESIDENT, NUMBER, "Plus de bancs").sid)
    with town.here.store.read() as session:
        body = body.format(references.reference_of(session, 1))
    for ago, answers in (("minutes", soon), ("days", soon + late)):
        town.provider.text(RESIDENT, NUMBER, body, at=utc_now() - AGO[ago])
        assert town.reconcile(since=utc_now() - timedelta(days=5)).taken_in[ListName.MESSAGES] == 1
        assert town.count(Message, Message.intake_id.is_not(None)) == answers


@pytest.mark.parametrize(("apart", "answered"), [(20, 12), (2, 10)], ids=["over four hours", "within half an hour"])
def test_what_was_asked_hours_ago_is_counted_by_when_it_was(town: Town, apart: int, answered: int) -> None:
    then = utc_now() - timedelta(hours=5)
    for number in range(12):
        town.provider.text(RESIDENT, NUMBER, "AIDE", at=then + timedelta(minutes=number * apart))
    assert town.taken_in() == {"messages": 12}
    assert town.count(Message) == answered


def test_the_day_told_is_the_one_on_which_it_was_sent(town: Town) -> None:
    then = utc_now() - timedelta(days=3)
    town.provider.text(RESIDENT, NUMBER, "Plus de bancs", at=then)
    town.reconcile(since=utc_now() - timedelta(days=5))
    with town.here.store.read() as session:
        settings, reference = town.here.settings, references.reference_of(session, 1)
        told = status_lookup.look_up_status(session, settings, reference, "fr", None).facts["received"]
        shown = contribution_sheet(session, 1, "fr")
    assert told == then.astimezone(settings.zone).date()
    assert shown is not None
    assert [part.received_at for part in shown.parts] == [shown.received_at] == [then.replace(microsecond=0)]


def test_a_yes_of_yesterday_does_not_answer_the_question_of_today(town: Town) -> None:
    town.webhook(town.provider.text(RESIDENT, NUMBER, "Plus de bancs").sid)
    with town.here.store.read() as session:
        reference = references.reference_of(session, 1)
    town.provider.text(RESIDENT, NUMBER, "OUI", at=utc_now() - timedelta(hours=20))
    town.webhook(town.provider.text(RESIDENT, NUMBER, f"EFFACER {reference}").sid)
    assert town.taken_in() == {"messages": 1}
    assert town.count(Step, Step.kind == StepKind.ERASE) == 0
    town.provider.text(RESIDENT, NUMBER, "OUI")
    assert town.taken_in() == {"messages": 1}
    assert town.count(Step, Step.kind == StepKind.ERASE) == 1
