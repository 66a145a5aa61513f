"""Calls as posted, and what callers hear at each place of the dialogue."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

import config
from channels import voice
from channels.base.call_steps import CallStep
from channels.base.errors import RequestRefused
from channels.base.values import Address, IncomingCall, Recording
from channels.providers.twilio.calls import parse_call
from channels.providers.twilio.twiml import render
from channels.voice import CallDemand, CallFacts, Place, Position, SpokenState
from config.enums import AddressKind
from config.wording.consultation import read_consultation
from config.wording.message_catalog import resident_text
from tests.channels.payloads import ACCOUNT, fields
from tests.standins.twiml import parse

CONSULTATION = read_consultation(Path(config.__file__).parent / "consultations" / "rues-et-places.toml")
BASE = "https://town.example/hooks/voice"
SID, OTHER = "RE" + "7" * 32, "RE" + "8" * 32
RECORDING = Recording(SID, f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/{SID}", 12)
CALL = IncomingCall(ACCOUNT, "CA" + "6" * 32, Address(AddressKind.PHONE, "+33639980002"), "+33298000000")
WAITING = SpokenState("waiting", CONSULTATION, {"reference": "482915307", "received": CONSULTATION.opens})
FACTS = CallFacts(BASE, CONSULTATION, CONSULTATION.opens, CONSULTATION.languages, reference="482915307", state=WAITING)

ARRIVED = {
    "ringing": CALL,
    "withheld": replace(CALL, caller=None),
    "key_9": replace(CALL, digits="9"),
    "recorded": replace(CALL, digits="#", recording=RECORDING),
    "hung_up": replace(CALL, recording=RECORDING, ended=True),
    "recording_status": replace(CALL, caller=None, addressed_to="", recording=RECORDING),
    "recording_absent": replace(CALL, caller=None, addressed_to="", recording=Recording(OTHER, "", 0, absent=True)),
    "ended": replace(CALL, ended=True),
}


@pytest.mark.parametrize("name", ARRIVED)
def test_arrived(name: str) -> None:
    assert parse_call(fields(f"voice/{name}")) == ARRIVED[name]


@pytest.mark.parametrize("lost", ["AccountSid", "CallSid"])
def test_a_call_without_identity_is_refused(lost: str) -> None:
    posted = {name: value for name, value in fields("voice/ringing").items() if name != lost}
    with pytest.raises(RequestRefused):
        parse_call(posted)


PLACES = {
    "the beginning": ("greeting", {}, Place()),
    "a position with everything": (
        "spoken",
        {"l": "fr", "n": "2", "r": SID},
        Place(Position.SPOKEN, "fr", 2, SID),
    ),
    "an unknown position": ("cellar", {"l": "en"}, Place(language="en")),
    "a language that is none": ("speak", {"l": "../fr"}, Place(Position.SPEAK)),
    "a number that is none": ("speak", {"n": "-1"}, Place(Position.SPEAK)),
    "a recording that is none": ("choice", {"r": "RE1"}, Place(Position.CHOICE)),
}


@pytest.mark.parametrize(("position", "query", "place"), PLACES.values(), ids=PLACES)
def test_places(position: str, query: dict[str, str], place: Place) -> None:
    assert Place.of(position, query) == place


WANTED = {
    "a recording is kept": (
        Place(Position.SPOKEN, "fr"),
        replace(CALL, recording=RECORDING),
        CallDemand(keep=RECORDING),
    ),
    "spoken anew, the first goes": (
        Place(Position.SPOKEN, "fr", recording=OTHER),
        replace(CALL, recording=RECORDING),
        CallDemand(keep=RECORDING, discard=OTHER),
    ),
    "spoken anew, but there is no file: the first stays": (
        Place(Position.SPOKEN, "fr", recording=OTHER),
        replace(CALL, recording=replace(RECORDING, absent=True)),
        CallDemand(keep=replace(RECORDING, absent=True)),
    ),
    "the recording is to be heard": (Place(Position.AGAIN, "fr", recording=SID), CALL, CallDemand(hear=SID)),
    "the same request again discards nothing": (
        Place(Position.SPOKEN, "fr", recording=SID),
        replace(CALL, recording=RECORDING),
        CallDemand(keep=RECORDING),
    ),
    "wanting to speak anew discards nothing yet": (
        Place(Position.CHOICE, "fr", recording=SID),
        replace(CALL, digits="2"),
        CallDemand(),
    ),
    "hanging up keeps what was said": (
        Place(Position.SPOKEN, "fr"),
        replace(CALL, recording=RECORDING, ended=True),
        CallDemand(keep=RECORDING),
    ),
    "the reference is said": (Place(Position.THANKS, "fr"), CALL, CallDemand(reference=True)),
    "a reference was keyed": (
        Place(Position.STATE),
        replace(CALL, digits="482915307#"),
        CallDemand(state_of="482915307"),
    ),
    "the greeting needs nothing": (Place(), CALL, CallDemand()),
}


@pytest.mark.parametrize(("place", "call", "wanted"), WANTED.values(), ids=WANTED)
def test_wants(place: Place, call: IncomingCall, wanted: CallDemand) -> None:
    assert voice.demand_of_request(place, call) == wanted


def heard(steps: Iterable[CallStep]) -> list[str]:
    """The provider's document as one line per verb, texts named by their key."""
    facts: dict[str, object] = {"reference": "482915307", "received": CONSULTATION.opens}
    known = {resident_text(key, lang, about, **facts): f"{lang}/{key}" for key, lang, about in _TEXTS}
    lines = []

    def follow(element: ElementTree.Element, indent: str) -> None:
        for verb in element:
            target = (verb.get("action") or verb.text or "").replace(BASE, "")
            name = known.get(verb.text or "", target)
            lines.append(f"{indent}{verb.tag} {name}".rstrip())
            follow(verb, indent + "  ")

    follow(ElementTree.fromstring(render(steps)), "")
    return lines


_KEYS = [
    "greeting", "unknown_number", "press_9", "question", "before_tone", "consent", "speak_now", "nothing_heard",
    "after_speaking", "thanks", "goodbye", "rights", "key_reference", "closed", "not_open_yet", "state_unknown",
    "state_waiting", "state_later", "one_moment", "cannot_play", "first_kept", "thanks_only",
]  # fmt: skip
_TEXTS = [
    (f"voice_{key}", language, about) for key in _KEYS for language in ("fr", "en") for about in (None, CONSULTATION)
]


AT_TOLD = [
    "Gather /told?l=fr&c=482915307",
    "  Say fr/voice_state_waiting",
    "  Say Pour réentendre, touche 1. Si nous avons mal compris votre message, touche 3.",
]


def record(here: str, again: str) -> list[str]:
    return [f"Record /spoken?{here}", f"Redirect /speak?{again}"]


BEFORE = CONSULTATION.opens - timedelta(days=1)
AFTER = CONSULTATION.closes + timedelta(days=1)
THANKS_PIECES = ("voice_thanks-1", "voice_thanks-2", "voice_thanks-3")
DIGITS = tuple(f"digit-{digit}" for digit in range(10))
READ = tuple(f"digit-{digit}" for digit in "482915307")
CHOICES = ["Gather /choice?l=fr&r=" + SID, "  Say fr/voice_after_speaking", "Redirect /thanks?l=fr&r=" + SID]

DIALOGUE = {
    "greeting, then the tone by itself": (
        Place(),
        CALL,
        FACTS,
        [
            "Gather /key?l=fr",
            "  Say fr/voice_greeting",
            "  Say en/voice_press_9",
            "  Say fr/voice_question",
            "  Say fr/voice_before_tone",
            *record("l=fr", "l=fr&n=2"),
        ],
    ),
    "greeting in English": (
        Place(language="en"),
        CALL,
        FACTS,
        [
            "Gather /key?l=en",
            "  Say en/voice_greeting",
            "  Say fr/voice_press_9",
            "  Say en/voice_question",
            "  Say en/voice_before_tone",
            *record("l=en", "l=en&n=2"),
        ],
    ),
    "one language only announces no other": (
        Place(),
        CALL,
        replace(FACTS, languages=("fr",)),
        [
            "Gather /key?l=fr",
            "  Say fr/voice_greeting",
            "  Say fr/voice_question",
            "  Say fr/voice_before_tone",
            *record("l=fr", "l=fr&n=2"),
        ],
    ),
    "a number of no consultation listens all the same": (
        Place(),
        CALL,
        replace(FACTS, consultation=None),
        [
            "Gather /key?l=fr",
            "  Say fr/voice_unknown_number",
            "  Say en/voice_press_9",
            "  Say fr/voice_consent",
            *record("l=fr", "l=fr&n=2"),
        ],
    ),
    "after the end": (
        Place(),
        CALL,
        replace(FACTS, today=AFTER),
        ["Gather /key?l=fr", "  Say fr/voice_greeting", "  Say en/voice_press_9", "  Say fr/voice_closed", "Hangup"],
    ),
    "before the beginning": (
        Place(),
        CALL,
        replace(FACTS, today=BEFORE),
        [
            "Gather /key?l=fr",
            "  Say fr/voice_greeting",
            "  Say en/voice_press_9",
            "  Say fr/voice_not_open_yet",
            "Hangup",
        ],
    ),
    "on the last day it is open": (
        Place(Position.SPEAK, "fr"),
        CALL,
        replace(FACTS, today=CONSULTATION.closes),
        ["Say fr/voice_consent", *record("l=fr", "l=fr&n=2")],
    ),
    "key 9": (Place(Position.KEY, "fr"), replace(CALL, digits="9"), FACTS, ["Redirect /greeting?l=en"]),
    "key 9 again": (Place(Position.KEY, "en"), replace(CALL, digits="9"), FACTS, ["Redirect /greeting?l=fr"]),
    "key 3": (Place(Position.KEY, "fr"), replace(CALL, digits="3"), FACTS, ["Redirect /greeting?l=fr&n=2"]),
    "key 0": (
        Place(Position.KEY, "fr"),
        replace(CALL, digits="0"),
        FACTS,
        ["Gather /key?l=fr", "  Say fr/voice_rights", "Redirect /speak?l=fr"],
    ),
    "key 0 after the end": (
        Place(Position.KEY, "fr"),
        replace(CALL, digits="0"),
        replace(FACTS, today=AFTER),
        ["Gather /key?l=fr", "  Say fr/voice_rights", "Hangup"],
    ),
    "key 2": (
        Place(Position.KEY, "fr"),
        replace(CALL, digits="2"),
        FACTS,
        ["Gather /state?l=fr", "  Say fr/voice_key_reference", "Redirect /speak?l=fr"],
    ),
    "key 5, which means nothing": (
        Place(Position.KEY, "fr"),
        replace(CALL, digits="5"),
        FACTS,
        ["Redirect /speak?l=fr"],
    ),
    "another key after the end": (
        Place(Position.KEY, "fr"),
        replace(CALL, digits="5"),
        replace(FACTS, today=AFTER),
        ["Gather /key?l=fr", "  Say fr/voice_closed", "Hangup"],
    ),
    "pound to speak at once": (Place(Position.KEY, "fr"), replace(CALL, digits="#"), FACTS, ["Redirect /speak?l=fr"]),
    "nothing heard": (
        Place(Position.SPEAK, "fr", 2),
        CALL,
        FACTS,
        ["Say fr/voice_nothing_heard", *record("l=fr&n=2", "l=fr&n=3")],
    ),
    "nothing heard again": (
        Place(Position.SPEAK, "fr", 3),
        CALL,
        FACTS,
        ["Say fr/voice_nothing_heard", *record("l=fr&n=3", "l=fr&n=4")],
    ),
    "nothing heard three times": (Place(Position.SPEAK, "fr", 4), CALL, FACTS, ["Say fr/voice_goodbye", "Hangup"]),
    "after speaking": (Place(Position.SPOKEN, "fr"), replace(CALL, recording=RECORDING), FACTS, CHOICES),
    "after speaking, without a recording": (
        Place(Position.SPOKEN, "fr"),
        CALL,
        FACTS,
        ["Say fr/voice_consent", *record("l=fr", "l=fr&n=2")],
    ),
    "hung up after speaking": (
        Place(Position.SPOKEN, "fr"),
        replace(CALL, recording=RECORDING, ended=True),
        FACTS,
        [],
    ),
    "1 listens again": (
        Place(Position.CHOICE, "fr", recording=SID),
        replace(CALL, digits="1"),
        FACTS,
        ["Redirect /again?l=fr&r=" + SID],
    ),
    "what was said, again": (
        Place(Position.AGAIN, "fr", recording=SID),
        CALL,
        replace(FACTS, heard="https://town.example/heard"),
        [
            "Gather /choice?l=fr&r=" + SID,
            "  Play https://town.example/heard",
            "  Say fr/voice_after_speaking",
            "Redirect /thanks?l=fr&r=" + SID,
        ],
    ),
    "what was said is not here yet": (
        Place(Position.AGAIN, "fr", recording=SID),
        CALL,
        FACTS,
        ["Say fr/voice_one_moment", "Pause", f"Redirect /again?l=fr&n=2&r={SID}"],
    ),
    "what was said does not come": (
        Place(Position.AGAIN, "fr", 4, recording=SID),
        CALL,
        FACTS,
        [f"Gather /choice?l=fr&n=4&r={SID}", "  Say fr/voice_cannot_play", "Redirect /thanks?l=fr&r=" + SID],
    ),
    "2 starts again": (
        Place(Position.CHOICE, "fr", recording=SID),
        replace(CALL, digits="2"),
        FACTS,
        ["Redirect /speak?l=fr&r=" + SID],
    ),
    "the tone for who starts again": (
        Place(Position.SPEAK, "fr", recording=SID),
        CALL,
        FACTS,
        ["Say fr/voice_speak_now", f"Record /spoken?l=fr&r={SID}", f"Redirect /speak?l=fr&n=2&r={SID}"],
    ),
    "silence when starting again keeps what was said first": (
        Place(Position.SPEAK, "fr", 4, recording=SID),
        CALL,
        FACTS,
        ["Say fr/voice_first_kept", "Redirect /thanks?l=fr&r=" + SID],
    ),
    "another key after speaking": (
        Place(Position.CHOICE, "fr", recording=SID),
        replace(CALL, digits="7"),
        FACTS,
        ["Redirect /thanks?l=fr&r=" + SID],
    ),
    "thanks and the reference": (Place(Position.THANKS, "fr"), CALL, FACTS, ["Say fr/voice_thanks", "Hangup"]),
    "no reference yet": (
        Place(Position.THANKS, "fr"),
        CALL,
        replace(FACTS, reference=""),
        ["Pause", "Redirect /thanks?l=fr&n=2"],
    ),
    "no reference at all": (
        Place(Position.THANKS, "fr", 4),
        CALL,
        replace(FACTS, reference=""),
        [
            "Say fr/voice_thanks_only",
            "Hangup",
        ],
    ),
    "a state": (Place(Position.STATE, "fr"), CALL, FACTS, [*AT_TOLD, "Redirect /speak?l=fr"]),
    "a state after the end": (
        Place(Position.STATE, "fr"),
        CALL,
        replace(FACTS, today=AFTER),
        [*AT_TOLD, "Hangup"],
    ),
    "no such reference": (
        Place(Position.STATE, "fr"),
        CALL,
        replace(FACTS, state=SpokenState("unknown", CONSULTATION)),
        ["Gather /state?l=fr&n=2", "  Say fr/voice_state_unknown", "Redirect /speak?l=fr"],
    ),
    "no such reference for the third time": (
        Place(Position.STATE, "fr", 3),
        CALL,
        replace(FACTS, state=SpokenState("unknown", CONSULTATION)),
        ["Gather /key?l=fr&n=3", "  Say fr/voice_state_unknown", "Redirect /speak?l=fr"],
    ),
    "asked too often": (
        Place(Position.STATE, "fr"),
        CALL,
        replace(FACTS, state=SpokenState("later", CONSULTATION)),
        ["Gather /key?l=fr", "  Say fr/voice_state_later", "Redirect /speak?l=fr"],
    ),
    "a language nobody has": (
        Place(Position.KEY, "xx"),
        replace(CALL, digits="9"),
        FACTS,
        ["Redirect /greeting?l=fr"],
    ),
    "a language whose words nobody has written is said in the first one": (
        Place(Position.SPEAK, "br", 2),
        CALL,
        FACTS,
        ["Say fr/voice_nothing_heard", *record("l=br&n=2", "l=br&n=3")],
    ),
    "thanks in the town's own recordings, the reference as well": (
        Place(Position.THANKS, "fr"),
        CALL,
        replace(FACTS, prompts={f"fr/{name}": name for name in (*THANKS_PIECES, *DIGITS)}),
        [f"Play {name}" for name in ("voice_thanks-1", *READ, "voice_thanks-2", *READ, "voice_thanks-3")] + ["Hangup"],
    ),
    "the town recorded only some of it: a voice says the rest": (
        Place(Position.THANKS, "fr"),
        CALL,
        replace(FACTS, prompts={"fr/voice_thanks-2": "voice_thanks-2", "fr/digit-4": "digit-4"}),
        [
            "Say Merci, votre message est bien arrivé. Votre numéro :",
            "Say 4, 8, 2. 9, 1, 5. 3, 0, 7",
            "Play voice_thanks-2",
            "Say 4, 8, 2. 9, 1, 5. 3, 0, 7",
            "Say Pour la suite, rappelez, touche 2. Même sans ce numéro, votre avis compte.",
            "Hangup",
        ],
    ),
    "the town's own recording": (
        Place(Position.SPEAK, "fr", 2),
        CALL,
        replace(FACTS, prompts={"fr/voice_nothing_heard": "https://town.example/rien.wav"}),
        ["Play https://town.example/rien.wav", *record("l=fr&n=2", "l=fr&n=3")],
    ),
}


@pytest.mark.parametrize(("place", "call", "facts", "expected"), DIALOGUE.values(), ids=DIALOGUE)
def test_dialogue(place: Place, call: IncomingCall, facts: CallFacts, expected: list[str]) -> None:
    assert heard(voice.answer_call(place, call, facts)) == expected


def test_the_tone_as_the_provider_is_asked_for_it() -> None:
    twiml = ElementTree.fromstring(render(voice.answer_call(Place(Position.SPEAK, "fr"), CALL, FACTS)))
    record = twiml.find("Record")
    assert record is not None
    assert record.attrib == {
        "action": f"{BASE}/spoken?l=fr",
        "method": "POST",
        "timeout": "8",
        "maxLength": "1800",
        "finishOnKey": "#",
        "playBeep": "true",
        "recordingStatusCallback": f"{BASE}/recording?l=fr",
        "recordingStatusCallbackEvent": "completed absent",
    }


def test_the_reference_is_said_digit_by_digit_and_twice() -> None:
    said = render(voice.answer_call(Place(Position.THANKS, "fr"), CALL, FACTS))
    assert said.count("4, 8, 2. 9, 1, 5. 3, 0, 7") == 2


@given(
    place=st.builds(
        Place,
        st.sampled_from(Position),
        st.sampled_from(["", "fr", "en", "xx"]),
        st.integers(1, 9),
        st.sampled_from(["", SID]),
    ),
    digits=st.text("0123456789*#", max_size=9),
    recording=st.sampled_from([None, RECORDING]),
    known=st.booleans(),
    changes=st.fixed_dictionaries(
        {
            "reference": st.sampled_from(["", "482915307"]),
            "heard": st.sampled_from(["", "https://town.example/heard"]),
            "state": st.sampled_from([WAITING, SpokenState("unknown", CONSULTATION), SpokenState("later")]),
            "today": st.sampled_from([BEFORE, CONSULTATION.opens, AFTER]),
            "languages": st.sampled_from([("fr",), ("fr", "en"), ("en", "fr", "br")]),
            "prompts": st.sampled_from([{}, {f"fr/{name}": name for name in (*THANKS_PIECES, *DIGITS)}]),
        }
    ),
)
def test_every_answer_leads_on_or_ends(
    place: Place, digits: str, recording: Recording | None, known: bool, changes: dict[str, Any]
) -> None:
    """No caller falls off the end of a document, hears an error, or gets another body for the same request."""
    call = replace(CALL, digits=digits, recording=recording)
    facts = replace(FACTS, consultation=CONSULTATION if known else None, **changes)
    twiml = render(voice.answer_call(place, call, facts))
    assert twiml == render(voice.answer_call(place, call, facts))
    verbs = list(parse(twiml))  # which refuses what the provider would
    assert verbs[-1].tag in ("Redirect", "Hangup")
    for target in [verb.text if verb.tag == "Redirect" else verb.get("action") for verb in verbs]:
        if target:
            position, _, query = target.removeprefix(f"{BASE}/").partition("?")
            assert Place.of(position, dict(pair.split("=") for pair in query.split("&") if pair)).url(BASE) == target
