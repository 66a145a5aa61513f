"""What the provider tells of a text of ours: one line each, in which order, and what the message is then."""

from __future__ import annotations

from typing import Any

from tests.gateway.door_contract import Case

OURS = "SM" + "5" * 32
KNOWN, EARLY = "/hooks/sms/status?m=1", "/hooks/sms/status?m=1&early"
"""``early``: our row does not know the provider's identifier yet."""
PLAIN = "/hooks/sms/status"


def s(status: str, state: str, *before: str, path: str = KNOWN, answer: int = 200, **fields: Any) -> Case:
    made: dict[str, Any] = {"state": state}
    made |= {"opted_out": [True]} if fields.get("ErrorCode") == "21610" and answer == 200 else {}
    made |= {"refused": ["malformed"]} if answer == 403 else {}
    came = tuple({"MessageStatus": one, "SmsStatus": one} for one in before)
    return Case({"MessageStatus": status, "SmsStatus": status, **fields}, made, path, answer, came)


STATUSES: dict[str, Case] = {
    "accepted": s("accepted", "sent"),
    "scheduled": s("scheduled", "sent"),
    "queued": s("queued", "sent"),
    "sending": s("sending", "sent"),
    "sent": s("sent", "sent"),
    "delivered": s("delivered", "delivered"),
    "read, on a channel that tells": s("read", "delivered"),
    "undelivered, telephone off": s("undelivered", "failed", ErrorCode="30003"),
    "undelivered, number gone": s("undelivered", "failed", ErrorCode="30005"),
    "undelivered, fixed line": s("undelivered", "failed", ErrorCode="30006"),
    "undelivered, filtered by the carrier": s("undelivered", "failed", ErrorCode="30007"),
    "failed": s("failed", "failed", ErrorCode="30008"),
    "failed, opted out at the provider": s("failed", "failed", ErrorCode="21610"),
    "a state nobody knows": s("teleported", "sent"),
    "no state": s("", "sent"),
    "sent after delivered": s("sent", "delivered", "delivered"),
    "queued after delivered": s("queued", "delivered", "delivered"),
    "all in order": s("delivered", "delivered", "queued", "sending", "sent"),
    "all in the wrong order": s("queued", "delivered", "delivered", "sent", "sending"),
    "failed after sent": s("undelivered", "failed", "sent", ErrorCode="30003"),
    "sent after failed": s("sent", "failed", "failed"),
    "without our number, as older texts": s("delivered", "delivered", path=PLAIN),
    "before we know the identifier": s("delivered", "delivered", path=EARLY),
    "sent, before we know the identifier": s("sent", "sent", path=EARLY),
    "failed, before we know the identifier": s("failed", "failed", path=EARLY, ErrorCode="30008"),
    "opted out, before we know the identifier": s("failed", "failed", path=EARLY, ErrorCode="21610"),
    "two before we know the identifier, in the wrong order": s("sent", "delivered", "delivered", path=EARLY),
    "another's identifier with our number": s("delivered", "sent", MessageSid="SM" + "6" * 32),
    "a number of ours that is none": s("delivered", "sent", path=f"{PLAIN}?m=9999", MessageSid="SM" + "6" * 32),
    "a number of ours that is no number": s("delivered", "delivered", path=f"{PLAIN}?m=1%27--"),
    "a text we never sent": s("delivered", "sent", path=PLAIN, MessageSid="SM" + "7" * 32),
    "when it was delivered to the telephone": s("delivered", "delivered", RawDlrDoneDate="2611211000"),
    "an error code that is none": s("failed", "failed", ErrorCode="x"),
    "the identifier of a call": s("delivered", "sent", MessageSid="CA" + "5" * 32, answer=403),
    "no identifier": s("delivered", "sent", MessageSid=None, answer=403),
}
