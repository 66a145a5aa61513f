"""What the doctor says of an Android telephone and of recorded prompts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from channels.providers.android.section import Phone
from config.probe import run_probe
from config.settings.loader import Settings
from config.settings.sections.voicemail_section import Voicemail
from gateway.probes.telephone_probes import telephone_probes
from tests.standins.android_phone import AndroidPhone
from tests.standins.web import Answer, Asked, LoopbackServer, free_port


def line_of(settings: Settings) -> str:
    asked = telephone_probes(settings, None)
    (probe,) = [one for one in asked if one.name != "refused webhooks"]
    return run_probe(probe).line


def phone_at(base: str, password: str = "secret-of-the-app") -> Settings:
    return Settings(phone=Phone(api_base=base, user="ABCDEF", password=SecretStr(password)))


@pytest.fixture
def phone() -> Iterator[str]:
    with LoopbackServer(AndroidPhone().answer) as server:
        yield server.base


def test_a_telephone_that_answers(phone: str) -> None:
    assert line_of(phone_at(phone)) == "Android telephone answers, version 1.42.0"


def test_a_wrong_password(phone: str) -> None:
    said = line_of(phone_at(phone, "another"))
    assert said.startswith("Android telephone: it answers 401: user or password is wrong.")
    assert "To do: check that the telephone is on" in said
    assert "another" not in said


def test_a_telephone_that_is_off() -> None:
    base = f"http://127.0.0.1:{free_port()}"
    assert line_of(phone_at(base)).startswith(f"Android telephone: {base} cannot be reached.")


def test_an_app_that_fails() -> None:
    def failing(_asked: Asked) -> Answer:
        return Answer(503, b"<html>")

    with LoopbackServer(failing) as server:
        assert line_of(phone_at(server.base)).startswith("Android telephone: it answers 503.")


PROMPTS = {
    "well named": ("fr/voice_greeting.wav", "recorded prompts {folder}"),
    "misnamed": ("fr/bienvenue.wav", "recorded prompts: nobody would ever hear fr/bienvenue.wav."),
}


@pytest.mark.parametrize(("name", "said"), PROMPTS.values(), ids=PROMPTS)
def test_recorded_prompts(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_bytes(b"RIFF")
    found = line_of(Settings(voicemail=Voicemail(prompts_dir=tmp_path)))
    assert found.startswith(said.format(folder=tmp_path))


def test_a_folder_of_prompts_that_is_not_there(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    said = line_of(Settings(voicemail=Voicemail(prompts_dir=missing)))
    assert said.startswith(f"recorded prompts: there is no folder {missing}.")


def test_nothing_set_is_nothing_asked() -> None:
    assert [probe.name for probe in telephone_probes(Settings(), None)] == ["refused webhooks"]
