"""Webhooks of the telephone provider: checked, stored, answered; everything else is done in steps."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from flask import Blueprint, Response, current_app, request
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from channels import voice
from channels.base.errors import RefusalReason, Refused
from channels.base.values import Fields
from channels.providers import twilio
from channels.providers.android import webhook
from channels.sms import text_message as sms
from gateway.ingest import call_intake, recording_playback
from gateway.ingest.ingest import Posted, TextAtDoor, take_in_texts, text_at_door
from gateway.intake.intake_store import Accepted
from gateway.receipts import compose_receipt
from gateway.receipts.prompt_recordings import CONTENT_TYPES, recorded
from gateway.spool.webhook_checks import EMPTY_TWIML, LARGEST, kept_headers, raw_path, verified_fields
from inbox.errors import StoreBusy
from inbox.records.rejections import count_refusal
from inbox.storage.disk_errors import cannot_be_written
from inbox.storage.group_commit import GroupCommit
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import proven, public

log = logging.getLogger(__name__)

blueprint = Blueprint("hooks", __name__, url_prefix="/hooks")

CALLER_WAITS = 5.0
"""Seconds a caller waits for a busy database; the provider gives up after 15 in all, and says so (error 11205)."""

TRY_AGAIN_SECONDS = 30
"""What a sender is told when nothing can be stored."""

View = Callable[..., Response]


def by_provider(door: str, check: Callable[[], Fields] | None = None) -> Callable[[Callable[..., Response]], View]:
    """Let only requests in that the provider signed; the others are counted with their reason."""

    def decorate(view: Callable[..., Response]) -> View:
        @wraps(view)
        def checked(**place: Any) -> Response:
            try:
                return view((check or _checked_fields)(), _as_posted(), **place)
            except Refused as refused:
                _count(door, refused.reason)
                log.warning("%s refused a request: %s; %s", door, refused.reason.value, refused.remedy)
                return Response("refused\n", status=403, mimetype="text/plain")
            except (StoreBusy, SQLAlchemyError, OSError) as error:
                if not _may_pass(error):
                    raise
                log.error("%s: nothing was stored (%s)", door, type(error).__name__)
                return _later()

        return proven(by="the provider's signature")(checked)

    return decorate


def _may_pass(error: Exception) -> bool:
    """Whether the database or its disk is the reason: the same request may be stored later, or by the fallback door."""
    return isinstance(error, StoreBusy | OperationalError | InterfaceError) or cannot_be_written(error)


def _later() -> Response:
    headers = {"Retry-After": str(TRY_AGAIN_SECONDS)}
    return Response("nothing was stored, try again\n", status=503, mimetype="text/plain", headers=headers)


def _count(door: str, reason: RefusalReason) -> None:
    """What cannot be counted is refused all the same: whoever proves nothing is not told how the database is."""
    try:
        with store_of().write(patience=CALLER_WAITS) as session:
            count_refusal(session, door, reason.value)
    except (StoreBusy, SQLAlchemyError) as error:
        log.warning("a refusal could not be counted: %s", type(error).__name__)


def _checked_fields() -> Fields:
    _refuse_the_huge()
    return verified_fields(request, settings_of().twilio, settings_of().public_url, request.get_data(cache=True))


def _checked_event() -> Fields:
    _refuse_the_huge()
    return webhook.check_request(
        keys=[key.get_secret_value() for key in settings_of().phone.signing_keys],
        body=request.get_data(cache=True),
        signature=request.headers.get(webhook.SIGNATURE_HEADER),
        timestamp=request.headers.get(webhook.TIMESTAMP_HEADER),
    )


def _refuse_the_huge() -> None:
    if (request.content_length or 0) > LARGEST:
        raise Refused(RefusalReason.MALFORMED)
    # A body sent in chunks does not say how long it is.
    request.max_content_length = LARGEST


def _as_posted() -> Posted:
    kept = kept_headers(request, webhook.SIGNATURE_HEADER, webhook.TIMESTAMP_HEADER)
    return Posted(request.get_data(cache=True), {"path": raw_path(request), **kept})


def _texts() -> GroupCommit[TextAtDoor, Accepted]:
    """What stores this application's text messages: those that come at once, together."""
    extension = current_app.extensions["portevoix"]
    group: GroupCommit[TextAtDoor, Accepted] = extension.setdefault("texts", GroupCommit(store_of(), take_in_texts))
    return group


def _twiml(body: str = EMPTY_TWIML) -> Response:
    return Response(body, mimetype="text/xml")


@blueprint.post("/sms")
@by_provider("sms")
def text_message(fields: Fields, posted: Posted) -> Response:
    """A text message. The answer is empty: receipts go out as messages of their own, under the sender's name."""
    for text in sms.parse(fields, region=settings_of().region):
        _texts().put(text_at_door(store_of().vault, text, posted))
    return _twiml()


@blueprint.post("/sms/status")
@by_provider("sms-status")
def message_status(fields: Fields, _posted: Posted) -> Response:
    """What became of a message of ours; comes in any order, perhaps before our row knows its identifier."""
    status = twilio.parse_status(fields, request.args.get("m", ""))
    if status is not None:
        with store_of().write() as session:
            compose_receipt.note_delivery(session, settings_of(), status)
    return _twiml()


@blueprint.post("/phone")
@by_provider("phone", _checked_event)
def telephone(fields: Fields, posted: Posted) -> Response:
    """An event of the telephone that is our gateway; those that tell nothing of texts are only acknowledged."""
    status = webhook.parse_status(fields)
    texts = (
        sms.parse(fields, webhook.TEXTS, region=settings_of().region)
        if fields.get("event") in webhook.TEXT_EVENTS
        else []
    )
    if status is not None:
        with store_of().write() as session:
            compose_receipt.note_delivery(session, settings_of(), status)
    for text in texts:
        number = text.addressed_to or settings_of().phone.number
        _texts().put(text_at_door(store_of().vault, replace(text, addressed_to=number), posted))
    return Response(status=204)


@blueprint.post("/voice")
@blueprint.post("/voice/<position>")
@by_provider("voice")
def call(fields: Fields, posted: Posted, position: str = "greeting") -> Response:
    """One request of a call, and what is said next. Callers never hear an error."""
    place = voice.Place.of(position, request.args)
    incoming = voice.parse(fields, region=settings_of().region)
    try:
        posted = posted.sealed(store_of().vault)
        with store_of().write(patience=CALLER_WAITS) as session:
            known = call_intake.advance(session, settings_of(), place, incoming, posted)
        facts = call_intake.facts_of(settings_of(), known)
    except Exception:
        # What is recorded is told of once more by the recording's own callback; the caller must not pay for our fault.
        log.exception("a call's request could not be stored")
        facts = call_intake.facts_without_store(settings_of())
    try:
        return _twiml(voice.say(place, incoming, facts))
    except Exception:
        log.exception("a call could not be answered")
        return _twiml(voice.apologise(settings_of().language))


@blueprint.get("/voice/prompts/<whose>/<language>/<name>")
@public
def prompt(whose: str, language: str, name: str) -> Response:
    """A recording of the town's own, for the provider to play; nothing else of that folder or any other."""
    stem, dot, kind = name.rpartition(".")
    path = recorded(settings_of().voicemail.prompts_dir, whose).get(f"{language}/{stem}")
    if path is None or path.suffix != dot + kind:
        return Response("there is no such recording\n", status=404, mimetype="text/plain")
    return Response(path.read_bytes(), mimetype=CONTENT_TYPES[path.suffix], headers={"Cache-Control": "max-age=3600"})


@blueprint.get("/voice/heard")
@proven(by="an address that only the answer to this call has held")
def heard_again() -> Response:
    """A caller's own recording, for the provider to play back in the call."""
    with store_of().read() as session:
        sound = recording_playback.opened(session, request.args)
    if sound is None:
        return Response("there is no such recording\n", status=404, mimetype="text/plain")
    return Response(sound.pieces, mimetype=sound.content_type, headers={"Content-Length": str(sound.size)})


@blueprint.post("/voice/recording")
@by_provider("recording")
def recording(fields: Fields, posted: Posted) -> Response:
    """The provider has a recording, or none after all: this callback is what counts when the caller hung up."""
    place = voice.Place.of(voice.Position.SPOKEN, request.args)
    incoming = voice.parse(fields, region=settings_of().region)
    posted = posted.sealed(store_of().vault)
    with store_of().write() as session:
        call_intake.note_recording(session, settings_of(), place, incoming, posted)
    return Response(status=204)


@blueprint.post("/voice/status")
@by_provider("call-status")
def call_status(fields: Fields, posted: Posted) -> Response:
    """The call has ended."""
    ended, posted = voice.parse(fields, region=settings_of().region), posted.sealed(store_of().vault)
    with store_of().write() as session:
        call_intake.note_end(session, ended, posted)
    return Response(status=204)
