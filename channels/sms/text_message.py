"""Text messages: how one is recognised, and how it is answered."""

from __future__ import annotations

import base64
import codecs
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

from channels.base.callers import phone_address
from channels.base.errors import RefusalReason, RequestRefused
from channels.base.provider_fields import TextProvider
from channels.base.values import Address, Command, CommandKind, Fields, IncomingText, Outgoing, RemoteMedium
from channels.intent.erasure_wish import erasure_wish_in_longer_text
from channels.intent.keyword_commands import folded_message, keyword_command_in
from channels.intent.reactions import reaction_in
from config.enums import Channel
from config.phone_numbers import DEFAULT_REGION, to_e164
from config.wording.consultation import Consultation
from config.wording.message_catalog import count_segments, resident_text

_PROVIDER_KEYWORDS = {"STOP": CommandKind.STOP, "START": CommandKind.START, "HELP": CommandKind.HELP}
_BASE64 = re.compile(r"[A-Za-z0-9+/]{60,}={0,2}")
_UNTITLED = ("no subject", "nosubject", "sans objet", "aucun objet")
"""What telephones write above a picture message that has no subject."""
_LONGEST_ADDRESS = 255
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


def parse_text_message(
    params: Mapping[str, str], provider: TextProvider, *, region: str = DEFAULT_REGION
) -> list[IncomingText]:
    """The text message a webhook carries, its proof already checked; ``Refused`` when it is none.

    ``region`` says whose national numbers are meant: telephones hand over 06… as well as +336…. What it asks for is
    found out later (``understand_text``); here ``command`` is only what the provider says that it was.
    """
    posted = params if isinstance(params, Fields) else Fields(params)
    if any(name not in posted for name in provider.needed):
        raise RequestRefused(RefusalReason.MALFORMED)
    account, message = provider.identity(posted)
    body = _words(posted, provider)
    keyword = _PROVIDER_KEYWORDS.get(posted.get(provider.keyword, ""))
    media = _pictures(posted, provider) if provider.pictures else ()
    return [
        IncomingText(
            account=account,
            external_id=message,
            sender=phone_address(posted.get(provider.sender, ""), region),
            addressed_to=_receiver(posted.get(provider.receiver, ""), region),
            body=body,
            media=media,
            command=Command(keyword) if keyword else None,
            messaging_service=posted.get(provider.service, "")[:_LONGEST_ADDRESS],
            answered=keyword is not None,
            sent_at=_moment(posted.get(provider.sent_at, "")),
            kept_back=provider.kept_back(posted),
        )
    ]


def understand_text(text: IncomingText) -> IncomingText:
    """The same text with what it asks for: a keyword, a reaction, a wish besides. Twice is once."""
    command = keyword_command_in(text.body) if not text.media and not text.kept_back else None
    told = text.command
    if told is not None and (command is None or command.kind is not told.kind):
        command = told
    return replace(
        text,
        command=command,
        reaction=reaction_in(text.body) if not text.media else None,
        besides=erasure_wish_in_longer_text(text.body) if command is None else None,
    )


@lru_cache(maxsize=64)
def _receiver(said: str, region: str) -> str:
    """The number a text came to, spelled like its sender's; a name stays as it is. A town has few."""
    return to_e164(said, region) or _CONTROL.sub("", said).strip()[:_LONGEST_ADDRESS]


def _moment(said: str) -> datetime | None:
    """A provider's time; None where it says none, or none that can be compared."""
    try:
        moment = datetime.fromisoformat(said)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def clean_body(body: str) -> str:
    """What was typed, without control characters; some carriers pass long messages on in base64."""
    joined = body.strip().replace("\r\n", "").replace("\n", "")
    if _BASE64.fullmatch(joined):
        decoded = _decoded(joined)
        if " " in decoded and not _CONTROL.search(decoded):
            body = decoded
    return _CONTROL.sub("", body).replace("\r\n", "\n").replace("\r", "\n").strip()


def _words(posted: Fields, provider: TextProvider) -> str:
    """What was typed; of a picture message also its subject, where people write all they have to say."""
    body, subject = (clean_body(posted.get(name, "")) for name in (provider.body, provider.subject))
    if folded_message(subject) in ("", *_UNTITLED) or body.startswith(subject):
        return body
    return f"{subject}\n{body}".strip()


def _decoded(joined: str) -> str:
    """Base64 as UTF-8, empty where it is none; cut where a message was cut, U+FFFD stands for half a character."""
    bare = joined.rstrip("=")
    raw = base64.b64decode(bare[: len(bare) // 4 * 4] + _last_bytes(bare[len(bare) // 4 * 4 :]))
    start = next((at for at, byte in enumerate(raw[:4]) if not 0x80 <= byte < 0xC0), 4)
    if start > 3:
        return ""
    try:
        text, used = codecs.utf_8_decode(raw[start:], "strict", False)
    except UnicodeDecodeError:
        return ""
    return ("\ufffd" if start else "") + text + ("\ufffd" if used < len(raw) - start else "")


def _last_bytes(rest: str) -> str:
    """The last, incomplete four characters of base64 with its padding; one character alone holds no byte."""
    return rest + "=" * (-len(rest) % 4) if len(rest) > 1 else ""


def compose_text_message(
    key: str, to: Address, language: str, consultation: Consultation | None, **facts: object
) -> Outgoing:
    """The answer ``key`` of ``config.wording.message_catalog`` as a text message, with its cost in segments."""
    body = resident_text(key, language, consultation, **facts)
    return Outgoing(Channel.SMS, to, body, segments=count_segments(body).count)


def _pictures(posted: Fields, fields: TextProvider) -> tuple[RemoteMedium, ...]:
    """The pictures at the provider; their number is the provider's claim, the addresses are what counts."""
    number = posted[fields.pictures]
    if not re.fullmatch(r"[0-9]{1,2}", number):
        raise RequestRefused(RefusalReason.MALFORMED)
    urls = [posted.get(fields.picture_url.format(i), "") for i in range(int(number))]
    types = [posted.get(fields.picture_type.format(i), "") for i in range(int(number))]
    return tuple(RemoteMedium(url, kind) for url, kind in zip(urls, types, strict=True) if url)
