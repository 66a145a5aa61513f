"""What Twilio calls the fields of a text message (twilio.com/docs/messaging/guides/webhook-request)."""

from __future__ import annotations

from channels.base.provider_fields import TextProvider
from channels.base.values import Fields
from channels.providers.twilio.proof import provider_identifier


def _identity(posted: Fields) -> tuple[str, str]:
    return provider_identifier(posted, "AccountSid", "AC"), provider_identifier(posted, "MessageSid", "SM|MM")


TEXTS = TextProvider(
    identity=_identity,
    sender="From",
    receiver="To",
    body="Body",
    needed=("From", "To", "NumMedia"),
    pictures="NumMedia",
    picture_url="MediaUrl{}",
    picture_type="MediaContentType{}",
    service="MessagingServiceSid",
    keyword="OptOutType",
)
