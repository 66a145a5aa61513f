"""Text messages: how one is recognised, and how it is answered."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass

from channels import twilio
from channels.errors import RefusalReason, Refused
from channels.keywords import command_in
from channels.phone import phone
from channels.values import Address, Command, CommandKind, Fields, IncomingText, Outgoing, RemoteMedium
from config.consultation import Consultation
from config.names import Channel
from config.texts import resident_text, segments


@dataclass(frozen=True)
class TextFields:
    """What a provider calls the fields of a text message; ``{}`` in a name is the picture's number."""

    message: str
    message_form: str
    account: str
    account_form: str
    sender: str
    receiver: str
    body: str
    pictures: str
    picture_url: str
    picture_type: str
    service: str
    keyword: str


TWILIO = TextFields(
    message="MessageSid",
    message_form="SM|MM",
    account="AccountSid",
    account_form="AC",
    sender="From",
    receiver="To",
    body="Body",
    pictures="NumMedia",
    picture_url="MediaUrl{}",
    picture_type="MediaContentType{}",
    service="MessagingServiceSid",
    keyword="OptOutType",
)
_PROVIDER_KEYWORDS = {"STOP": CommandKind.STOP, "START": CommandKind.START, "HELP": CommandKind.HELP}
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4}){15,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


def parse(params: Mapping[str, str], fields: TextFields = TWILIO) -> list[IncomingText]:
    """The text message a webhook carries, its signature already checked; ``Refused`` when it is none."""
    posted = params if isinstance(params, Fields) else Fields(params)
    if any(name not in posted for name in (fields.sender, fields.receiver, fields.pictures)):
        raise Refused(RefusalReason.MALFORMED)
    body = clean_body(posted.get(fields.body, ""))
    keyword = _PROVIDER_KEYWORDS.get(posted.get(fields.keyword, ""))
    media = _pictures(posted, fields)
    command = command_in(body) if not media else None
    if keyword and (command is None or command.kind is not keyword):
        command = Command(keyword)
    return [
        IncomingText(
            account=twilio.identity(posted, fields.account, fields.account_form),
            external_id=twilio.identity(posted, fields.message, fields.message_form),
            sender=phone(posted[fields.sender]),
            addressed_to=posted[fields.receiver].strip(),
            body=body,
            media=media,
            command=command,
            messaging_service=posted.get(fields.service, ""),
            answered=keyword is not None,
        )
    ]


def clean_body(body: str) -> str:
    """What was typed, without control characters; some carriers pass long messages on in base64."""
    joined = body.strip().replace("\r\n", "").replace("\n", "")
    if _BASE64.fullmatch(joined):
        try:
            decoded = base64.b64decode(joined, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            decoded = ""
        if " " in decoded and not _CONTROL.search(decoded):
            body = decoded
    return _CONTROL.sub("", body).replace("\r\n", "\n").replace("\r", "\n").strip()


def compose(key: str, to: Address, language: str, consultation: Consultation | None, **facts: object) -> Outgoing:
    """The answer ``key`` of ``config.texts`` as a text message."""
    return message(to, resident_text(key, language, consultation, **facts))


def message(to: Address, body: str) -> Outgoing:
    """A text message of these words, with its cost in segments."""
    return Outgoing(Channel.SMS, to, body, segments=segments(body).count)


def _pictures(posted: Fields, fields: TextFields) -> tuple[RemoteMedium, ...]:
    """The pictures at the provider; their number is the provider's claim, the addresses are what counts."""
    number = posted[fields.pictures]
    if not re.fullmatch(r"[0-9]{1,2}", number):
        raise Refused(RefusalReason.MALFORMED)
    urls = [posted.get(fields.picture_url.format(i), "") for i in range(int(number))]
    types = [posted.get(fields.picture_type.format(i), "") for i in range(int(number))]
    return tuple(RemoteMedium(url, kind) for url, kind in zip(urls, types, strict=True) if url)
