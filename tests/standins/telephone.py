"""The telephone provider: signs and posts webhooks as callers text and phone, and serves what they leave.

Signing after https://www.twilio.com/docs/usage/security#validating-requests, written here a second time on
purpose: a stand-in that borrowed the gateway's own check would agree with its mistakes.

As a program (``python -m tests.standins.telephone --app http://127.0.0.1:8080``) it takes ``POST /control/text``
and ``POST /control/call`` in JSON, and ``GET /control/sent`` shows what residents got.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import random
import secrets
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import urljoin, urlsplit

import requests

from tests.standins.provider_api import VERSION, Placed, ProviderApi, Sent, Stored, message_facts, new_sid
from tests.standins.provider_lists import call_facts, end_call
from tests.standins.twiml import Heard, listen
from tests.standins.web import Answer, Asked, LoopbackServer

Fields = list[tuple[str, str]]
HangsUp = Literal["at_end", "after_speaking", "at_greeting"]

# The provider gives up after 15 seconds in all, connecting included (error 11205).
_PATIENCE = (5.0, 10.0)
_LONGEST_CALL = 20  # documents; a dialogue that goes on longer is a loop


@dataclass(frozen=True)
class Delivery:
    """One webhook and what came back; ``status`` is 0 when nobody answered."""

    url: str
    fields: Fields
    status: int
    body: str
    seconds: float

    @property
    def sid(self) -> str:
        """The identity of the text or call it told of."""
        facts = dict(self.fields)
        return facts.get("MessageSid") or facts["CallSid"]


@dataclass
class Call:
    """A telephone call and all the caller heard."""

    sid: str
    said: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    recordings: list[str] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)


def sign(url: str, fields: Fields, token: str) -> str:
    """X-Twilio-Signature: HMAC-SHA1 over the address and the sorted fields, each value of a name once."""
    signed = url + "".join(name + value for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


class Telephone:
    """A provider with one account whose webhooks go to ``app``; use as a context manager."""

    def __init__(
        self,
        app: str,
        *,
        account_sid: str | None = None,
        auth_token: str | None = None,
        text_hook: str = "/hooks/sms",
        voice_hook: str = "/hooks/voice",
        connect_to: str | None = None,
        text_fallback: str | None = None,
        voice_fallback: str | None = None,
        drop_rate: float = 0.0,
        seed: int = 1,
        recording_not_ready: int = 0,
        redirect_pictures: bool = True,
        port: int = 0,
    ) -> None:
        """``app`` is the public address that is signed; ``connect_to`` where it really listens, if elsewhere.

        The fallbacks are whole addresses, tried once where nobody answers well. Of a webhook that is dropped
        (``drop_rate``, 0 to 1) nobody hears anything, the fallback neither.
        """
        self.app = app.rstrip("/")
        self.text_hook, self.voice_hook = self.app + text_hook, self.app + voice_hook
        self.text_fallback, self.voice_fallback = text_fallback, voice_fallback
        self.drop_rate = drop_rate
        self.dropped = 0
        self.recording_not_ready = recording_not_ready
        self._chance = random.Random(seed)
        self._chance_lock = threading.Lock()
        self.api = ProviderApi(account_sid or new_sid("AC"), auth_token or secrets.token_hex(16))
        self._connect_to = (connect_to or self.app).rstrip("/")
        self._server = LoopbackServer(self._answer, port)
        self._storage = LoopbackServer(self.api.answer) if redirect_pictures else None

    @property
    def base(self) -> str:
        """The address of its REST API."""
        return self._server.base

    def __enter__(self) -> Self:
        self._server.__enter__()
        if self._storage is not None:
            self._storage.__enter__()
            self.api.storage_base = self._storage.base
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in (self._storage, self._server):
            if server is not None:
                server.__exit__(kind, error, trace)

    # --- texts

    def text(
        self,
        sender: str,
        to: str,
        body: str,
        pictures: Iterable[tuple[str, bytes]] = (),
        at: datetime | None = None,
        **more: str,
    ) -> Delivery:
        """Somebody texts ``to``, ``at`` some other time than now; ``pictures`` are (content type, bytes).

        ``more`` are further fields.
        """
        kept = list(pictures)
        sid = more.pop("MessageSid", new_sid("MM" if kept else "SM"))
        facts = {
            "ToCountry": "FR",
            "SmsMessageSid": sid,
            "NumMedia": str(len(kept)),
            "SmsSid": sid,
            "SmsStatus": "received",
            "Body": body,
            "FromCountry": "FR",
            "To": to,
            "NumSegments": "1",
            "MessageSid": sid,
            "AccountSid": self.api.account_sid,
            "From": sender,
            "ApiVersion": VERSION,
        }
        for number, (content_type, content) in enumerate(kept):
            facts[f"MediaContentType{number}"] = content_type
            facts[f"MediaUrl{number}"] = self._keep_picture(sid, content_type, content)
        listed = message_facts(self.api.account_sid, sid, sender, to, body, "inbound", "received", len(kept), at)
        self.api.received.append(listed)
        return self.deliver(self.text_hook, list((facts | more).items()), self.text_fallback)

    def _keep_picture(self, message: str, content_type: str, content: bytes) -> str:
        sid = new_sid("ME")
        self.api.pictures[sid] = Stored(
            content, content_type, {"sid": sid, "parent_sid": message, "content_type": content_type}
        )
        return f"{self.base}/{VERSION}/Accounts/{self.api.account_sid}/Messages/{message}/Media/{sid}"

    def wait_for_text(self, to: str, seconds: float = 20, already: int = 0) -> Sent | None:
        """The first message sent to a number after the ``already`` known ones, or None when time is up."""
        deadline = time.monotonic() + seconds
        with self.api.changed:
            while True:
                got = [message for message in self.api.sent if message.to == to]
                if len(got) > already:
                    return got[already]
                if not self.api.changed.wait(max(0.0, deadline - time.monotonic())):
                    return None

    # --- calls

    def call(
        self,
        sender: str,
        to: str,
        speech: bytes | None,
        *,
        keys: Iterable[str] = (),
        hangs_up: HangsUp = "at_end",
        callback_first: bool = False,
        call_sid: str | None = None,
        at: datetime | None = None,
    ) -> Call:
        """Somebody phones ``to`` and says ``speech`` (a WAV file, None for silence); ``keys`` at each Gather."""
        call = Call(call_sid or new_sid("CA"))
        facts = {
            "AccountSid": self.api.account_sid,
            "ApiVersion": VERSION,
            "CallSid": call.sid,
            "CallStatus": "in-progress",
            "Direction": "inbound",
            "From": sender,
            "Caller": sender,
            "To": to,
            "Called": to,
            "FromCountry": "FR",
            "ToCountry": "FR",
        }
        listed = call_facts(self.api.account_sid, call.sid, sender, to, at)
        self.api.calls.append(listed)
        try:
            self._converse(call, facts, iter(keys), speech, hangs_up, callback_first)
        finally:
            end_call(listed)
        return call

    def _converse(
        self,
        call: Call,
        facts: dict[str, str],
        pressed: Iterator[str],
        speech: bytes | None,
        hangs_up: HangsUp,
        callback_first: bool,
        url: str = "",
    ) -> None:
        url, extra = url or self.voice_hook, dict[str, str]()
        for _ in range(_LONGEST_CALL):
            delivery = self.deliver(url, list((facts | extra).items()), self.voice_fallback)
            call.deliveries.append(delivery)
            if delivery.status != 200:
                return
            key = next(pressed, "")
            heard = listen(delivery.body, keys=key, speaks=speech is not None and not call.recordings)
            call.said += heard.said
            call.languages += heard.languages
            if hangs_up == "at_greeting" or heard.hung_up:
                return
            url, extra = self._go_on(call, delivery.url, heard, key, speech, hangs_up, callback_first)
            if not url:
                return
        raise RuntimeError(f"the dialogue did not end after {_LONGEST_CALL} documents")

    def _go_on(
        self,
        call: Call,
        here: str,
        heard: Heard,
        key: str,
        speech: bytes | None,
        hangs_up: HangsUp,
        callback_first: bool,
    ) -> tuple[str, dict[str, str]]:
        """Where the call goes next, and the fields it brings there; an empty address when it is over."""
        if heard.redirect is not None:
            return urljoin(here, heard.redirect), {}
        if heard.gather is not None:
            return urljoin(here, heard.gather.get("action", "")), {"Digits": key}
        assert heard.record is not None
        assert speech is not None
        facts = self._keep_recording(call, speech)
        action = urljoin(here, heard.record.get("action", ""))
        callback = heard.record.get("recordingStatusCallback")
        if callback and (callback_first or hangs_up == "after_speaking"):
            self._tell_recorded(call, urljoin(here, callback), facts)
        elif callback:
            # In life this comes at any time; a thread keeps it from waiting for the rest of the dialogue.
            threading.Thread(target=self._tell_recorded, args=(call, urljoin(here, callback), facts)).start()
        if hangs_up == "after_speaking":
            return "", {}
        return action, {**facts, "Digits": ""}

    def _keep_recording(self, call: Call, speech: bytes) -> dict[str, str]:
        sid = new_sid("RE")
        call.recordings.append(sid)
        url = f"{self.base}/{VERSION}/Accounts/{self.api.account_sid}/Recordings/{sid}"
        seconds = str(max(1, (len(speech) - 44) // 16_000))
        now = format_datetime(datetime.now(UTC))
        listed = {
            "sid": sid,
            "account_sid": self.api.account_sid,
            "call_sid": call.sid,
            "duration": seconds,
            "channels": 1,
            "status": "completed",
            "source": "RecordVerb",
            "date_created": now,
            "date_updated": now,
            "start_time": now,
            "uri": urlsplit(url).path + ".json",
        }
        self.api.recordings[sid] = Stored(speech, "audio/x-wav", listed, self.recording_not_ready)
        return {"RecordingSid": sid, "RecordingUrl": url, "RecordingDuration": seconds}

    def _tell_recorded(self, call: Call, url: str, facts: dict[str, str]) -> None:
        more = {
            "AccountSid": self.api.account_sid,
            "CallSid": call.sid,
            "RecordingStatus": "completed",
            "RecordingChannels": "1",
            "RecordingSource": "RecordVerb",
            "RecordingStartTime": format_datetime(datetime.now(UTC)),
        }
        # Callbacks have no fallback.
        call.deliveries.append(self.deliver(url, list((more | facts).items())))

    # --- calls of the gateway's own

    def wait_for_call(self, to: str, seconds: float = 20) -> Placed | None:
        """The first call placed to a number, or None when time is up."""
        deadline = time.monotonic() + seconds
        with self.api.changed:
            while True:
                placed = next((one for one in self.api.placed if one.to == to), None)
                if placed is not None or not self.api.changed.wait(max(0.0, deadline - time.monotonic())):
                    return placed

    def pick_up(self, placed: Placed, keys: Iterable[str] = ()) -> Call:
        """Somebody answers a call that was placed, and presses a key at each Gather; then it has ended."""
        call = Call(placed.sid)
        self._converse(call, self._outbound(placed), iter(keys), None, "at_end", callback_first=False, url=placed.url)
        self.end_placed(placed, "completed")
        return call

    def end_placed(self, placed: Placed, status: str) -> Delivery | None:
        """Tell how a placed call ended: completed, busy, no-answer, failed, canceled."""
        for listed in self.api.calls:
            if listed["sid"] == placed.sid:
                listed["status"] = status
        if placed.status_callback is None:
            return None
        return self.deliver(placed.status_callback, list((self._outbound(placed) | {"CallStatus": status}).items()))

    def _outbound(self, placed: Placed) -> dict[str, str]:
        numbers = {"From": placed.sender, "Caller": placed.sender, "To": placed.to, "Called": placed.to}
        known = {"AccountSid": self.api.account_sid, "ApiVersion": VERSION, "CallSid": placed.sid}
        return {**known, **numbers, "CallStatus": "in-progress", "Direction": "outbound-api"}

    # --- webhooks

    def post(self, url: str, fields: Fields, signature: str | None = None) -> Delivery:
        """Post a webhook, signed unless a ``signature`` is given; a failed connection is tried once more."""
        stated = sign(url, fields, self.api.auth_token) if signature is None else signature
        target = self._connect_to + url.removeprefix(self.app) if url.startswith(self.app) else url
        started = time.monotonic()
        for attempt in (1, 2):
            try:
                got = requests.post(
                    target,
                    data=fields,
                    headers={"X-Twilio-Signature": stated},
                    timeout=_PATIENCE,
                    allow_redirects=False,
                )
            except requests.ConnectionError:
                if attempt == 1:
                    continue
                break
            except requests.Timeout:
                break
            return Delivery(url, fields, got.status_code, got.text, time.monotonic() - started)
        return Delivery(url, fields, 0, "", time.monotonic() - started)

    def deliver(self, url: str, fields: Fields, fallback: str | None = None) -> Delivery:
        """Post a webhook as the provider does: perhaps it is lost on the way, and what fails goes to the fallback."""
        if self._loses():
            return Delivery(url, fields, 0, "", 0.0)
        got = self.post(url, fields)
        if got.status in (200, 204) or fallback is None or fallback == url:
            return got
        # Its error 11200: nobody answered, or not with 200.
        return self.post(fallback, [*fields, ("ErrorCode", "11200"), ("ErrorUrl", url)])

    def _loses(self) -> bool:
        with self._chance_lock:
            lost = self._chance.random() < self.drop_rate
            self.dropped += lost
        return lost

    def again(self, delivery: Delivery) -> Delivery:
        """Deliver the very same webhook once more."""
        return self.post(delivery.url, delivery.fields)

    # --- as a program

    def _answer(self, asked: Asked) -> Answer:
        if not asked.path.startswith("/control/"):
            return self.api.answer(asked)
        match asked.method, asked.path:
            case "GET", "/control/sent":
                return Answer.of_json([vars(message) for message in self.api.sent])
            case "POST", "/control/text":
                facts = json.loads(asked.body)
                return Answer.of_json(vars(self.text(facts["from"], facts["to"], facts["body"])))
            case "POST", "/control/call":
                facts = json.loads(asked.body)
                speech = Path(facts["wav"]).read_bytes() if "wav" in facts else None
                return Answer.of_json({"said": self.call(facts["from"], facts["to"], speech).said})
        return Answer.of_json({"message": "only /control/text, /control/call and /control/sent"}, 404)


def main() -> None:
    """Run the provider until interrupted."""
    parser = argparse.ArgumentParser(description="A stand-in for the telephone provider.")
    parser.add_argument("--app", default="http://127.0.0.1:8080", help="the gateway's public address")
    parser.add_argument("--port", type=int, default=0, help="where to listen (default: any free port)")
    parser.add_argument("--account", help="account SID (default: a new one)")
    parser.add_argument("--token", help="auth token (default: a new one)")
    given = parser.parse_args()
    with Telephone(given.app, account_sid=given.account, auth_token=given.token, port=given.port) as provider:
        facts: dict[str, Any] = {"api": provider.base, "account": provider.api.account_sid}
        print(json.dumps(facts | {"token": provider.api.auth_token}), flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
