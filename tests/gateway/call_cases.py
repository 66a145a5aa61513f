"""Requests of calls as the provider posts them: one line each, what differs from ``voice/ringing.form``, what is kept.

What is said is the dialogue's own table; here it is what becomes of it.
"""

from __future__ import annotations

from typing import Any

from tests.gateway.door_contract import Case
from tests.gateway.text_cases import ACCOUNT, MALFORMED, PARKS_NUMBER

CALL = "CA" + "6" * 32
ONE, TWO = "RE" + "7" * 32, "RE" + "9" * 32
ASKED = {"steps": ["list_recordings"]}
FETCHED = {"steps": ["fetch_media", "list_recordings"]}
GREETING, SPEAK, SPOKEN, CHOICE, THANKS, STATE = (
    f"/hooks/voice{where}" for where in ("", "/speak", "/spoken", "/choice", "/thanks", "/state")
)
RECORDING, ENDED = "/hooks/voice/recording", "/hooks/voice/status"


def url(sid: str) -> str:
    return f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/{sid}"


def recorded(sid: str = ONE, **more: Any) -> dict[str, Any]:
    """The recording ended, as the call's own request tells."""
    return {"RecordingSid": sid, "RecordingUrl": url(sid), "RecordingDuration": "12", **more}


def told(sid: str = ONE, **more: Any) -> dict[str, Any]:
    """The recording's own callback, which has no numbers."""
    nobody = dict.fromkeys(("From", "To", "Caller", "Called", "Direction", "CallStatus", "ApiVersion"))
    return {**nobody, **recorded(sid), "RecordingStatus": "completed", "RecordingSource": "RecordVerb", **more}


def at(path: str, fields: dict[str, Any]) -> dict[str, Any]:
    return {**fields, "PATH": path}


def rung(**more: Any) -> dict[str, Any]:
    """A call that has left nothing yet."""
    return {"intakes": 1, **ASKED, **more}


def spoke(*, recordings: int = 1, **more: Any) -> dict[str, Any]:
    """A call with one contribution, whose reference goes out by text too."""
    return {
        "intakes": 1,
        "says": [""],
        "contributions": 1,
        "media": ["audio/wav"] * recordings,
        "answers": ["call receipt"],
        **FETCHED,
        **more,
    }


def c(path: str, fields: dict[str, Any], makes: dict[str, Any], *before: dict[str, Any], status: int = 0) -> Case:
    return Case(fields, makes, path, status, before)


WITHHELD = {"From": "anonymous", "Caller": "anonymous"}
FIXED = {"From": "+33298445566", "Caller": "+33298445566"}
GIVEN = {"answers": ["spoken"]}
FR, EN = {"languages": ["fr"]}, {"languages": ["en"]}

CALLS: dict[str, Case] = {
    "it rings": c(GREETING, {}, rung()),
    "a withheld number": c(GREETING, {"From": "+266696687"}, rung(nobody=1)),
    "a number in words": c(GREETING, {"From": "Anonymous"}, rung(nobody=1)),
    "a fixed line": c(GREETING, FIXED, rung()),
    "an address of internet telephony": c(GREETING, {"From": "sip:lea@maison.example"}, rung(nobody=1)),
    "the other consultation's number": c(GREETING, {"To": PARKS_NUMBER}, rung(consultations=["parcs"])),
    "a number of no consultation": c(GREETING, {"To": "+33299999999"}, rung(consultations=[None])),
    "forwarded from the old number": c(GREETING, {"ForwardedFrom": "+33298999999"}, rung()),
    "with what the carrier attests": c(GREETING, {"StirVerstat": "TN-Validation-Passed-A"}, rung()),
    "a key during the greeting": c("/hooks/voice/key?l=fr", {"Digits": "3"}, rung(**FR), at(GREETING, {})),
    "the next language": c("/hooks/voice/key?l=fr", {"Digits": "9"}, rung(**FR)),
    "the greeting in English": c(f"{GREETING}/greeting?l=en", {}, rung(**EN)),
    "a language nobody has": c(f"{GREETING}/greeting?l=zz9", {}, rung()),
    "a place that is none": c(f"{GREETING}/nowhere?l=fr&n=99", {}, rung(**FR)),
    "silence, then the gentler prompt": c(f"{SPEAK}?l=fr&n=2", {}, rung(**FR), at(GREETING, {})),
    "the reference of another call, keyed": c(f"{STATE}?l=fr", {"Digits": "482915307"}, rung(**FR)),
    "keys that are no reference": c(f"{STATE}?l=fr", {"Digits": "12#*"}, rung(**FR)),
    "spoken": c(f"{SPOKEN}?l=fr", recorded(), spoke(**FR), at(GREETING, {})),
    "spoken by a fixed line": c(f"{SPOKEN}?l=fr", recorded(**FIXED), spoke(**GIVEN, **FR)),
    "spoken by a withheld number": c(f"{SPOKEN}?l=fr", recorded(**WITHHELD), spoke(nobody=1, **GIVEN, **FR)),
    "spoken, ended by the pound key": c(f"{SPOKEN}?l=fr", recorded(Digits="#"), spoke(**FR)),
    "spoken, then hung up": c(f"{SPOKEN}?l=fr", recorded(Digits="hangup", CallStatus="completed"), spoke(**FR)),
    "spoken in English": c(f"{SPOKEN}?l=en", recorded(), spoke(**EN)),
    "the callback alone": c(RECORDING, told(), spoke(nobody=1, consultations=[None], **GIVEN)),
    "the callback after the call's request": c(RECORDING, told(), spoke(**FR), at(f"{SPOKEN}?l=fr", recorded())),
    "the call's request after the callback": c(GREETING, {}, spoke(**GIVEN), at(RECORDING, told())),
    "the callback of a call that hung up": c(RECORDING, told(), spoke(), at(GREETING, {})),
    "nothing was recorded": c(
        RECORDING, told(RecordingStatus="absent", RecordingUrl="", RecordingDuration="-1"), rung(), at(GREETING, {})
    ),
    "the recording failed": c(RECORDING, told(RecordingStatus="failed"), rung(), at(GREETING, {})),
    "two recordings of one call": c(RECORDING, told(TWO), spoke(recordings=2, **FR), at(f"{SPOKEN}?l=fr", recorded())),
    "a recording on two channels": c(RECORDING, told(RecordingChannels="2"), spoke(), at(GREETING, {})),
    "listened to again": c(f"{CHOICE}?l=fr&r={ONE}", {"Digits": "1"}, spoke(**FR), at(f"{SPOKEN}?l=fr", recorded())),
    "started again, nothing said yet": c(
        f"{CHOICE}?l=fr&r={ONE}", {"Digits": "2"}, spoke(**FR), at(f"{SPOKEN}?l=fr", recorded())
    ),
    "started again, and spoken": c(
        f"{SPOKEN}?l=fr&r={ONE}",
        recorded(TWO),
        spoke(recordings=2, discarded=1, **FR),
        at(f"{SPOKEN}?l=fr", recorded()),
    ),
    "thanked": c(f"{THANKS}?l=fr&r={ONE}", {}, spoke(**FR), at(f"{SPOKEN}?l=fr", recorded())),
    "it ended": c(ENDED, {"CallStatus": "completed", "CallDuration": "4"}, rung(), at(GREETING, {})),
    "it ended before anything else came": c(ENDED, {"CallStatus": "completed"}, rung()),
    "it ended, recorded": c(ENDED, {"CallStatus": "completed"}, spoke(**FR), at(f"{SPOKEN}?l=fr", recorded())),
    "no answer of ours in time": c(ENDED, {"CallStatus": "failed", "SipResponseCode": "500"}, rung()),
    "a recording at a foreign address": c(
        f"{SPOKEN}?l=fr", recorded(RecordingUrl="https://elsewhere.example/RE"), spoke(**FR)
    ),
    "no call": c(GREETING, {"CallSid": None}, MALFORMED, status=403),
    "the identifier of a text": c(GREETING, {"CallSid": "SM" + "6" * 32}, MALFORMED, status=403),
    "two calls at once": c(GREETING, {"CallSid": [CALL, "CA" + "7" * 32]}, MALFORMED, status=403),
    "another's account": c(GREETING, {"AccountSid": "AC" + "f" * 32}, {"refused": ["wrong_account"]}, status=403),
    "a recording that is none": c(f"{SPOKEN}?l=fr", recorded(RecordingSid="RE1"), MALFORMED, status=403),
}
