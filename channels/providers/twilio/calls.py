"""What Twilio's requests say of a call (twilio.com/docs/voice/twiml#request-parameters), and calls of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

import requests

from channels.base.call_steps import CallEnd
from channels.base.callers import phone_address
from channels.base.provider_requests import CallToPlace
from channels.base.values import Fields, IncomingCall, Recording
from channels.providers.twilio.account import Account
from channels.providers.twilio.listing import find_placed
from channels.providers.twilio.proof import provider_identifier
from channels.providers.twilio.send import create
from config.phone_numbers import DEFAULT_REGION

_ENDS = {
    "completed": CallEnd.ANSWERED,
    "busy": CallEnd.MISSED,
    "no-answer": CallEnd.MISSED,
    "canceled": CallEnd.MISSED,
    "failed": CallEnd.FAILED,
}
_CLOCKS_APART = timedelta(minutes=5)


def place_call(session: requests.Session, account: Account, call: CallToPlace, *, sender: str) -> str:
    """Have a telephone ring, unless an earlier attempt is found to have done so; the call's SID."""
    if call.attempted_at is not None:
        since = call.attempted_at - _CLOCKS_APART
        if (placed := find_placed(session, account, to=call.to, since=since, known=call.others)) is not None:
            return placed
    form = {"To": call.to, "From": sender, "Url": call.answer_url, "Timeout": str(call.ring_seconds)}
    return create(session, account, "Calls.json", {**form, "StatusCallback": call.status_callback})


def parse_call_end(params: Mapping[str, str]) -> CallEnd | None:
    """How a call of ours ended."""
    return _ENDS.get(params.get("CallStatus", ""))


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
