"""Whole calls through the provider's stand-in: every document of every path, and what is kept in the end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from werkzeug.serving import make_server

from channels.providers.twilio.section import Twilio
from config.settings.loader import Settings
from config.settings.sections.texting_section import Texting
from config.settings.sections.voicemail_section import Voicemail
from config.wording.message_keys import TEXT_KEYS
from gateway.web.app import create_app
from inbox.consultations import consultation_versions
from inbox.storage.database import Store
from tests.gateway.call_paths import PATHS
from tests.gateway.call_worlds import Town, World, consultations_of, names_of_texts, say_before, today
from tests.gateway.conftest import ACCOUNT, NUMBER, PUBLIC_URL, TOKEN
from tests.standins.caller import Caller
from tests.standins.telephone import Telephone

SPEECH = b"RIFF\x24\x00\x00\x00WAVEfmt what a resident says"


class Switch:
    """A web server for one application after the other."""

    def __init__(self) -> None:
        self.app: Callable[..., Iterable[bytes]] | None = None

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        assert self.app is not None
        return self.app(environ, start_response)


@pytest.fixture(scope="module")
def line() -> Iterator[tuple[Switch, str, Telephone]]:
    """The gateway's web server and the provider: one of each, for all calls."""
    switch = Switch()
    server = make_server("127.0.0.1", 0, switch, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    with Telephone(PUBLIC_URL, account_sid=ACCOUNT, auth_token=TOKEN, connect_to=base) as provider:
        yield switch, base, provider
    server.shutdown()


def play(
    acts: list[str],
    world: World,
    line: tuple[Switch, str, Telephone],
    store: Store,
    folders: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> list[str]:
    """Make the call in its world, and tell what was heard and kept, line by line."""
    switch, base, provider = line
    prompts = folders.data_dir / "prompts"
    for name in world.prompts:
        (prompts / name).parent.mkdir(parents=True, exist_ok=True)
        (prompts / name).write_bytes(b"RIFF" + name.encode())
    settings = Settings(
        public_url=PUBLIC_URL,
        data_dir=folders.data_dir,
        keys_dir=folders.keys_dir,
        languages=("fr", "en"),
        twilio=Twilio(
            account_sid=ACCOUNT,
            auth_tokens=(SecretStr(TOKEN),),
            sender=NUMBER,
            receives=NUMBER,
            api_base=provider.base,
            media_hosts=(),
        ),
        texting=Texting(lookups_per_hour=world.per_hour),
        voicemail=Voicemail(prompts_dir=prompts if world.prompts else None, **world.voicemail),
    )
    day = today(settings)
    opens, closes = day + timedelta(days=world.opens), day + timedelta(days=world.closes)
    asked = settings.consultation_files[0], world.languages, opens, closes
    with store.write() as session:
        for consultation in consultations_of(*asked):
            consultation_versions.import_consultation(session, consultation)
        numbers = say_before(session, world)
    switch.app = create_app(settings, store)
    town = Town(settings, store, names_of_texts(*asked, day), numbers)
    caller = Caller(provider, world.sender, world.to, base, SPEECH, town.name, town.world(monkeypatch))
    town.call_sid = caller.sid
    caller.follow([_filled(act, numbers) for act in acts])
    lines = [*town.without_digits(caller.lines), town.kept()]
    for name, number in numbers.items():
        lines = [one.replace(number, f"the number of {name}") for one in lines]
    return lines


def _filled(act: str, numbers: dict[str, str]) -> str:
    for name, number in numbers.items():
        act = act.replace(f"the number of {name}", number)
    return act


def acts_of(told: str) -> list[str]:
    """What the caller does in a path, and what happens meanwhile."""
    lines = [line for line in told.splitlines() if line.startswith("  ") and not line.startswith("   ")]
    return [line.strip() for line in lines if line != "  (the call is over)"]


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_a_call(
    path: tuple[World, str],
    line: tuple[Switch, str, Telephone],
    sqlite_store: Store,
    sqlite_settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, told = path
    lines = play(acts_of(told), world, line, sqlite_store, sqlite_settings, monkeypatch)
    assert "\n".join(lines) == told.strip("\n")


def test_there_are_at_least_forty_different_paths() -> None:
    assert len({told for _, told in PATHS.values()}) >= 40


def test_every_text_is_heard_somewhere() -> None:
    """One that no path meets would be one nobody has listened to."""
    everything = "\n".join(told for _, told in PATHS.values())
    keys = [key.removeprefix("voice_") for key in TEXT_KEYS if key.startswith("voice_")]
    missing = [key for key in keys if f"fr {key}" not in everything or f"en {key}" not in everything]
    said_when_nothing_else_can_be = {"trouble", "fallback"}
    # Answers, and what others said, are listened to in test_others_heard.
    answered = {"state_answered", "state_answered_in_person", "state_decided", "state_closing"}
    # Codes are keyed in test_answer_codes.
    answered |= {"code_key", "state_code_wrong", "state_code_too_many"}
    others = {"others", "others_support", "others_more", "others_none"}
    # Voices for projects in test_votes, a card that is free in test_printed_numbers.
    voted = {key for key in keys if key.startswith("vote_")} | {"state_card"}
    # Words that we understood are heard in test_contested.
    contested = {"understood_yours", "understood_nothing"}
    # Calls of ours are answered in test_call_backs (one for trial in test_town_settings), later wishes in test_wishes,
    # dictation in test_spoken_answers.
    rung = {key for key in keys if key.startswith(("ring_", "wish", "dictate", "test_call"))}
    assert set(missing) <= said_when_nothing_else_can_be | answered | others | voted | contested | rung
