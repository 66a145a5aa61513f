"""What Twilio's requests say of a call (twilio.com/docs/voice/twiml#request-parameters)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from channels.base.callers import phone_address
from channels.base.values import Fields, IncomingCall, Recording
from channels.providers.twilio.proof import provider_identifier
from config.phone_numbers import DEFAULT_REGION


def parse_call(params: Mapping[str, str], *, region: str = DEFAULT_REGION) -> IncomingCall:
    """The call a webhook or a recording's status callback is about, its signature already checked.

    ``region`` says whose national numbers are meant.
    """
    fields = params if isinstance(params, Fields) else Fields(params)
    recording = None
    if fields.get("RecordingSid"):
        seconds = fields.get("RecordingDuration", "")
        recording = Recording(
            provider_identifier(fields, "RecordingSid", "RE"),
            fields.get("RecordingUrl", ""),
            int(seconds) if re.fullmatch(r"[0-9]{1,6}", seconds) else 0,
            absent=fields.get("RecordingStatus") in ("absent", "failed"),
        )
    digits = fields.get("Digits", "")
    return IncomingCall(
        account=provider_identifier(fields, "AccountSid", "AC"),
        external_id=provider_identifier(fields, "CallSid", "CA"),
        caller=phone_address(fields.get("From", ""), region),
        addressed_to=fields.get("To", "").strip(),
        digits="" if digits == "hangup" else re.sub(r"[^0-9*#]", "", digits),
        recording=recording,
        ended=digits == "hangup"
        or fields.get("CallStatus") in ("completed", "busy", "failed", "no-answer", "canceled"),
        failed_at=fields.get("ErrorUrl", ""),
    )
