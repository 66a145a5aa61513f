"""The fallback door: keeps webhooks in sealed files while the gateway itself cannot take them.

It needs neither database nor Redis, and imports neither. The provider is given its addresses as fallback for
texts and calls; the paths are those of the main doors, and what was kept is taken in through them later.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from channels import voice
from channels.base.errors import RefusalReason, RequestRefused
from channels.base.provider_requests import Reply
from channels.base.values import Fields
from channels.providers.registry import call_provider
from channels.sms import text_message
from channels.voice.fallback_dialogue import say_without_menu
from config.settings.loader import Settings
from gateway.base.door_keys import DoorKeys
from gateway.spool.spool_files import Spool, SpooledWebhook
from gateway.spool.webhook_checks import LARGEST, as_hook_request, kept_headers, raw_path

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger(__name__)

TEXTS, CALLS = "/hooks/sms", "/hooks/voice"


class FallbackDoor:
    """A WSGI application with two doors, texts and calls; whatever else is asked is not there."""

    def __init__(self, settings: Settings) -> None:
        """Raises ``KeysMissing`` where only some of the keys are left."""
        self._settings = settings
        self._provider = call_provider(settings)
        self._spool = Spool(settings.spool_dir, DoorKeys.of_door(settings.keys_dir))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        request.max_content_length = LARGEST
        return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        # What becomes of our own texts is told at their own address, for which the provider knows no fallback.
        is_text, is_call = request.path == TEXTS, f"{request.path}/".startswith(f"{CALLS}/")
        if request.method != "POST" or not (is_text or is_call):
            return _plain("there is nothing here", 404)
        door = "fallback-texts" if is_text else "fallback-calls"
        try:
            fields = self._verified_fields(request)
            answer = self._to_text(fields) if is_text else self._to_call(request, fields)
            kept = self._keep(request)
        except RequestRefused as refused:
            self._spool.count_refusal(datetime.now(UTC).date(), door, refused.reason.value)
            log.warning("%s refused a request: %s; %s", door, refused.reason.value, refused.remedy)
            return _plain("refused", 403)
        # The provider's lists still have both when there is room again. A failed text it notes; a failed call is heard.
        if is_text and not kept:
            return _plain("cannot be kept now", 503)
        return Response(answer.body, status=answer.status, mimetype=answer.media_type)

    def _verified_fields(self, request: Request) -> Fields:
        try:
            body = request.get_data(cache=True)
        except HTTPException as error:
            raise RequestRefused(RefusalReason.MALFORMED) from error
        return self._provider.verify(as_hook_request(request, self._settings.fallback.public_url, body))

    def _keep(self, request: Request) -> bool:
        try:
            self._spool.put(
                SpooledWebhook(
                    raw_path(request),
                    request.get_data(cache=True),
                    kept_headers(request, self._provider),
                    datetime.now(UTC),
                )
            )
        except OSError as error:
            log.error("a webhook could not be kept (%s): make room on the disk of data_dir", type(error).__name__)
            return False
        return True

    def _to_text(self, fields: Fields) -> Reply:
        """Nothing is said to a text; one that is none is refused now, while the provider can note it."""
        text_message.parse_text_message(fields, self._provider.texts)
        return self._provider.reply()

    def _to_call(self, request: Request, fields: Fields) -> Reply:
        settings = self._settings
        position = request.path.removeprefix(CALLS).strip("/")
        call = self._provider.parse_call(fields, region=settings.region)
        if position in ("recording", "status"):
            return self._provider.reply()
        place = voice.Place.of(position, request.args)
        facts = voice.CallFacts(
            base=settings.fallback.public_url + CALLS,
            consultation=None,
            today=datetime.now(settings.zone).date(),
            languages=(settings.language,),
            patience=settings.voicemail,
        )
        said = say_without_menu(place, call, facts, town=settings.town_name, failed_at=call.failed_at)
        return self._provider.render(said)


def _plain(said: str, status: int) -> Response:
    return Response(said + "\n", status=status, mimetype="text/plain")
