"""Events of the app "SMS Gateway for Android" as it posts them: one line each, what differs from a usual text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.gateway.door_contract import Case
from tests.gateway.text_cases import EMPTY, MALFORMED, PARKS_NUMBER, THEMED, keyword, said, themed


def ago(**age: float) -> str:
    return (datetime.now(UTC) - timedelta(**age)).isoformat(timespec="milliseconds")


DEVICE = "ffffffffceb0b1db0000018e937c815b"
EVENT: dict[str, Any] = {
    "deviceId": DEVICE,
    "event": "sms:received",
    "id": "Ey6ECgOkVVFjz3CL48B8C",
    "payload": {
        "messageId": "b3c1a7",
        "message": "Plus de bancs",
        "sender": "+33639980001",
        "recipient": "+33298000000",
        "phoneNumber": "+33639980001",
        "simNumber": 1,
        "receivedAt": ago(minutes=1),
    },
    "webhookId": "LreFUt-Z3sSq0JufY9uWB",
}


def p(payload: dict[str, Any] | None = None, makes: dict[str, Any] | None = None, **event: Any) -> Case:
    """An event whose payload differs in these fields (None: null), ``event`` in others; ``DROP`` leaves out."""
    more = {name: event.pop(name) for name in ("status", "before") if name in event}
    return Case({"payload": payload or {}, **event}, makes or {}, **more)


DROP = object()
ON_THE_PHONE = {"needs": ["The pictures of this message stay on the telephone that received it."]}
MMS = {"message": DROP, "transactionId": "T1", "subject": "Un trou", "attachmentCount": 1, "size": 9000}
OLD = {"sender": DROP, "recipient": DROP}
STOP, START = {"message": "STOP"}, {"message": "REPRENDRE"}
WISHES = {"intakes": 2, "kinds": ["keyword"] * 2, "opted_out": [False]}
TWO = {"intakes": 2, "contributions": 2, "answers": ["receipt"] * 2, **THEMED}

PHONE: dict[str, Case] = {
    "a text": p({}, themed("Plus de bancs")),
    "a text of an app before 2026": p(OLD, themed("Plus de bancs")),
    "a text of an app after phoneNumber": p({"phoneNumber": DROP}, themed("Plus de bancs")),
    "a telephone that does not know its number": p({"recipient": None}, themed("Plus de bancs")),
    "the other card's number": p(
        {"recipient": PARKS_NUMBER, "simNumber": 2}, themed("Plus de bancs", consultations=["parcs"])
    ),
    "a card without a number": p({"simNumber": None}, themed("Plus de bancs")),
    "emoji and accents": p({"message": "Éclairer le 🌳 svp"}, themed("Éclairer le 🌳 svp")),
    "half an emoji": p({"message": "Un \ud83c banc"}, themed("Un ? banc")),
    "lines": p({"message": "un\r\ndeux"}, themed("un\ndeux")),
    "nothing": p({"message": ""}, said("", **EMPTY)),
    "a number instead of words": p({"message": 12}, themed("12")),
    "a list instead of words": p({"message": ["a"]}, said("", **EMPTY)),
    "a sender with a name": p({"sender": "BANQUE"}, themed("Plus de bancs", nobody=1, answers=["no_address"])),
    "a sender that is withheld": p(
        {"sender": "", "phoneNumber": ""}, themed("Plus de bancs", nobody=1, answers=["no_address"])
    ),
    "a sender without its country": p({"sender": "36179"}, themed("Plus de bancs", nobody=1, answers=["no_address"])),
    "fields nobody knows": p({"partsCount": 2}, themed("Plus de bancs"), batteryLevel=80),
    "a time that is none": p({"receivedAt": "hier"}, themed("Plus de bancs")),
    "a time without a zone": p({"receivedAt": "2026-11-21T10:00:00"}, themed("Plus de bancs")),
    "a time in the future": p({"receivedAt": "2999-01-01T00:00:00.000Z"}, themed("Plus de bancs")),
    "delivered again under another event id": p(
        {}, themed("Plus de bancs"), id="another", before=({},), webhookId="another"
    ),
    "another text under the same messageId": p(
        {"message": "Des arbres", "receivedAt": ago(minutes=1)},
        {**TWO, "says": ["Plus de bancs", "Des arbres"], "contributions": 1, "answers": ["receipt"]},
        before=({"payload": {"receivedAt": ago(minutes=2)}},),
    ),
    "a whole night's texts at once, hours apart": p(
        {"message": "Des arbres", "receivedAt": ago(hours=1)},
        {**TWO, "says": ["Plus de bancs", "Des arbres"]},
        before=({"payload": {"receivedAt": ago(hours=9)}},),
    ),
    "the same, in the wrong order": p(
        {"message": "Des arbres", "receivedAt": ago(hours=9, minutes=3)},
        {**TWO, "says": ["Plus de bancs", "Des arbres"], "contributions": 1, "answers": ["receipt"]},
        before=({"payload": {"receivedAt": ago(hours=9)}},),
    ),
    "stop": p(STOP, keyword("STOP", "stop", opted_out=[True])),
    "stop, then start, after hours without the net": p(
        {**START, "receivedAt": ago(hours=2)},
        {**keyword("STOP", "stop"), **WISHES, "says": ["STOP", "REPRENDRE"], "answers": ["stop", "start"]},
        before=({"payload": {**STOP, "receivedAt": ago(hours=3)}},),
    ),
    "start, then the stop that was sent before it": p(
        {**STOP, "receivedAt": ago(hours=3)},
        {**keyword("STOP", "stop"), **WISHES, "says": ["REPRENDRE", "STOP"], "answers": ["start"]},
        before=({"payload": {**START, "receivedAt": ago(hours=2)}},),
    ),
    "stop, then the start that was sent before it": p(
        {**START, "receivedAt": ago(hours=3)},
        {**keyword("STOP", "stop"), **WISHES, "says": ["STOP", "REPRENDRE"], "opted_out": [True]},
        before=({"payload": {**STOP, "receivedAt": ago(hours=2)}},),
    ),
    "a stop of days ago": p({**STOP, "receivedAt": ago(days=2)}, keyword("STOP", None, opted_out=[True])),
    "help": p({"message": "aide ?"}, keyword("aide ?", "help")),
    "a picture message": p(MMS, themed("Un trou", **ON_THE_PHONE), event="mms:received"),
    "a picture message without pictures": p({**MMS, "attachmentCount": 0}, themed("Un trou"), event="mms:received"),
    "a picture message that does not count its pictures": p(
        {**MMS, "attachmentCount": DROP}, themed("Un trou", **ON_THE_PHONE), event="mms:received"
    ),
    "a picture message without words": p(
        {**MMS, "attachmentCount": DROP, "subject": None}, said("", **ON_THE_PHONE), event="mms:received"
    ),
    "a picture message of a telephone that says it has no subject": p(
        {**MMS, "attachmentCount": DROP, "subject": "(no subject)"}, said("", **ON_THE_PHONE), event="mms:received"
    ),
    "a picture message with both": p(
        {**MMS, "message": "devant l'école"}, themed("Un trou\ndevant l'école", **ON_THE_PHONE), event="mms:received"
    ),
    "a national sender": p({"sender": "06 39 98 00 01"}, themed("Plus de bancs")),
    "one sender in three forms": p(
        {"message": "Des arbres", "sender": "0033639980001"},
        {**TWO, "says": ["Plus de bancs", "Des arbres"], "contributions": 1, "answers": ["receipt"]},
        before=({"payload": {"sender": "0639980001", "receivedAt": ago(minutes=2)}},),
    ),
    "stop in national form, then a text in the international one": p(
        {"sender": "+33639980001"},
        {
            "intakes": 2,
            "says": ["STOP", "Plus de bancs"],
            "kinds": ["keyword"],
            "contributions": 1,
            "answers": ["stop", "receipt"],
            "opted_out": [True],
            **THEMED,
        },
        before=({"payload": {**STOP, "sender": "33639980001", "receivedAt": ago(minutes=2)}},),
    ),
    "a receiver in national form": p({"recipient": "02 98 11 11 11"}, themed("Plus de bancs", consultations=["parcs"])),
    "the app is alive": p({"health": {"status": "pass"}}, {}, event="system:ping", status=204),
    "an event to come": p({}, {}, event="sms:data-received", status=204),
    "no event": p({}, {}, event=None, status=204),
    "a status of a text of somebody else's": p(
        {"messageId": "zXDYfTmTVf3iMd16zzdBj"}, {}, event="sms:sent", status=204
    ),
    "a status of a text never sent": p({"messageId": "portevoix-ville-7"}, {}, event="sms:failed", status=204),
    "no device": p({}, MALFORMED, deviceId="", status=403),
    "no message's name": p({"messageId": None}, MALFORMED, status=403),
    "no time": p({"receivedAt": None}, MALFORMED, status=403),
}

BODIES: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 403),
    "no JSON": (b"event=sms", 403),
    "JSON cut short": (b'{"event": "sms:rec', 403),
    "bytes that are no UTF-8": (b'{"event": "\xff"}', 403),
    "a list": (b"[1, 2]", 204),
    "null": (b"null", 204),
    "a number": (b"12", 204),
    "brackets without end": (b"[" * 100_000, 403),
    "a number without end": (b"9" * 10_000, 403),
    "a form": (b"event=sms%3Areceived&deviceId=1", 403),
}
