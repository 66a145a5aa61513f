"""Webhooks of the telephone provider: checked, stored, answered; everything else is done in steps."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import wraps
from typing import Any

from flask import Blueprint, Response, current_app, request

from channels import voice
from channels.base.call_steps import CallStep
from channels.base.errors import RefusalReason, RequestRefused
from channels.base.provider import PushedTexts
from channels.base.provider_requests import Reply
from channels.base.values import Fields
from channels.base.voice_provider import VoiceProvider
from channels.providers import registry
from channels.sms import text_message as sms
from gateway.ingest import call_intake, recording_playback
from gateway.ingest.call_keys import keys_at_hand
from gateway.ingest.ingest import PostedWebhook, PreparedText, ingest_texts, prepare_text
from gateway.intake.intake_store import StoredIntake
from gateway.receipts import compose_receipt
from gateway.receipts.prompt_recordings import CONTENT_TYPES, prompt_files
from gateway.spool.webhook_checks import LARGEST, as_hook_request, kept_headers, raw_path
from inbox.errors import StoreBusy
from inbox.records.rejections import count_refusal
from inbox.storage.disk_errors import cannot_be_written
from inbox.storage.group_commit import GroupCommit
from inbox.storage.unit_of_work import InterfaceError, OperationalError, SQLAlchemyError
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import proven, public

log = logging.getLogger(__name__)

blueprint = Blueprint("hooks", __name__, url_prefix="/hooks")

CALLER_WAITS = 5.0
"""Seconds a caller waits for a busy database; the provider gives up after 15 in all, and says so (error 11205)."""

TRY_AGAIN_SECONDS = 30
"""What a sender is told when nothing can be stored."""

View = Callable[..., Response]


def require_provider_signature(
    door: str, provider_of: Callable[[], PushedTexts] | None = None
) -> Callable[[Callable[..., Response]], View]:
    """Let only requests in that the provider signed; the others are counted with their reason."""

    def decorate(view: Callable[..., Response]) -> View:
        @wraps(view)
        def checked(**place: Any) -> Response:
            try:
                provider = (provider_of or provider_of_calls)()
                return view(_verified_fields(provider), _as_posted(provider), **place)
            except RequestRefused as refused:
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


def provider_of_calls() -> VoiceProvider:
    """The provider whose calls are answered, by the settings in force."""
    return registry.call_provider(settings_of())


def _verified_fields(provider: PushedTexts) -> Fields:
    _refuse_the_huge()
    return provider.verify(as_hook_request(request, settings_of().public_url, request.get_data(cache=True)))


def _refuse_the_huge() -> None:
    if (request.content_length or 0) > LARGEST:
        raise RequestRefused(RefusalReason.MALFORMED)
    # A body sent in chunks does not say how long it is.
    request.max_content_length = LARGEST


def _as_posted(provider: PushedTexts) -> PostedWebhook:
    kept = kept_headers(request, provider)
    return PostedWebhook(request.get_data(cache=True), {"path": raw_path(request), **kept})


def _texts() -> GroupCommit[PreparedText, StoredIntake]:
    """What stores this application's text messages: those that come at once, together."""
    extension = current_app.extensions["portevoix"]
    group: GroupCommit[PreparedText, StoredIntake] = extension.setdefault(
        "texts", GroupCommit(store_of(), ingest_texts)
    )
    return group


def _as_response(reply: Reply) -> Response:
    return Response(reply.body, status=reply.status, mimetype=reply.media_type)


def spoken_response(steps: Iterable[CallStep]) -> Response:
    """What is said next in a call."""
    return _as_response(provider_of_calls().render(steps))


def _texts_view(hook: str) -> View:
    """The view of a provider's hook for texts and for what became of ours; it answers that nothing is to be said."""

    def provider() -> PushedTexts:
        return registry.provider_at_hook(hook, settings_of())

    @require_provider_signature(hook, provider)
    def text_message(fields: Fields, posted: PostedWebhook) -> Response:
        asked = provider()
        # Read before anything is stored: what is malformed is refused whole.
        is_text, settings = asked.is_text(fields), settings_of()
        texts = sms.parse_text_message(fields, asked.texts, region=settings.region) if is_text else []
        if not is_text:
            _note_status(asked, fields)
        for text in texts:
            number = text.addressed_to or asked.receives
            _texts().put(prepare_text(store_of().vault, replace(text, addressed_to=number), posted))
        return _as_response(asked.reply())

    return text_message


def _note_status(provider: PushedTexts, fields: Fields) -> None:
    """What became of a message of ours; comes in any order, perhaps before our row knows its identifier."""
    status = provider.parse_status(fields, request.args.get("m", ""))
    if status is not None:
        with store_of().write() as session:
            compose_receipt.record_delivery_status(session, settings_of(), status)


for _hook in registry.provider_hooks():
    blueprint.add_url_rule(f"/{_hook}", f"texts_{_hook}", _texts_view(_hook), methods=["POST"])


@blueprint.post("/sms/status")
@require_provider_signature("sms-status")
def message_status(fields: Fields, _posted: PostedWebhook) -> Response:
    """The callback of a message of ours."""
    _note_status(provider_of_calls(), fields)
    return _as_response(provider_of_calls().reply())


@blueprint.post("/voice")
@blueprint.post("/voice/<position>")
@require_provider_signature("voice")
def call(fields: Fields, posted: PostedWebhook, position: str = "greeting") -> Response:
    """One request of a call, and what is said next. Callers never hear an error."""
    place = voice.Place.of(position, request.args)
    incoming = provider_of_calls().parse_call(fields, region=settings_of().region)
    if place.position is voice.Position.VOTE:
        posted = replace(posted, body=b"")  # what was keyed goes into the sealed box, and nowhere else
    try:
        posted = posted.sealed(store_of().vault)
        with keys_at_hand(store_of(), place, incoming):
            with store_of().write(patience=CALLER_WAITS) as session:
                known = call_intake.process_call_request(session, settings_of(), place, incoming, posted)
            known = call_intake.with_other_voices(store_of(), settings_of(), place, incoming, known)
        facts = call_intake.read_call_facts(settings_of(), known)
    except Exception:
        # What is recorded is told of once more by the recording's own callback; the caller must not pay for our fault.
        log.exception("a call's request could not be stored")
        facts = call_intake.offline_call_facts(settings_of())
    try:
        return spoken_response(voice.answer_call(place, incoming, facts))
    except Exception:
        log.exception("a call could not be answered")
        return spoken_response(voice.apology(settings_of().language))


@blueprint.get("/voice/prompts/<whose>/<language>/<name>")
@public
def prompt(whose: str, language: str, name: str) -> Response:
    """A recording of the town's own, for the provider to play; nothing else of that folder or any other."""
    stem, dot, kind = name.rpartition(".")
    path = prompt_files(settings_of().voicemail.prompts_dir, whose).get(f"{language}/{stem}")
    if path is None or path.suffix != dot + kind:
        return Response("there is no such recording\n", status=404, mimetype="text/plain")
    return Response(path.read_bytes(), mimetype=CONTENT_TYPES[path.suffix], headers={"Cache-Control": "max-age=3600"})


@blueprint.get("/voice/heard")
@proven(by="an address that only the answer to this call has held")
def heard_again() -> Response:
    """A caller's own recording, for the provider to play back in the call."""
    with store_of().read() as session:
        sound = recording_playback.open_recording(session, request.args)
    if sound is None:
        return Response("there is no such recording\n", status=404, mimetype="text/plain")
    return Response(sound.pieces, mimetype=sound.content_type, headers={"Content-Length": str(sound.size)})


@blueprint.post("/voice/recording")
@require_provider_signature("recording")
def recording(fields: Fields, posted: PostedWebhook) -> Response:
    """The provider has a recording, or none after all: this callback is what counts when the caller hung up."""
    place = voice.Place.of(voice.Position.SPOKEN, request.args)
    incoming = provider_of_calls().parse_call(fields, region=settings_of().region)
    posted = posted.sealed(store_of().vault)
    with keys_at_hand(store_of(), place, incoming), store_of().write() as session:
        call_intake.handle_recording_callback(session, settings_of(), place, incoming, posted)
    return Response(status=204)


@blueprint.post("/voice/status")
@require_provider_signature("call-status")
def call_status(fields: Fields, posted: PostedWebhook) -> Response:
    """The call has ended."""
    ended, posted = provider_of_calls().parse_call(fields, region=settings_of().region), posted.sealed(store_of().vault)
    with keys_at_hand(store_of(), voice.Place.of(voice.Position.SPOKEN, {}), ended), store_of().write() as session:
        call_intake.handle_call_end(session, ended, posted)
    return Response(status=204)
