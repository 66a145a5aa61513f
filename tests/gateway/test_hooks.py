"""Webhooks of the telephone provider, as posted: what each makes of intakes, parts, steps and answers."""

import io
import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from werkzeug.test import EnvironBuilder, run_wsgi_app

from config.enums import Channel, MessageState, NotContribution, Reading, StepKind
from inbox.contributions.text_versions import current_text
from inbox.erasure.erase import erase_contribution
from inbox.listings.ledger import count_ledger
from inbox.models import (
    Arrival,
    Contribution,
    ContributorAddress,
    Intake,
    Medium,
    Message,
    OptOut,
    Part,
    Refusal,
    Step,
)
from inbox.models.column_types import utc_now
from inbox.records import message_lookup, references
from inbox.storage.database import Store
from tests.gateway.conftest import ACCOUNT, NUMBER, Provider, call_fields, text_fields


def counts(store: Store) -> dict[str, int]:
    models = (Intake, Arrival, Part, Contribution, Message)
    with store.read() as session:
        return {m.__tablename__: session.scalar(select(func.count()).select_from(m)) or 0 for m in models}


ONE_TEXT = {"intake": 1, "arrival": 1, "part": 1, "contribution": 1, "message": 1}


def test_a_text_is_stored_answered_with_empty_twiml_and_gets_a_receipt(provider: Provider, gateway_store: Store):
    answer = provider.text("Plus de bancs rue de Siam")
    assert answer.status_code == 200
    assert answer.mimetype == "text/xml"
    assert "<Response" in answer.text
    assert "<Message" not in answer.text
    assert counts(gateway_store) == ONE_TEXT
    with gateway_store.read() as session:
        contribution = session.scalars(select(Contribution)).one()
        message = session.scalars(select(Message)).one()
        wording = current_text(session, contribution)
        assert wording is not None
        assert wording.body == "Plus de bancs rue de Siam"
        assert contribution.reading is Reading.READ
        assert message.state is MessageState.QUEUED
        assert session.scalars(select(Step).where(Step.kind == StepKind.SEND)).one().message_id == message.id


def test_delivered_ten_times_it_is_there_once(provider: Provider, gateway_store: Store):
    first = provider.text("Plus de bancs")
    assert all(provider.text("Plus de bancs").data == first.data for _ in range(9))
    assert counts(gateway_store) == ONE_TEXT


REFUSED = {
    "no signature": ("", "missing_signature"),
    "a forged signature": ("Zm9yZ2Vk", "wrong_signature"),
    "a signature in other letters": ("é" * 28, "wrong_signature"),
}


@pytest.mark.parametrize(("signature", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_the_provider_stores_nothing_and_is_counted(
    provider: Provider, gateway_store: Store, signature: str, reason: str
):
    answer = provider.post("/hooks/sms", text_fields("forged"), signature=signature.encode().decode("latin-1"))
    assert answer.status_code == 403
    assert set(counts(gateway_store).values()) == {0}
    with gateway_store.read() as session:
        refusal = session.scalars(select(Refusal)).one()
        assert (refusal.door, refusal.reason, refusal.count) == ("sms", reason, 1)


def test_a_body_without_end_is_not_read(provider: Provider):
    endless = io.BytesIO(b"x" * 5_000_000)  # sent in chunks, which say no length
    environ = EnvironBuilder("/hooks/sms", method="POST").get_environ()
    _, status, _ = run_wsgi_app(
        provider.client.application, environ | {"wsgi.input": endless, "wsgi.input_terminated": True}
    )
    assert (status, endless.tell() < 1_000_000) == ("403 FORBIDDEN", True)


def test_a_request_signed_for_another_body_is_refused(provider: Provider, gateway_store: Store):
    from tests.gateway.conftest import PUBLIC_URL, TOKEN
    from tests.standins.telephone import sign

    other = sign(f"{PUBLIC_URL}/hooks/sms", text_fields("the real one"), TOKEN)
    assert provider.post("/hooks/sms", text_fields("another"), signature=other).status_code == 403
    assert set(counts(gateway_store).values()) == {0}


KEYWORDS = {
    "STOP": (NotContribution.KEYWORD, "C'est fait"),
    "Aide !": (NotContribution.KEYWORD, "Votre avis : envoyez un SMS"),
    "SUIVI 482915307": (NotContribution.KEYWORD, "Nous ne trouvons pas ce num"),
}


@pytest.mark.parametrize(("body", "expected"), KEYWORDS.items(), ids=KEYWORDS)
def test_a_keyword_is_answered_and_is_nobodys_contribution(
    provider: Provider, gateway_store: Store, body: str, expected: tuple[NotContribution, str | None]
):
    kind, beginning = expected
    provider.text(body)
    with gateway_store.read() as session:
        assert session.scalars(select(Part)).one().not_contribution is kind
        assert session.scalars(select(Contribution)).all() == []
        message = session.scalars(select(Message)).one_or_none()
        if beginning is None:
            assert message is None
        else:
            assert message is not None
            assert message.sealed_body is not None
            sent = message_lookup.words_of(session, message)
            assert beginning in sent["body"]
            assert sent["segments"] == 1


def test_thanks_after_a_receipt_are_thanks_and_get_no_answer(provider: Provider, gateway_store: Store):
    provider.text("Plus de bancs rue de Siam")
    provider.text("Merci !", 2)
    assert counts(gateway_store) == {"intake": 2, "arrival": 2, "part": 2, "contribution": 1, "message": 1}
    with gateway_store.read() as session:
        kinds = session.scalars(select(Part.not_contribution).order_by(Part.id)).all()
        assert kinds == [None, NotContribution.THANKS]


def test_thanks_from_somebody_we_never_answered_are_a_contribution(provider: Provider, gateway_store: Store):
    provider.text("Merci !")
    assert counts(gateway_store) == ONE_TEXT


LEFT_BEHIND = {
    "nothing else": ((), 0),
    "a stop": (("STOP",), 0),
    "thanks": (("Merci !",), 0),
    "more": (("Et des arbres",), 1),
}


@pytest.mark.parametrize(("later", "addresses"), LEFT_BEHIND.values(), ids=LEFT_BEHIND)
def test_the_address_goes_with_the_last_contribution(
    provider: Provider, gateway_store: Store, later: tuple[str, ...], addresses: int
):
    provider.text("Plus de bancs rue de Siam")
    with gateway_store.write() as session:
        first = session.scalars(select(Contribution.id)).one()
        yesterday = utc_now() - timedelta(days=1)
        session.scalars(select(Part)).one().created_at = yesterday
        session.scalars(select(Intake)).one().received_at = yesterday
    for number, body in enumerate(later, start=2):
        provider.text(body, number)
    with gateway_store.write() as session:
        for message in session.scalars(select(Message)):
            message.state = MessageState.SENT
    with gateway_store.write() as session:
        erase_contribution(session, first, by=None, reason="author")
    with gateway_store.read() as session:
        assert session.scalar(select(func.count()).select_from(ContributorAddress)) == addresses
        assert session.scalar(select(func.count()).select_from(OptOut)) == later.count("STOP")
        assert count_ledger(session).balanced


def test_a_stop_word_inside_a_sentence_is_a_contribution(provider: Provider, gateway_store: Store):
    provider.text("Stop aux camions rue de Siam !")
    assert counts(gateway_store) == ONE_TEXT
    with gateway_store.read() as session:
        assert session.scalars(select(OptOut)).all() == []


def test_stop_holds_and_start_lifts_it(provider: Provider, gateway_store: Store):
    for number, (body, active) in enumerate([("STOP", True), ("REPRENDRE", False)], start=1):
        provider.text(body, number)
        with gateway_store.read() as session:
            assert session.scalars(select(OptOut)).one().active is active


def test_the_state_of_a_reference_says_nothing_of_what_was_written(provider: Provider, gateway_store: Store):
    provider.text("Mon voisin Paul fait du bruit")
    with gateway_store.read() as session:
        number = references.reference_of(session, session.scalars(select(Contribution.id)).one())
    provider.text(f"suivi {number}", 2, sender="+33687654321")
    with gateway_store.read() as session:
        message = session.scalars(select(Message).where(Message.intake_id.is_not(None))).one()
        assert message.sealed_body is not None
        body = message_lookup.words_of(session, message)["body"]
    assert references.format_reference(number) in body
    assert "Paul" not in body


# --- calls ------------------------------------------------------------------------------------

RECORDING = {
    "RecordingSid": "RE" + "a" * 32,
    "RecordingUrl": f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/RE{'a' * 32}",
    "RecordingDuration": "7",
}


def test_a_call_greets_records_says_its_reference_and_is_one_intake(provider: Provider, gateway_store: Store):
    greeting = provider.post("/hooks/voice", call_fields())
    assert "<Record" in greeting.text
    assert "bonjour" in greeting.text.lower()
    spoken = provider.post("/hooks/voice/spoken?l=fr", call_fields(**RECORDING))
    assert "<Gather" in spoken.text
    thanks = provider.post(f"/hooks/voice/thanks?l=fr&r={RECORDING['RecordingSid']}", call_fields())
    provider.post("/hooks/voice/recording", recording_fields())
    with gateway_store.read() as session:
        contribution = session.scalars(select(Contribution)).one()
        number = references.reference_of(session, contribution.id)
        assert ". ".join(", ".join(number[i : i + 3]) for i in (0, 3, 6)) in thanks.text
        assert contribution.channel is Channel.VOICEMAIL
        assert contribution.reading is Reading.WAITING
        assert len(session.scalars(select(Medium)).all()) == 1
        kinds = set(session.scalars(select(Step.kind)))
        assert kinds >= {StepKind.FETCH_MEDIA, StepKind.LIST_RECORDINGS, StepKind.SEND}
        assert count_ledger(session).balanced
    assert counts(gateway_store)["intake"] == 1


def recording_fields(**more: str) -> list[tuple[str, str]]:
    """A recording's callback has neither From nor To."""
    fields = {"CallSid": f"CA{1:032x}", "AccountSid": ACCOUNT, "RecordingStatus": "completed", **RECORDING}
    return list((fields | more).items())


def test_the_recordings_callback_may_come_first(provider: Provider, gateway_store: Store):
    provider.post("/hooks/voice/recording", recording_fields())
    provider.post("/hooks/voice", call_fields())
    with gateway_store.read() as session:
        intake = session.scalars(select(Intake)).one()
        assert intake.contributor_id is not None
        assert session.scalars(select(Contribution)).one().channel is Channel.VOICEMAIL


def test_two_recordings_of_one_call_are_one_contribution(provider: Provider, gateway_store: Store):
    second = {"RecordingSid": "RE" + "b" * 32, "RecordingUrl": RECORDING["RecordingUrl"].replace("a" * 32, "b" * 32)}
    for fields in (recording_fields(), recording_fields(**second), recording_fields()):
        provider.post("/hooks/voice/recording", fields)
    with gateway_store.read() as session:
        assert len(session.scalars(select(Medium)).all()) == 2
        assert len(session.scalars(select(Contribution)).all()) == 1


def test_starting_again_discards_what_was_recorded_before_once_something_new_is_there(
    provider: Provider, gateway_store: Store
):
    first, second = RECORDING["RecordingSid"], "RE" + "b" * 32
    url = RECORDING["RecordingUrl"].replace(first, second)
    provider.post("/hooks/voice/spoken?l=fr", call_fields(**RECORDING))
    provider.post(f"/hooks/voice/choice?l=fr&r={first}", call_fields(Digits="2"))
    with gateway_store.read() as session:
        assert session.scalars(select(Medium)).one().discarded_at is None
    anew = call_fields(**RECORDING | {"RecordingSid": second, "RecordingUrl": url})
    provider.post(f"/hooks/voice/spoken?l=fr&r={first}", anew)
    with gateway_store.read() as session:
        media = session.scalars(select(Medium).order_by(Medium.position)).all()
        assert [medium.discarded_at is None for medium in media] == [False, True]


def test_nobody_hears_an_error_when_nothing_can_be_stored(provider: Provider, monkeypatch: pytest.MonkeyPatch):
    def database_is_down(*_: object, **__: object) -> None:
        raise OperationalError("SELECT 1", {}, sqlite3.OperationalError("disk I/O error"))

    monkeypatch.setattr("gateway.ingest.call_intake.process_call_request", database_is_down)
    answer = provider.post("/hooks/voice", call_fields())
    assert answer.status_code == 200
    assert "<Record" in answer.text


def test_a_call_to_a_number_of_no_consultation_is_kept(provider: Provider, gateway_store: Store):
    provider.post("/hooks/voice", call_fields(To="+33299999999"))
    with gateway_store.read() as session:
        intake = session.scalars(select(Intake)).one()
        assert intake.consultation_version_id is None
        assert intake.addressed_to == "+33299999999"
        assert intake.addressed_to != NUMBER
