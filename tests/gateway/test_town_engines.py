"""What listens and reads, chosen and installed from a town's pages; and the page of updates."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from gateway.web.town import update_pages
from inbox.administration import errands
from inbox.administration.errands import ErrandKind
from tests.gateway.town_fixture import Town
from tests.inbox.pages.conftest import post
from tests.transcription.sounds import needs_voice
from transcription.audio.model_catalogue import KnownModel
from transcription.audio.speech_models import PACKAGED, SpeechModel, install_model
from transcription.base.model_download import Progress
from workers.caretaking import errand_runners


@pytest.mark.parametrize(
    ("chosen", "status", "holds"),
    [("vosk", 302, "vosk"), ("whisper", 422, "vosk"), ("both", 422, "vosk"), ("an ear", 422, "vosk")],
)
def test_what_listens_is_chosen_among_what_is_installed(town: Town, chosen: str, status: int, holds: str) -> None:
    form = {"speech.engine": chosen, "speech.order": "newest_short"}
    assert post(town.clerk, "/settings/engines", form, page="/settings/engines").status_code == status
    assert town.settings.speech.engine == holds
    assert (town.settings.speech.order == "newest_short") is (status == 302)


def test_what_is_installed_may_listen(town: Town) -> None:
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (town.settings.models_dir / "whisper-tiny").mkdir(parents=True, exist_ok=True)
        (town.settings.models_dir / "whisper-tiny" / name).write_bytes(b"{}")
    form = {"speech.engine": "both", "speech.order": "arrival"}
    assert post(town.clerk, "/settings/engines", form, page="/settings/engines").status_code == 302
    assert town.settings.speech.engine == "both"


_TAKE, _UP = ("cd {0}", "git pull", "bin/setup demo"), "{0}/.venv/bin/portevoix up"


@pytest.mark.parametrize(
    ("environment", "file", "said", "lines"),
    [
        ({}, ".git", "by hand", (*_TAKE, _UP)),
        ({"INVOCATION_ID": "1"}, ".git", "by systemd", ("sudo systemctl stop portevoix", *_TAKE)),
        ({}, "nothing", "by hand", ("{0}/.venv/bin/pip install --upgrade portevoix-….whl", _UP)),
        ({}, "containerenv", "in a container", ("git pull", "podman build")),
    ],
    ids=["from git", "systemd", "a wheel", "a container"],
)
def test_the_lines_that_update_are_those_of_how_it_was_started(
    tmp_path: Path, environment: dict[str, str], file: str, said: str, lines: tuple[str, ...]
) -> None:
    (tmp_path / file).touch()
    found = update_pages.started_by(environment, tmp_path / ".venv", (tmp_path / "containerenv",))
    assert said in str(found.words)
    for told, line in zip(found.commands, lines, strict=False):
        assert told.startswith(line.format(tmp_path))
    assert len(found.commands) in (len(lines), len(lines) + 1)


def test_the_page_of_updates_asks_for_a_backup_first(town: Town) -> None:
    assert "Make a backup first" in town.clerk.get("/settings/updates").text
    with town.store.write() as session:
        errands.record_finished_errand(session, ErrandKind.BACKUP, {"said": "backup_made"})
    page = town.clerk.get("/settings/updates").text
    assert "you can go ahead" in page
    assert "Make a backup first" not in page


class _Packages:
    """Installs a folder that lies at hand instead of packages from an index."""

    def __init__(self, source: Path) -> None:
        self.source = source

    def __call__(self, model: KnownModel, models_dir: Path, progress: Progress, **how: Any) -> SpeechModel:
        progress(1, 2)
        del how["sha256"]
        return install_model(self.source, models_dir, progress=progress, **how)


@needs_voice
@pytest.mark.parametrize(
    ("source", "said", "there"),
    [(PACKAGED / "vosk-fr-demo", "heard a sentence before", True), (None, "was not installed", False)],
    ids=["one that hears", "one that does not"],
)
def test_a_model_is_installed_from_the_page(
    source: Path | None, said: str, there: bool, town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if source is None:
        source = tmp_path / "vosk-broken-fr"
        for name in ("am/final.mdl", "conf/mfcc.conf"):
            (source / name).parent.mkdir(parents=True)
            (source / name).write_bytes(b"nothing")
    monkeypatch.setattr(errand_runners, "install_known", _Packages(source))
    page = town.clerk.get("/settings/engines").text
    assert "whisper-base" in page
    assert "Words wrong in 100" in page
    assert post(town.clerk, "/settings/engines/models", {"name": "whisper-base"}).status_code == 302
    assert "Asked for" in town.clerk.get("/settings/engines").text
    town.do_errands()
    page = town.clerk.get("/settings/engines").text
    assert re.search(said, page)
    assert (town.settings.models_dir / source.name).is_dir() is there


@pytest.mark.parametrize(
    ("form", "status", "asked"),
    [
        ({"name": "vosk-model-small-fr-0.22"}, 302, ""),
        ({"name": "vosk-model-small-fr-0.22", "sha256": "12ab"}, 302, ""),
        ({"name": "vosk-model-small-fr-0.22", "sha256": " " + "AB" * 32}, 302, f"vosk-model-small-fr-0.22 {'ab' * 32}"),
        ({"name": "../../etc"}, 404, ""),
        ({}, 404, ""),
    ],
    ids=["no checksum", "a short one", "a checksum", "no such model", "nothing"],
)
def test_only_known_models_with_a_checksum_are_asked_for(
    form: dict[str, str], status: int, asked: str, town: Town
) -> None:
    assert post(town.clerk, "/settings/engines/models", form).status_code == status
    with town.store.read() as session:
        found = errands.newest_errands(session, ErrandKind.INSTALL_MODEL)
    assert [one.about for one in found] == ([asked] if asked else [])
