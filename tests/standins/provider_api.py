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
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from tests.standins.web import Answer, Asked

VERSION = "2010-04-01"
_PATH = re.compile(rf"/{VERSION}/Accounts/(?P<account>AC[0-9a-f]{{32}})/(?P<rest>.+)")
_RECORDING = re.compile(r"Recordings/(?P<sid>RE[0-9a-f]{32})(?:\.(?P<form>wav|json))?")
_MEDIUM = re.compile(r"Messages/(?P<message>[SM]M[0-9a-f]{32})/Media/(?P<sid>ME[0-9a-f]{32})(?:\.json)?")
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
    opted_out: set[str] = field(default_factory=set)
    refusals: list[tuple[int, int]] = field(default_factory=list)
    """(HTTP status, provider's error code) for the next requests to send; 429 and 20429 is "slow down"."""
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
        if rest == "Messages.json":
            return self._send(dict(asked.form())) if asked.method == "POST" else self._list_messages(asked)
        if rest == "Recordings.json":
            return _page("recordings", [kept.facts for kept in self.recordings.values()], asked)
        if (found := _RECORDING.fullmatch(rest)) is not None:
            return self._stored(self.recordings, found["sid"], asked, as_json=found["form"] == "json")
        if (found := _MEDIUM.fullmatch(rest)) is not None:
            if asked.method == "GET" and self.storage_base and found["sid"] in self.pictures:
                return Answer(307, headers={"Location": f"{self.storage_base}/storage/{found['sid']}"})
            return self._stored(self.pictures, found["sid"], asked)
        if (found := _MESSAGE.fullmatch(rest)) is not None and asked.method == "DELETE":
            self.deleted.append(found["sid"])
            return Answer(204)
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

    def _list_messages(self, asked: Asked) -> Answer:
        messages = self.received + [self._outgoing(message) for message in self.sent]
        wanted = [one for one in messages if asked.query.get("To") in {None, one["to"]}]
        return _page("messages", wanted, asked)

    def _outgoing(self, message: Sent) -> dict[str, Any]:
        return message_facts(
            self.account_sid, message.sid, message.sender, message.to, message.body, "outbound-api", "queued"
        )


def message_facts(
    account: str, sid: str, sender: str, to: str, body: str, direction: str, status: str, pictures: int = 0
) -> dict[str, Any]:
    """A message as the API lists it."""
    now = format_datetime(datetime.now(UTC))
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


def _page(name: str, rows: list[dict[str, Any]], asked: Asked) -> Answer:
    """One page of a list, newest first, with the address of the next one."""
    size, number = int(asked.query.get("PageSize", 50)), int(asked.query.get("Page", 0))
    newest_first = list(reversed(rows))
    shown = newest_first[number * size : (number + 1) * size]
    more = (number + 1) * size < len(rows)
    following = f"{asked.path}?PageSize={size}&Page={number + 1}&PageToken=PA{number + 1}" if more else None
    page = {"page": number, "page_size": size, "uri": asked.path, "next_page_uri": following, name: shown}
    return Answer.of_json(page)
