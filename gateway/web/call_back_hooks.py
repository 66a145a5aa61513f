"""Webhooks of calls of ours, to those who asked to be called back: what is said in one, and how it ended."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, request

from channels import voice
from channels.base.values import Fields
from gateway.ingest import call_backs
from gateway.ingest.call_intake import KnownCall
from gateway.ingest.call_keys import answers_key_at_hand
from gateway.ingest.ingest import PostedWebhook
from gateway.receipts import sound_links
from gateway.web.telephone_hooks import CALLER_WAITS, provider_of_calls, require_provider_signature, spoken_response
from inbox.answers import answer_recordings
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import proven
from inbox.wishes import lent_voices

log = logging.getLogger(__name__)

blueprint = Blueprint("call_backs", __name__, url_prefix="/hooks/voice")


@blueprint.post("/ring", defaults={"position": "ring"})
@blueprint.post("/rung", defaults={"position": "rung"})
@require_provider_signature("call-back")
def ring(fields: Fields, _posted: PostedWebhook, position: str) -> Response:
    """Somebody has picked up, or pressed a key. Nobody ever hears an error."""
    place = voice.Place.of(position, request.args)
    call = provider_of_calls().parse_call(fields, region=settings_of().region)
    try:
        with answers_key_at_hand(store_of(), place.message), store_of().write(patience=CALLER_WAITS) as session:
            known = call_backs.process_ring_request(session, settings_of(), place, call.digits)
        facts = call_backs.read_ring_facts(settings_of(), known)
        return spoken_response(voice.answer_ring(place, call.digits, facts))
    except Exception:
        log.exception("a call back could not be answered")
        return spoken_response(voice.apology(settings_of().language))


@blueprint.post("/test")
@require_provider_signature("call-back")
def say_it_works(_fields: Fields, _posted: PostedWebhook) -> Response:
    """Somebody has picked up a test call."""
    place = voice.Place.of(voice.Position.RING, request.args)
    unknown = KnownCall(None, reference="", heard="", state=voice.SpokenState("unknown"))
    facts = call_backs.read_ring_facts(settings_of(), unknown).call
    return spoken_response(voice.answer_test_call(place.language, facts))


@blueprint.get("/sound")
@proven(by="an address that only the answer to a call has held")
def sound() -> Response:
    """An answer that an official spoke, or a voice that its owner lends, for the provider to play in a call."""
    with store_of().read() as session:
        named = sound_links.proven_sound(session, request.args)
        kind, number = named or ("", 0)
        found = answer_recordings.sound_of(session, number) if kind == sound_links.ANSWER else None
        if kind == sound_links.VOICE:
            found = lent_voices.voice_sound(session, number)
    if found is None:
        return Response("there is no such recording\n", status=404, mimetype="text/plain")
    return Response(found, mimetype=answer_recordings.SOUND_TYPE)


@blueprint.post("/ring-status")
@require_provider_signature("call-back")
def ring_status(fields: Fields, _posted: PostedWebhook) -> Response:
    """How a call of ours ended."""
    place = voice.Place.of(voice.Position.RING, request.args)
    end = provider_of_calls().parse_call_end(fields)
    if end is not None and place.message:
        call = provider_of_calls().parse_call(fields, region=settings_of().region)
        with store_of().write() as session:
            call_backs.record_call_end(session, place.message, end, call.external_id)
    return Response(status=204)
