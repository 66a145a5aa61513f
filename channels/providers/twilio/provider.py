"""Twilio as a provider of texts and calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

import requests

from channels.base.call_steps import CallEnd, CallStep
from channels.base.errors import ProviderNotSetUp
from channels.base.provider_fields import TextProvider
from channels.base.provider_requests import CallToPlace, HookRequest, Reply, TextToSend
from channels.base.values import DeliveryStatus, Fields, IncomingCall
from channels.providers.twilio import calls, listing, proof, remove, send, twiml
from channels.providers.twilio.account import AccountSettings
from channels.providers.twilio.account_probe import account_probe
from channels.providers.twilio.files import TwilioFiles
from channels.providers.twilio.lists import TwilioLists
from channels.providers.twilio.texts import TEXTS
from config.probe import Probe

EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


class TwilioProvider(AccountSettings):
    """Everything the gateway asks of Twilio, with the account of the settings."""

    name: ClassVar[str] = "twilio"
    hook: ClassVar[str] = "sms"
    texts: ClassVar[TextProvider] = TEXTS
    kept_headers: ClassVar[tuple[str, ...]] = ("X-Twilio", "I-Twilio")

    def verify(self, request: HookRequest) -> Fields:
        """The fields of a request signed for the public address; raises ``Refused`` for any other."""
        return proof.check_request(
            tokens=[token.get_secret_value() for token in self._section.auth_tokens],
            public_url=request.public_url,
            raw_path=request.raw_path,
            body=request.body,
            signature=request.headers.get(proof.SIGNATURE_HEADER),
            content_type=request.content_type,
            seen_url=request.seen_url,
            account=self._section.account_sid,
        )

    def is_text(self, posted: Fields) -> bool:  # noqa: ARG002
        """Whatever is posted to the address of texts is one, or refused."""
        return True

    def parse_status(self, posted: Fields, message_id: str = "") -> DeliveryStatus | None:
        """What became of a text of ours."""
        return proof.parse_status(posted, message_id)

    def parse_form(self, body: bytes) -> Fields:
        """A kept request's fields."""
        return proof.parse_form(body)

    def parse_call(self, posted: Fields, *, region: str) -> IncomingCall:
        """The call a request is about."""
        return calls.parse_call(posted, region=region)

    @property
    def places_calls(self) -> bool:
        """Whether there is an account, and a number to call from."""
        return bool(self.configured and self._section.receives)

    def place_call(self, http: requests.Session, call: CallToPlace) -> str:
        """Have a telephone ring, from the number residents phone."""
        if not self._section.receives:
            raise ProviderNotSetUp("There is no number to call from.", "Set twilio.receives.")
        return calls.place_call(http, self.account, call, sender=self._section.receives)

    def parse_call_end(self, posted: Fields) -> CallEnd | None:
        """How a call of ours ended."""
        return calls.parse_call_end(posted)

    def reply(self) -> Reply:
        """TwiML that says nothing."""
        return Reply(EMPTY_TWIML, twiml.MEDIA_TYPE, 200)

    def render(self, steps: Iterable[CallStep]) -> Reply:
        """TwiML."""
        return Reply(twiml.render(steps), twiml.MEDIA_TYPE, 200)

    def send(self, http: requests.Session, text: TextToSend) -> str:
        """Hand a text over, unless an earlier attempt is found to have sent it."""
        account = self.account
        if not text.sender:
            raise ProviderNotSetUp("Our texts have no sender.", "Set twilio.sender.")
        if text.attempted_at is not None:
            to, body, since = text.outgoing.to.value, text.outgoing.body, text.attempted_at.date()
            sent = listing.find_sent(http, account, to=to, body=body, since=since, known=text.others)
            if sent is not None:
                return sent
        callback = text.status_callback
        return send.send_message(http, account, text.outgoing, sender=text.sender, status_callback=callback)

    def is_text_id(self, identifier: str) -> bool:
        """Whether this is a message SID."""
        return remove.is_text(identifier)

    @property
    def files(self) -> TwilioFiles:
        """The account's recordings and pictures."""
        return TwilioFiles(self.account)

    @property
    def lists(self) -> TwilioLists:
        """The account's lists."""
        return TwilioLists(self.account)

    def probes(self) -> Sequence[Probe]:
        """Whether account and token are right."""
        if not self.configured:
            return []
        return [account_probe(self.account)]


PROVIDER = TwilioProvider
