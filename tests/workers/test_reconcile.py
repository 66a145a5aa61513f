"""What webhooks did not bring is found in the provider's lists, once, in order, and asked for sparingly."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from pydantic import SecretStr
from sqlalchemy import func, select

from channels import sms, voicemail
from channels.errors import ChannelError, NotReady, ProviderError
from channels.twilio.entries import ListName, first_page, read_page
from channels.values import DeliveryStatus
from config.consultation import read_consultation
from config.names import AddressKind, ArrivalKind, Channel, MediumKind, MessageState, NotContribution, Purpose, StepKind
from config.schema import Settings
from config.sections import Twilio
from gateway.arrivals import Arrived, accept
from gateway.doors import Posted, keep_recording, take_in_call, take_in_text
from gateway.intake import NewPart, contribute
from gateway.media import NewMedium
from gateway.receipts import note_delivery
from inbox import catching_up, consultations, contributors, references
from inbox.backup import backup, restore
from inbox.columns import utc_now
from inbox.erase import erase_contribution, erase_intake
from inbox.errors import StoreBusy
from inbox.ledger import ledger
from inbox.media import FolderMedia
from inbox.models import Arrival, CaughtUp, Contribution, Intake, ListCursor, Medium, Message, Part, Step
from inbox.store import Store
from inbox.vault import vault_of
from tests.standins.provider_api import Sent, new_sid
from tests.standins.telephone import Telephone
from tests.standins.web import Answer, Asked, LoopbackServer
from workers import process, reconcile
from workers.context import Context
from workers.fetch import account_of
from workers.reconcile import Pass, days
from workers.reconciler import Reconciler, main

NUMBER = "+33298000000"
RESIDENT, OTHER = "+33639980001", "+33639980002"
NOBODY_LISTENS = "http://127.0.0.1:9"
WAV = b"RIFF" + bytes(16_040)


class Town:
    """A gateway whose webhooks do not come through, and its provider."""

    def __init__(self, store: Store, settings: Settings, provider: Telephone) -> None:
        self.here = Context(settings, store)
        self.provider = provider

    def reconcile(self, since: datetime | None = None, grace: float = 0, began: datetime | None = None) -> Pass:
        with requests.Session() as http:
            done = Pass(self.here, http, account_of(self.here.settings), timedelta(seconds=grace), since=since)
            done.began = began or utc_now()
            done.run()
        return done

    def taken_in(self, **options: object) -> dict[str, int]:
        found = self.reconcile(**options).taken_in  # type: ignore[arg-type]
        return {name.value: count for name, count in found.items() if count}

    def webhook(self, sid: str, **more: str) -> None:
        """The webhook of a text that came after all."""
        (listed,) = (one for one in self.provider.api.received if one["sid"] == sid)
        fields = {"AccountSid": listed["account_sid"], "MessageSid": sid, "From": listed["from"], "To": listed["to"]}
        (text,) = sms.parse(fields | {"Body": listed["body"], "NumMedia": listed["num_media"]} | more)
        with self.here.store.write() as session:
            take_in_text(session, self.here.settings, text, Posted(b"webhook", {}))

    def count(self, model: type, *where: object) -> int:
        with self.here.store.read() as session:
            return session.scalar(select(func.count()).select_from(model).where(*where)) or 0  # type: ignore[arg-type]

    def bodies(self) -> list[str]:
        """What was texted, in the order in which it was taken in."""
        with self.here.store.read() as session:
            parts = session.scalars(select(Part).order_by(Part.id)).all()
            return [vault_of(session).open_text(session, p.key_id, p.sealed_body) for p in parts if p.sealed_body]

    def has_opted_out(self, number: str) -> bool:
        with self.here.store.read() as session:
            return contributors.has_opted_out(session, AddressKind.PHONE, number, self.here.settings.town)

    def listed(self, name: str) -> int:
        """How many requests the provider got since the last time, of this list; all are forgotten."""
        found = sum(1 for asked in self.provider.api.asked if asked.startswith(name))
        self.provider.api.asked.clear()
        return found


@pytest.fixture
def town(sqlite_store: Store, tmp_path: Path) -> Iterator[Town]:
    with Telephone(NOBODY_LISTENS) as provider:
        twilio = Twilio(
            account_sid=provider.api.account_sid,
            auth_tokens=(SecretStr(provider.api.auth_token),),
            api_base=provider.base,
            receives=NUMBER,
            sender=NUMBER,
        )
        settings = Settings(folder=tmp_path, twilio=twilio)
        with sqlite_store.write() as session:
            consultations.import_consultation(session, read_consultation(settings.consultation_files[0]))
        yield Town(sqlite_store, settings, provider)


def assert_balanced(town: Town) -> None:
    with town.here.store.read() as session:
        counted = ledger(session)
    assert counted.balanced, counted.problems


# --- what is found


def test_a_lost_text_is_a_contribution_that_says_when_it_was_sent(town: Town) -> None:
    yesterday = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=20)
    town.provider.text(RESIDENT, NUMBER, "Plus de bancs", at=yesterday)
    assert town.taken_in() == {"messages": 1}
    assert town.taken_in() == {}
    with town.here.store.read() as session:
        intake = session.scalars(select(Intake)).one()
        arrival = session.scalars(select(Arrival)).one()
        raw = vault_of(session).open_json(session, intake.key_id, arrival.sealed_raw or b"")
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
        consultations.import_consultation(session, over)
    town.provider.text(RESIDENT, NUMBER, "Plus de bancs", at=now - timedelta(days=4))
    town.provider.text(OTHER, NUMBER, "Plus de bancs", at=now)
    assert town.taken_in(since=now - timedelta(days=5)) == {"messages": 2}
    with town.here.store.read() as session:
        receipts = session.scalars(select(Message).order_by(Message.id)).all()
        said = [vault_of(session).open_json(session, one.key_id, one.sealed_body or b"")["body"] for one in receipts]
    assert ["est finie" in body for body in said] == [False, True]


def test_pictures_of_a_lost_text_are_to_be_fetched(town: Town) -> None:
    town.provider.text(RESIDENT, NUMBER, "", pictures=[("image/jpeg", b"one"), ("image/png", b"two")])
    assert town.taken_in() == {"messages": 1}
    with town.here.store.read() as session:
        media = session.scalars(select(Medium).order_by(Medium.position)).all()
        part = session.scalars(select(Part)).one()
        urls = [vault_of(session).open_text(session, part.key_id, one.sealed_source or b"") for one in media]
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
        take_in_call(session, voicemail.parse(fields), Posted(b"greeting", {}))
    town.provider._keep_recording(call, WAV)
    assert town.taken_in() == {"recordings": 1}
    assert [town.count(model) for model in (Intake, Contribution, Medium)] == [1, 1, 1]


@pytest.mark.parametrize("lost", [0, 1])
def test_a_recording_that_is_listed_on_another_page_than_its_calls_other_one(
    town: Town, monkeypatch: pytest.MonkeyPatch, lost: int
) -> None:
    monkeypatch.setattr("channels.twilio.entries.PAGE", 1)
    call = town.provider.call(RESIDENT, NUMBER, None)
    fields = {"AccountSid": town.provider.api.account_sid, "CallSid": call.sid, "From": RESIDENT, "To": NUMBER}
    told = [voicemail.parse(fields | town.provider._keep_recording(call, WAV)) for _ in range(2)][1 - lost]
    assert told.recording is not None
    with town.here.store.write() as session:
        intake = take_in_call(session, told, Posted(b"recording", {})).intake_id
        keep_recording(session, town.here.settings, intake, told.recording)
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
    backup(town.here.store, tmp_path / "before.backup")
    _erased(town)
    town.provider.text(OTHER, NUMBER, "Bonsoir")
    settings = town.here.settings
    keyring = town.here.store.keyring
    folder = tmp_path / "restored"
    folder.mkdir()
    url = f"sqlite:///{folder / 'new.sqlite'}"
    restore(tmp_path / "before.backup", url=url, keyring=keyring, media=FolderMedia(folder))
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
        refused = DeliveryStatus(new_sid("SM"), "undelivered", "21610", opted_out=True, message_id=message.id)
        note_delivery(session, town.here.settings, refused)


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
        refused = DeliveryStatus(str(message.provider_id), "undelivered", "21610", opted_out=True)
        note_delivery(session, town.here.settings, refused)
    assert not town.has_opted_out(RESIDENT)


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


# --- how the lists are read


def test_an_idle_pass_asks_three_times(town: Town) -> None:
    for number in range(5):
        town.webhook(town.provider.text(f"+3363998{number:04}", NUMBER, "Bonjour").sid)
    town.reconcile()
    town.provider.api.asked.clear()
    town.reconcile()
    assert sorted(town.provider.api.asked) == ["GET Calls.json", "GET Messages.json", "GET Recordings.json"]


def test_midnight_costs_nothing(town: Town) -> None:
    midnight = datetime.combine(utc_now().date() + timedelta(days=1), datetime.min.time(), UTC)
    town.reconcile(began=midnight - timedelta(minutes=3))
    town.provider.api.asked.clear()
    town.reconcile(began=midnight + timedelta(minutes=2))
    assert len(town.provider.api.asked) == 3


def test_an_outage_of_days_is_read_day_by_day_and_resumed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    now = utc_now()
    town.reconcile(began=now - timedelta(days=6))
    for hours in range(1, 140, 7):
        town.provider.text(RESIDENT, NUMBER, f"il y a {hours} h", at=now - timedelta(hours=hours))
    with monkeypatch.context() as patch:
        patch.setattr(reconcile, "read_page", _fails_on_call(7))
        with pytest.raises(NotReady):
            town.reconcile(began=now)
    with town.here.store.read() as session:
        cursor = session.scalars(select(ListCursor).where(ListCursor.name == "messages")).one()
        assert cursor.complete_until.date() == (now - timedelta(days=3)).date()
    some = town.count(Intake)
    assert 0 < some < 20
    assert town.taken_in(began=now) == {"messages": 20 - some}
    bodies = town.bodies()
    assert bodies == [f"il y a {hours} h" for hours in range(134, 0, -7)]
    assert town.taken_in(began=now) == {}


def _fails_on_call(wanted: int) -> Callable[..., object]:
    calls = iter(range(1, 1000))

    def read(*arguments: object) -> object:
        if next(calls) == wanted:
            raise NotReady("the provider asks to wait (503)")
        return read_page(*arguments)  # type: ignore[arg-type]

    return read


def test_pages_are_followed_to_the_end(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("channels.twilio.entries.PAGE", 4)
    for number in range(10):
        town.provider.text(f"+336399800{number:02}", NUMBER, f"{number}")
    assert town.taken_in() == {"messages": 10}
    assert town.listed("GET Messages.json") == 3
    assert town.taken_in() == {}
    assert town.listed("GET Messages.json") == 1, "what follows the newest page was read before"


def test_what_a_list_showed_late_is_found_within_a_day(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("channels.twilio.entries.PAGE", 2)
    now = utc_now()
    for minutes in range(8):
        town.provider.text(RESIDENT, NUMBER, f"{minutes}", at=now - timedelta(minutes=10 * minutes))
    hidden = town.provider.api.received.pop()
    assert town.taken_in(began=now) == {"messages": 7}
    town.provider.api.received.append(hidden)
    assert town.taken_in(began=now + timedelta(minutes=5)) == {}
    assert town.taken_in(began=now + timedelta(hours=25)) == {"messages": 1}


def test_since_reads_what_was_before_the_first_pass(town: Town) -> None:
    town.provider.text(RESIDENT, NUMBER, "Bonjour", at=utc_now() - timedelta(days=9))
    assert town.taken_in() == {}
    assert town.taken_in(since=utc_now() - timedelta(days=10)) == {"messages": 1}


def test_since_a_day_after_an_outage_began_leaves_the_days_before_to_the_next_pass(town: Town) -> None:
    now = utc_now()
    town.reconcile(began=now - timedelta(days=10))
    for days_ago in (6, 0):
        town.provider.text(RESIDENT, NUMBER, "Bonjour", at=now - timedelta(days=days_ago, minutes=1))
    assert town.taken_in(since=now - timedelta(days=1), began=now) == {"messages": 1}
    assert town.taken_in(began=now) == {"messages": 1}


DAYS = {
    "the same day": ("2027-03-01", "2027-03-01", [("2027-03-01", False)]),
    "over midnight": ("2027-02-28", "2027-03-01", [("2027-02-28", False)]),
    "three days": ("2027-02-27", "2027-03-01", [("2027-02-27", True), ("2027-02-28", False)]),
    "a clock that went back": ("2027-03-02", "2027-03-01", [("2027-03-02", False)]),
}


@pytest.mark.parametrize(("first", "today", "asked"), DAYS.values(), ids=DAYS.keys())
def test_days(first: str, today: str, asked: list[tuple[str, bool]]) -> None:
    found = [(day.isoformat(), alone) for day, alone in days(date.fromisoformat(first), date.fromisoformat(today))]
    assert found == asked


# --- a provider that does not answer well


def _page_answer(following: object) -> Answer:
    return Answer.of_json({"messages": [], "next_page_uri": following})


ANSWERS: dict[str, tuple[Answer, type[ChannelError]]] = {
    "too many requests": (Answer(429), NotReady),
    "broken": (Answer(503), NotReady),
    "no JSON": (Answer(200, b"<html>"), NotReady),
    "wrong token": (Answer(401), ProviderError),
    "goes on at a foreign host": (_page_answer("https://evil.example/x"), ProviderError),
    "goes on at a host that looks alike": (_page_answer("//127.0.0.1:1@evil.example/x"), ProviderError),
}


@pytest.mark.parametrize(("answer", "error"), ANSWERS.values(), ids=ANSWERS.keys())
def test_not_read(town: Town, answer: Answer, error: type[ChannelError]) -> None:
    with LoopbackServer(lambda _asked: answer) as server, requests.Session() as http:
        account = replace(account_of(town.here.settings), api_base=server.base)
        with pytest.raises(error):
            read_page(
                http, account, ListName.MESSAGES, first_page(account, ListName.MESSAGES, utc_now().date(), alone=True)
            )


@pytest.mark.parametrize("following", [None, "", "/2010-04-01/x?Page=1"])
def test_where_a_list_goes_on(town: Town, following: str | None) -> None:
    with LoopbackServer(lambda _asked: _page_answer(following)) as server, requests.Session() as http:
        account = replace(account_of(town.here.settings), api_base=server.base)
        page = read_page(http, account, ListName.MESSAGES, f"{server.base}/first")
        assert page.following == (server.base + following if following else "")


def test_a_list_that_leads_round_in_a_circle_ends(town: Town) -> None:
    asked: list[Asked] = []

    def answer(one: Asked) -> Answer:
        asked.append(one)
        return _page_answer("/2010-04-01/round")

    with LoopbackServer(answer) as server:
        twilio = town.here.settings.twilio.model_copy(update={"api_base": server.base})
        settings = town.here.settings.model_copy(update={"twilio": twilio})
        with requests.Session() as http:
            Pass(Context(settings, town.here.store), http, account_of(settings), timedelta(0)).run()
    assert len(asked) == 6


def test_asked_half_as_often_while_it_asks_to_wait(town: Town) -> None:
    clock = [0.0]
    reconciler = Reconciler(town.here.settings, clock=lambda: clock[0])
    town.provider.api.list_refusals += [429] * 4
    asked_at = []
    while clock[0] < 3 * 3600:
        before = len(town.provider.api.asked)
        reconciler.reconcile(town.here)
        if len(town.provider.api.asked) > before:
            asked_at.append(clock[0])
        clock[0] += 60
    assert asked_at[:7] == [0, 600, 1800, 4200, 7800, 8100, 8400]


def test_asked_no_more_often_while_the_database_is_busy(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> bool:
        raise StoreBusy("waited 30 s for the database")

    clock = [0.0]
    reconciler = Reconciler(town.here.settings, clock=lambda: clock[0])
    town.provider.text(RESIDENT, NUMBER, "Bonjour", at=utc_now() - timedelta(minutes=10))
    monkeypatch.setattr(reconcile, "take_in_text", busy)
    with pytest.raises(StoreBusy):
        reconciler.reconcile(town.here)
    town.provider.api.asked.clear()
    clock[0] += 60
    reconciler.reconcile(town.here)
    assert town.provider.api.asked == []


def test_never_asked_where_the_town_wants_it_so(town: Town) -> None:
    twilio = town.here.settings.twilio.model_copy(update={"reconcile_seconds": 0})
    reconciler = Reconciler(town.here.settings.model_copy(update={"twilio": twilio}))
    reconciler.reconcile(town.here)
    assert town.provider.api.asked == []


# --- the stand-in's lists are the provider's


def test_lists_fit_the_providers_own_description(town: Town) -> None:
    corpus = os.environ.get("PORTEVOIX_CORPUS")
    if not corpus:
        pytest.skip("PORTEVOIX_CORPUS is not set: the provider's description is not at hand")
    described = json.loads((Path(corpus) / "twilio/openapi/twilio_api_v2010.json").read_text(encoding="utf-8"))
    town.provider.text(RESIDENT, NUMBER, "Bonjour")
    town.provider._keep_recording(town.provider.call(RESIDENT, NUMBER, None), WAV)
    account = account_of(town.here.settings)
    for name in ListName:
        path = f"/2010-04-01/Accounts/{{AccountSid}}/{name.value.capitalize()}.json"
        operation = described["paths"][path]["get"]
        known = {one["name"] for one in operation["parameters"]}
        for alone in (True, False):
            asked = requests.Request("GET", first_page(account, name, utc_now().date(), alone=alone)).prepare()
            assert set(parse_qs(urlsplit(asked.url or "").query)) <= known
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]["properties"]
        (entry,) = _entries(town, name)
        item = described["components"]["schemas"][schema[name.value]["items"]["$ref"].split("/")[-1]]["properties"]
        assert set(entry) <= set(item)


def _entries(town: Town, name: ListName) -> list[dict[str, object]]:
    account = account_of(town.here.settings)
    url = f"{account.api_base}/2010-04-01/Accounts/{account.sid}/{name.value.capitalize()}.json"
    found: list[dict[str, object]] = requests.get(url, auth=(account.sid, account.token), timeout=5).json()[name.value]
    return found


def test_cursor_never_goes_back(store: Store) -> None:
    now = utc_now()
    for until in (now, now - timedelta(days=1)):
        with store.write() as session:
            catching_up.move_cursor(session, "AC", "messages", until=until, looked_back=True)
    with store.read() as session:
        row = session.scalars(select(ListCursor)).one()
        assert (row.complete_until, row.looked_back_at) == (now, now)


def test_what_is_known_of_a_list_on_both_servers(store: Store) -> None:
    ids: dict[str, set[str] | None] = {"CA1": {"RE1", "RE2"}, "CA2": set(), "CA3": None}
    with store.write() as session:
        for number, (call, recordings) in enumerate(ids.items()):
            arrived = Arrived(Channel.VOICEMAIL, "AC", call, ArrivalKind.WEBHOOK, b"x", addressed_to=NUMBER)
            intake = accept(session, arrived).intake_id
            media = [NewMedium(MediumKind.RECORDING, "audio/wav", remote_url="u", name=one) for one in recordings or ()]
            if media:
                contribute(session, intake, [NewPart("speech", Channel.VOICEMAIL, media=tuple(media))])
            if recordings is None:
                erase_intake(session, intake, None, "test")
            catching_up.count_caught_up(session, f"door{number % 2}")
    with store.read() as session:
        assert catching_up.recordings_kept(session, "AC", [*ids, "CA4"]) == ids
        assert catching_up.known_intakes(session, Channel.VOICEMAIL, "AC", [*ids, "CA4"]) == set(ids)
        assert catching_up.known_intakes(session, Channel.SMS, "AC", ids) == set()
        assert catching_up.caught_up_since(session, timedelta(days=7)) == [("door0", 2), ("door1", 1)]
        assert catching_up.receives_at(session, Channel.VOICEMAIL, "AC", (NUMBER, ""))
        assert not catching_up.receives_at(session, Channel.VOICEMAIL, "AC2", (NUMBER, ""))
        assert not catching_up.receives_at(session, Channel.VOICEMAIL, "AC", ("+33298111111", ""))
        assert not catching_up.receives_at(session, Channel.VOICEMAIL, "AC", ("", ""))
        assert catching_up.states_of_sent(session, ["SM1"]) == {}


# --- by hand

BY_HAND = """
[twilio]
account_sid = "{account}"
auth_tokens = ["{token}"]
api_base = "{api}"
receives = "{number}"
"""


def test_by_hand_says_how_far_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Telephone(NOBODY_LISTENS) as provider:
        provider.text(RESIDENT, NUMBER, "Bonjour", at=utc_now() - timedelta(days=4))
        file, api = tmp_path / "portevoix.toml", provider.api
        file.write_text(BY_HAND.format(account=api.account_sid, token=api.auth_token, api=provider.base, number=NUMBER))
        monkeypatch.setenv("PORTEVOIX_SETTINGS_FILE", str(file))
        # These are a whole process's, and this one goes on to other tests.
        monkeypatch.setattr(os, "umask", lambda _mask: 0)
        monkeypatch.setattr(process, "log_to_stderr", lambda _level: None)
        since = (utc_now() - timedelta(days=4)).date()
        assert main(["--once", "--since", since.isoformat()]) == 0
        said = capsys.readouterr().out.splitlines()
        assert said[0] == f"messages: {since}, 1 read, 1 missing here"
        assert said[-1] == "messages: 1 taken in, calls: 0 taken in, recordings: 0 taken in"
        api.list_refusals.append(401)
        assert main(["--once"]) == 1
        assert "what to do: Check the account and its token." in capsys.readouterr().err
