"""The provider's REST side: recordings and pictures to fetch, messages to send, lists to reconcile with.

Shapes after the provider's own OpenAPI description (twilio-oai, ``twilio_api_v2010``): Messages, Recordings, Media.
"""

from __future__ import annotations

import base64
import hmac
import re
import threading
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.standins.provider_lists import call_facts, list_page, moment
from tests.standins.web import Answer, Asked

VERSION = "2010-04-01"
_PATH = re.compile(rf"/{VERSION}/Accounts/(?P<account>AC[0-9a-f]{{32}})/(?P<rest>.+)")
_RECORDING = re.compile(r"Recordings/(?P<sid>RE[0-9a-f]{32})(?:\.(?P<form>wav|json))?")
_MEDIUM = re.compile(r"Messages/(?P<message>[SM]M[0-9a-f]{32})/Media/(?P<sid>ME[0-9a-f]{32})(?:\.json)?")
_MEDIA = re.compile(r"Messages/(?P<message>[SM]M[0-9a-f]{32})/Media\.json")
_CALL = re.compile(r"Calls/(?P<sid>CA[0-9a-f]{32})\.json")
_MESSAGE = re.compile(r"Messages/(?P<sid>[SM]M[0-9a-f]{32})\.json")


def new_sid(prefix: str) -> str:
    """An identifier of the provider's form: two letters and 32 hexadecimal digits."""
    return prefix + uuid.uuid4().hex


@dataclass
class Stored:
    """A recording or a picture the provider keeps."""

    content: bytes
    content_type: str
    facts: dict[str, Any]
    not_ready: int = 0
    """How many more requests are told that the file does not exist yet."""
    fetched: int = 0


@dataclass(frozen=True)
class Sent:
    """A message somebody asked the provider to send."""

    sid: str
    to: str
    sender: str
    body: str
    status_callback: str | None
    status: str = "queued"
    error: int | None = None
    sent: str = field(default_factory=moment)


@dataclass(frozen=True)
class Placed:
    """A call somebody asked the provider to place."""

    sid: str
    to: str
    sender: str
    url: str
    """Asked what to say once somebody has picked up."""
    status_callback: str | None


@dataclass
class ProviderApi:
    """What the provider stores, and how it answers for it."""

    account_sid: str
    auth_token: str
    recordings: dict[str, Stored] = field(default_factory=dict)
    pictures: dict[str, Stored] = field(default_factory=dict)
    received: list[dict[str, Any]] = field(default_factory=list)
    """Every text that came in, whether or not its webhook was answered: what a reconciler finds."""
    sent: list[Sent] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)
    """Calls that were asked for; ``Telephone.pick_up`` and ``miss`` play who they go to."""
    opted_out: set[str] = field(default_factory=set)
    refusals: list[tuple[int, int]] = field(default_factory=list)
    """(HTTP status, provider's error code) for the next requests to send; 429 and 20429 is "slow down"."""
    calls: list[dict[str, Any]] = field(default_factory=list)
    """Every call, whether or not anybody heard of it."""
    list_refusals: list[int] = field(default_factory=list)
    """HTTP statuses for the next requests of a list; 429 is "slow down"."""
    asked: list[str] = field(default_factory=list)
    """Every request of the API, "GET Messages.json"."""
    deleted: list[str] = field(default_factory=list)
    unauthorised: int = 0
    leaked_credentials: int = 0
    """Requests to the storage host that carried credentials, which belong to the API only."""
    storage_base: str | None = None
    """Pictures are redirected there, as the provider does; None serves them in place."""
    changed: threading.Condition = field(default_factory=threading.Condition)

    def answer(self, asked: Asked) -> Answer:
        """Answer one request of the REST API."""
        if (stored := re.fullmatch(r"/storage/(ME[0-9a-f]{32})", asked.path)) is not None:
            return self._from_storage(stored[1], asked)
        matched = _PATH.fullmatch(asked.path)
        if matched is None or matched["account"] != self.account_sid:
            return _problem(404, 20404, "The requested resource was not found")
        if not self._signed_in(asked):
            self.unauthorised += 1
            return _problem(401, 20003, "Authenticate")
        return self._resource(matched["rest"], asked)

    def _resource(self, rest: str, asked: Asked) -> Answer:
        self.asked.append(f"{asked.method} {rest}")
        if rest == "Messages.json" and asked.method == "POST":
            return self._send(dict(asked.form()))
        if rest == "Calls.json" and asked.method == "POST":
            return self._place(dict(asked.form()))
        if rest in ("Messages.json", "Calls.json", "Recordings.json"):
            return self._list(rest, asked)
        if (found := _MEDIA.fullmatch(rest)) is not None:
            pictures = [one.facts for one in self.pictures.values() if one.facts["parent_sid"] == found["message"]]
            return Answer.of_json({"media_list": pictures, "next_page_uri": None, "uri": asked.path})
        if (found := _RECORDING.fullmatch(rest)) is not None:
            return self._stored(self.recordings, found["sid"], asked, as_json=found["form"] == "json")
        if (found := _MEDIUM.fullmatch(rest)) is not None:
            if asked.method == "GET" and self.storage_base and found["sid"] in self.pictures:
                return Answer(307, headers={"Location": f"{self.storage_base}/storage/{found['sid']}"})
            return self._stored(self.pictures, found["sid"], asked)
        if (found := _MESSAGE.fullmatch(rest)) is not None and asked.method == "DELETE":
            return self._delete(found["sid"])
        if (found := _CALL.fullmatch(rest)) is not None and asked.method == "DELETE":
            return self._delete(found["sid"])
        return _problem(404, 20404, "The requested resource was not found")

    def _signed_in(self, asked: Asked) -> bool:
        expected = base64.b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()
        return hmac.compare_digest(asked.headers.get("authorization", ""), f"Basic {expected}")

    def _stored(self, among: dict[str, Stored], sid: str, asked: Asked, *, as_json: bool = False) -> Answer:
        kept = among.get(sid)
        if kept is None:
            return _problem(404, 20404, "The requested resource was not found")
        if asked.method == "DELETE":
            del among[sid]
            self.deleted.append(sid)
            return Answer(204)
        if as_json:
            return Answer.of_json(kept.facts)
        if kept.not_ready > 0:
            kept.not_ready -= 1
            return _problem(404, 20404, "The requested resource was not found")
        kept.fetched += 1
        return Answer(200, kept.content, kept.content_type)

    def _from_storage(self, sid: str, asked: Asked) -> Answer:
        if "authorization" in asked.headers:
            self.leaked_credentials += 1
        return self._stored(self.pictures, sid, asked)

    def _send(self, fields: dict[str, str]) -> Answer:
        if self.refusals:
            status, code = self.refusals.pop(0)
            return _problem(status, code, "Too Many Requests" if status == 429 else "Refused")
        missing = [name for name in ("To", "Body") if not fields.get(name)]
        if missing or not (fields.get("From") or fields.get("MessagingServiceSid")):
            return _problem(400, 21604, f"A required parameter is missing: {', '.join(missing) or 'From'}")
        if fields["To"] in self.opted_out:
            return _problem(400, 21610, "Attempt to send to unsubscribed recipient")
        sender = fields.get("From") or fields["MessagingServiceSid"]
        message = Sent(new_sid("SM"), fields["To"], sender, fields["Body"], fields.get("StatusCallback"))
        with self.changed:
            self.sent.append(message)
            self.changed.notify_all()
        return Answer.of_json(self._outgoing(message), 201)

    def _place(self, fields: dict[str, str]) -> Answer:
        if self.refusals:
            status, code = self.refusals.pop(0)
            return _problem(status, code, "Too Many Requests" if status == 429 else "Refused")
        missing = [name for name in ("To", "From", "Url") if not fields.get(name)]
        if missing:
            return _problem(400, 21201, f"A required parameter is missing: {', '.join(missing)}")
        if not fields["From"].startswith("+"):
            return _problem(400, 21212, "The source phone number is not valid")
        placed = Placed(new_sid("CA"), fields["To"], fields["From"], fields["Url"], fields.get("StatusCallback"))
        listed = call_facts(self.account_sid, placed.sid, placed.sender, placed.to, None)
        self.calls.append({**listed, "direction": "outbound-api", "status": "queued"})
        with self.changed:
            self.placed.append(placed)
            self.changed.notify_all()
        return Answer.of_json(self.calls[-1], 201)

    def _list(self, rest: str, asked: Asked) -> Answer:
        if self.list_refusals:
            return _problem(self.list_refusals.pop(0), 20429, "Too Many Requests")
        rows = {
            "Messages.json": lambda: self.received + [self._outgoing(message) for message in self.sent],
            "Calls.json": lambda: self.calls,
            "Recordings.json": lambda: [kept.facts for kept in self.recordings.values()],
        }
        return list_page(rest.removesuffix(".json").lower(), rows[rest](), asked)

    def _delete(self, sid: str) -> Answer:
        sent = [one for one in self.sent if one.sid == sid]
        listed = [one for one in (*self.received, *self.calls) if one["sid"] == sid]
        if not sent and not listed:
            return _problem(404, 20404, "The requested resource was not found")
        if any(one["status"] in ("queued", "in-progress") for one in listed):
            return _problem(409, 20009, "Cannot delete what is still in progress")
        self.sent[:] = [one for one in self.sent if one.sid != sid]
        for rows in (self.received, self.calls):
            rows[:] = [one for one in rows if one["sid"] != sid]
        self.deleted.append(sid)
        return Answer(204)

    def _outgoing(self, message: Sent) -> dict[str, Any]:
        listed = message_facts(
            self.account_sid, message.sid, message.sender, message.to, message.body, "outbound-api", message.status
        )
        dates = dict.fromkeys(("date_created", "date_sent", "date_updated"), message.sent)
        return {**listed, **dates, "error_code": message.error}


def message_facts(
    account: str,
    sid: str,
    sender: str,
    to: str,
    body: str,
    direction: str,
    status: str,
    pictures: int = 0,
    at: datetime | None = None,
) -> dict[str, Any]:
    """A message as the API lists it."""
    now = moment(at)
    return {
        "sid": sid,
        "account_sid": account,
        "messaging_service_sid": None,
        "from": sender,
        "to": to,
        "body": body,
        "direction": direction,
        "status": status,
        "num_segments": "1",
        "num_media": str(pictures),
        "date_created": now,
        "date_sent": now,
        "date_updated": now,
        "error_code": None,
        "error_message": None,
        "api_version": VERSION,
        "uri": f"/{VERSION}/Accounts/{account}/Messages/{sid}.json",
    }


def _problem(status: int, code: int, message: str) -> Answer:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return Answer.of_json({"code": code, "message": message, "more_info": more, "status": status}, status)
