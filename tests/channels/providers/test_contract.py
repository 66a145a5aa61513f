"""What every provider of the registry owes, tried with its own outside world."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import pytest
import requests
from packaging.requirements import Requirement

from channels.base.call_steps import CallStep, Gather, GoTo, HangUp, Pause, Play, Record, Say
from channels.base.errors import ChannelError, ProviderError, ProviderNotSetUp, RequestRefused
from channels.base.provider import PolledTexts, PushedTexts, SmsProvider
from channels.base.provider_requests import HookRequest, TextToSend
from channels.base.values import Address, IncomingText, Outgoing
from channels.base.voice_provider import VoiceProvider
from channels.providers import registry
from channels.sms import text_message
from config.enums import AddressKind, Channel
from config.probe import run_probe
from config.settings.providers import PROVIDERS
from config.settings.schema import Settings
from tests.channels.providers.contract_case import RESIDENT, Outside, outside_of
from workers.processes.process_list import processes_to_run

ROOT = Path(__file__).parents[3]
WORDS = "Éclairez la rue, s’il vous plaît : on n’y voit rien 🌳 œuf"
PUSHED = [name for name in PROVIDERS if hasattr(registry.provider_class(name), "verify")]
POLLED = [name for name in PROVIDERS if hasattr(registry.provider_class(name), "waiting")]
VOICE = [name for name in PROVIDERS if hasattr(registry.provider_class(name), "parse_call")]


@dataclass
class Tried:
    """A provider with its outside world."""

    provider: SmsProvider
    outside: Outside
    settings: Settings

    def came_in(self, words: str) -> IncomingText:
        """These words, as they come in."""
        if self.outside.request is not None:
            fields = cast(PushedTexts, self.provider).verify(self.outside.request(words))
        else:
            self.outside.bring(words)
            fields = cast(PolledTexts, self.provider).waiting()[-1].posted
        [text] = text_message.parse_text_message(fields, self.provider.texts, region="FR")
        return text_message.understand_text(text)


def settings_with(name: str, section: object, folder: Path) -> Settings:
    return Settings(folder=folder, **{import_module(f"channels.providers.{name}.section").SECTION_NAME: section})


@pytest.fixture
def tried(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tried]:
    name = request.param
    with outside_of(name)(tmp_path) as outside:
        settings = settings_with(name, outside.section, tmp_path)
        yield Tried(cast(SmsProvider, registry.provider_class(name)(settings)), outside, settings)


every = pytest.mark.parametrize("tried", PROVIDERS, indirect=True)
pushed = pytest.mark.parametrize("tried", PUSHED, indirect=True)
polled = pytest.mark.parametrize("tried", POLLED, indirect=True)
voice = pytest.mark.parametrize("tried", VOICE, indirect=True)


# --- its folder


def test_every_folder_is_registered() -> None:
    folders = {path.name for path in (ROOT / "channels" / "providers").iterdir() if (path / "__init__.py").is_file()}
    assert folders == set(PROVIDERS)
    assert len(set(registry.provider_hooks())) == len(PUSHED), "two providers at one address"
    assert set(PUSHED) | set(POLLED) == set(PROVIDERS), "nothing could come in by it"


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_provider_declares_what_it_needs(name: str) -> None:
    folder = ROOT / "channels" / "providers" / name
    assert registry.provider_class(name).name == name  # type: ignore[attr-defined]
    declared = tomllib.loads((folder / "packages.toml").read_text(encoding="utf-8"))
    assert set(declared) <= {"apt", "python"}
    section = import_module(f"channels.providers.{name}.section")
    assert {field.name for field in section.PAGE.fields} <= set(section.SECTION.model_fields)
    for package in declared.get("apt", []):
        assert set(package) == {"package", "reason", "command", "scope"}
        assert package["scope"] in ("demo", "all")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {Requirement(one).name for one in project["dependencies"]}
    assert {Requirement(one).name for one in declared.get("python", [])} <= asked, "add it to pyproject.toml: make lock"


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_provider_has_its_page(name: str) -> None:
    declared = import_module(f"channels.providers.{name}.section")
    page = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    named = set(re.findall(rf"`{declared.SECTION_NAME}\.(\w+)`", page))
    assert named == set(declared.SECTION.model_fields), "each setting, and no other, is explained on its page"


@pytest.mark.parametrize("name", PROVIDERS)
def test_its_name_is_known_in_no_other_module(name: str) -> None:
    """Whoever knows a provider by name knows too much: the registry aside, nobody does."""
    section = import_module(f"channels.providers.{name}.section").SECTION_NAME
    knows = rf"providers\.{name}\b|providers import .*\b{name}\b|settings\.{section}\b"
    known_in = [
        path.relative_to(ROOT)
        for room in ("config", "channels", "transcription", "inbox", "gateway", "workers")
        for path in (ROOT / room).rglob("*.py")
        if re.search(knows, path.read_text(encoding="utf-8")) and f"channels/providers/{name}/" not in path.as_posix()
    ]
    assert known_in == []


# --- unset, and set


@pytest.mark.parametrize("name", PROVIDERS)
def test_an_unset_provider_is_silent_and_says_what_to_set(name: str, tmp_path: Path) -> None:
    provider = cast(SmsProvider, registry.provider_class(name)(Settings(folder=tmp_path)))
    assert (provider.configured, provider.sends, list(provider.probes())) == (False, False, [])
    with requests.Session() as http, pytest.raises(ProviderNotSetUp) as raised:
        provider.send(http, text(WORDS, sender="+33644630000"))
    assert f"{import_module(f'channels.providers.{name}.section').SECTION_NAME}." in raised.value.remedy


@every
def test_a_set_provider_is_looked_at_by_the_doctor(tried: Tried) -> None:
    assert tried.provider.configured
    assert tried.provider.sends
    results = [run_probe(probe) for probe in tried.provider.probes()]
    assert results
    page = import_module(f"channels.providers.{tried.provider.name}.section").PAGE
    assert [one.name for one in results] == [words.name for words in page.probes]  # the page of states has words for it
    changed = tried.outside.section.model_copy(update=tried.outside.unreachable)
    name = tried.provider.name
    away = registry.provider_class(name)(settings_with(name, changed, tried.settings.folder))
    assert [(one.ok, bool(one.problem and one.remedy)) for one in map(run_probe, away.probes())] == [
        (False, True) for _ in results
    ]


@every
def test_nothing_secret_is_printed(tried: Tried) -> None:
    shown = f"{tried.provider!r} {tried.outside.section!r} {tried.settings!r}"
    assert [secret for secret in tried.outside.secrets if secret in shown] == []


# --- coming in


@every
def test_a_text_comes_in_as_it_was_written(tried: Tried) -> None:
    came = tried.came_in(WORDS)
    assert (came.body, came.sender) == (WORDS, Address(AddressKind.PHONE, RESIDENT))
    assert came.account
    assert came.external_id


@every
def test_other_words_are_another_text(tried: Tried) -> None:
    first, second = tried.came_in("Un banc"), tried.came_in("Deux bancs")
    assert first.account == second.account
    assert first.external_id != second.external_id


@pushed
def test_a_request_that_comes_twice_is_the_same_text(tried: Tried) -> None:
    assert tried.came_in(WORDS) == tried.came_in(WORDS)


@pushed
def test_a_forged_request_is_refused(tried: Tried) -> None:
    provider, request = cast(PushedTexts, tried.provider), tried.outside.request
    assert request is not None
    forged = tried.outside.forged(request(WORDS))
    assert len(forged) >= 3
    taken = [what for what, asked in forged.items() if not _is_refused(provider, asked)]
    assert taken == []
    without_secrets = cast(PushedTexts, registry.provider_class(provider.name)(Settings(folder=tried.settings.folder)))
    assert _is_refused(without_secrets, request(WORDS)), "without a secret nobody can prove who posts"


def _is_refused(provider: PushedTexts, request: HookRequest) -> bool:
    try:
        provider.verify(request)
    except RequestRefused as refused:
        return bool(refused.remedy)
    return False


@pushed
@pytest.mark.parametrize(
    "body", [b"", b"\xff\x00", b"[]", b"{}", b"a=1&b", b'{"event": "sms:received"}', b"[" * 9000], ids=repr
)
def test_proven_nonsense_is_refused_or_says_nothing(tried: Tried, body: bytes) -> None:
    provider, signed = cast(PushedTexts, tried.provider), tried.outside.signed
    assert signed is not None
    try:
        fields = provider.verify(signed(body))
        assert provider.parse_status(fields) is None
        if provider.is_text(fields):
            with pytest.raises(RequestRefused):
                text_message.parse_text_message(fields, provider.texts)
    except RequestRefused:
        pass


@pushed
def test_a_webhook_is_answered_with_nothing_to_say(tried: Tried) -> None:
    reply = cast(PushedTexts, tried.provider).reply()
    assert reply.status in (200, 204)
    assert (reply.body == "") == (reply.status == 204)


@polled
def test_what_waits_is_offered_until_it_is_acknowledged(tried: Tried) -> None:
    provider = cast(PolledTexts, tried.provider)
    assert provider.poll_seconds > 0
    assert list(provider.waiting()) == []
    tried.outside.bring("un")
    tried.outside.bring("deux")
    waiting = provider.waiting()
    assert waiting == provider.waiting(), "after a crash it is the same again"
    assert [text_message.parse_text_message(one.posted, provider.texts)[0].body for one in waiting] == ["un", "deux"]
    provider.acknowledge(waiting[0])
    provider.acknowledge(waiting[0])
    assert provider.waiting() == waiting[1:]


@polled
def test_it_is_asked_by_a_process_of_its_own(tried: Tried) -> None:
    def watching(settings: Settings) -> dict[str, str]:
        return {name: one.module for one in processes_to_run(settings, None) for name in one.beats}

    assert find_spec(watching(tried.settings)["poller"]) is not None
    assert "poller" not in watching(Settings(folder=tried.settings.folder))


@polled
def test_what_is_no_text_is_kept_where_a_person_finds_it(tried: Tried) -> None:
    provider = cast(PolledTexts, tried.provider)
    tried.outside.bring_junk()
    [junk] = provider.waiting()
    assert junk.raw
    with pytest.raises(RequestRefused):
        text_message.parse_text_message(junk.posted, provider.texts)
    provider.set_aside(junk)
    assert list(provider.waiting()) == []
    assert [run_probe(probe).ok for probe in provider.probes()] == [False]


# --- going out


def text(words: str, **more: Any) -> TextToSend:
    to = Address(AddressKind.PHONE, RESIDENT)
    return TextToSend(Outgoing(Channel.SMS, to, words), name="portevoix-brest-1", **more)


@every
def test_a_text_goes_out_once_and_word_for_word(tried: Tried) -> None:
    sender = tried.provider.sender
    with requests.Session() as http:
        identifier = tried.provider.send(http, text(WORDS, sender=sender))
        assert tried.outside.sent() == [(RESIDENT, WORDS)]
        again = text(WORDS, sender=sender, attempted_at=datetime.now(UTC))
        assert tried.provider.send(http, again) == identifier, "whether the first attempt did it was not known"
    assert tried.outside.sent() == [(RESIDENT, WORDS)]


@every
def test_one_that_cannot_be_reached_is_tried_again(tried: Tried) -> None:
    changed = tried.outside.section.model_copy(update=tried.outside.unreachable)
    name = tried.provider.name
    away = cast(SmsProvider, registry.provider_class(name)(settings_with(name, changed, tried.settings.folder)))
    with requests.Session() as http, pytest.raises(ChannelError) as raised:
        away.send(http, text(WORDS, sender="+33644630000"))
    assert raised.value.retryable
    assert not isinstance(raised.value, ProviderError) or raised.value.remedy
    assert tried.outside.sent() == []


# --- calls

STEPS: list[CallStep] = [
    Say("Bonjour & bienvenue <ici>", "fr"),
    Say("In a language without a voice", "xx"),
    Play("https://avis.ville.example/a.wav?x=1&y=2"),
    Pause(2),
    Gather("https://avis.ville.example/key", (Say("Touche 1", "fr"), Play("b.wav")), 5),
    Gather("https://avis.ville.example/state", (), 5, digits=9),
    Record("https://avis.ville.example/spoken", "https://avis.ville.example/recording", 8, 1800),
    GoTo("https://avis.ville.example/next"),
    HangUp(),
]


@voice
@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_every_step_of_a_call_is_rendered(tried: Tried, step: CallStep) -> None:
    provider = cast(VoiceProvider, tried.provider)
    reply = provider.render([step])
    assert (reply.status, reply) == (200, provider.render([step]))
    assert reply.body != provider.render([]).body
