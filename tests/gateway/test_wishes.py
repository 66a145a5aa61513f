"""What callers wish for their message, while they leave it and later, and what is offered to whom."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from config.answer_states import VoiceUse
from config.settings.loader import Settings
from config.settings.sections.voicemail_section import Voicemail
from gateway.web.app import create_app
from inbox.consultations import consultation_versions
from inbox.models import CallerWish
from inbox.records import references
from inbox.storage.database import Store
from tests.gateway.conftest import ACCOUNT, Provider, call_fields

RECORDING = "RE" + "7" * 32


def spoken(provider: Provider, caller: str = "+33612345678", **more: str) -> str:
    """A message is left; what is said after it."""
    url = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/{RECORDING}"
    recorded = {"RecordingSid": RECORDING, "RecordingUrl": url, "RecordingDuration": "12"}
    provider.post("/hooks/voice", call_fields(caller=caller))
    return provider.post("/hooks/voice/spoken?l=fr", call_fields(caller=caller, **recorded, **more)).text


def wished(store: Store) -> list[tuple[bool, VoiceUse | None]]:
    with store.read() as session:
        return [(row.call_back, row.voice) for row in session.scalars(select(CallerWish))]


def wished_online(store: Store) -> bool:
    with store.read() as session:
        return any(session.scalars(select(CallerWish.online)))


def presses(provider: Provider, digits: str, place: str = f"wished?l=fr&r={RECORDING}", number: int = 1) -> str:
    return provider.post(f"/hooks/voice/{place}", call_fields(number, Digits=digits)).text


# Keys, one after the other -> what is kept.
WISHES: dict[str, tuple[str, list[tuple[bool, VoiceUse | None]]]] = {
    "nothing": ("", []),
    "a key that is none": ("8", []),
    "called back": ("1", [(True, None)]),
    "twice": ("11", [(True, None)]),
    "own voice": ("2", [(False, VoiceUse.OWN)]),
    "altered, after all": ("23", [(False, VoiceUse.ALTERED)]),
    "both": ("13", [(True, VoiceUse.ALTERED)]),
    "taken back": ("130", [(False, None)]),
    "taken back, and again": ("301", [(True, None)]),
}


@pytest.mark.parametrize("name", WISHES)
def test_while_leaving_a_message(name: str, provider: Provider, gateway_store: Store) -> None:
    keys, kept = WISHES[name]
    assert "touche 3" in spoken(provider)
    for key in keys:
        presses(provider, key)
    assert wished(gateway_store) == kept


# Keys, one after the other -> whether the voice may be heard on the public pages, too.
ONLINE = {
    "own, online": ("24", True),
    "altered, online": ("34", True),
    "twice": ("244", True),
    "no voice is lent": ("4", False),
    "called back only": ("14", False),
    "not said again": ("243", False),
    "said again": ("2434", True),
    "taken back": ("340", False),
    "the call back is another thing": ("341", True),
}


@pytest.mark.parametrize("name", ONLINE)
def test_the_web_needs_a_yes_of_its_own(name: str, provider: Provider, gateway_store: Store) -> None:
    keys, online = ONLINE[name]
    spoken(provider)
    for key in keys:
        heard = presses(provider, key)
        assert ("page internet" in heard) == (key in "23")
    assert wished_online(gateway_store) == online


def test_a_town_that_lends_by_telephone_only(gateway_settings: Settings, gateway_store: Store) -> None:
    here = gateway_settings.model_copy(update={"voicemail": Voicemail(lends_voices_online=False)})
    provider = Provider(create_app(here, gateway_store).test_client())
    spoken(provider)
    assert "internet" not in presses(provider, "2")
    presses(provider, "4")
    assert not wished_online(gateway_store)


@pytest.mark.parametrize(
    ("caller", "changes", "offered"),
    [
        ("+33612345678", {}, (True, True)),
        ("anonymous", {}, (False, True)),
        ("+33612345678", {"answers": "none"}, (False, True)),
        ("+33612345678", {"public": False}, (True, False)),
        ("anonymous", {"public": False}, (False, False)),
    ],
)
def test_what_is_offered(
    caller: str, changes: dict[str, object], offered: tuple[bool, bool], provider: Provider, gateway_store: Store
) -> None:
    with gateway_store.write() as session:
        for version in consultation_versions.current_versions_by_slug(session):
            asked = consultation_versions.as_consultation(version)
            consultation_versions.import_consultation(session, asked.model_copy(update=changes))
    assert ("prêter votre voix" in spoken(provider, caller)) == any(offered)
    said = provider.post(f"/hooks/voice/wish?l=fr&r={RECORDING}", call_fields(caller=caller)).text
    assert ("vous rappelle" in said, "votre voix" in said) == offered
    provider.post(f"/hooks/voice/wished?l=fr&r={RECORDING}", call_fields(caller=caller, Digits="1"))
    assert wished(gateway_store) == ([(True, None)] if offered[0] else [])


def test_a_town_that_offers_neither(gateway_settings: Settings, gateway_store: Store) -> None:
    quiet = gateway_settings.model_copy(update={"voicemail": Voicemail(calls_back=False, lends_voices=False)})
    provider = Provider(create_app(quiet, gateway_store).test_client())
    assert "touche 3" not in spoken(provider)
    presses(provider, "1")
    assert wished(gateway_store) == []


@pytest.mark.parametrize("theirs", [True, False])
def test_later_by_the_reference(theirs: bool, provider: Provider, gateway_store: Store) -> None:
    spoken(provider)
    with gateway_store.read() as session:
        number = references.reference_of(session, 1)
    caller = "+33612345678" if theirs else "+33698765432"
    said = provider.post("/hooks/voice/state?l=fr", call_fields(2, caller, Digits=number)).text
    assert ("touche 6" in said) == theirs
    led = provider.post(f"/hooks/voice/told?l=fr&c={number}", call_fields(2, caller, Digits="6")).text
    assert (f"/wish?l=fr&amp;c={number}" in led) == theirs
    provider.post(f"/hooks/voice/wished?l=fr&c={number}", call_fields(2, caller, Digits="1"))
    assert wished(gateway_store) == ([(True, None)] if theirs else [])
