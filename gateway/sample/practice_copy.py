"""A copy of the gateway to practise on: filled with what is invented, and begun afresh at a click.

What was filled once is kept aside, so that beginning afresh takes as long as copying it.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.enums import Role
from config.settings.loader import ENV_FILE, Settings
from config.settings.schema import ENV_PREFIX
from inbox.accounts.passwords import hash_password
from inbox.accounts.staff import create_person
from inbox.storage.database import Store

SUPERVISOR = "workers.processes.supervisor"
"""Started by name: nothing above this room may be imported here."""

PEOPLE = (
    ("moderation", "Camille", Role.MODERATOR),
    ("elu", "Dominique", Role.OFFICIAL),
    ("centre", "Claude", Role.CENTRE),
    ("administration", "Alix", Role.ADMINISTRATOR),
)
"""Login, name and role of those who practise; all have one password."""

_LOOK, _STOP = 0.3, 40.0
"""Seconds between two looks for the wish to begin afresh, and until a gateway that was asked to stop is made to."""


@dataclass(frozen=True, slots=True)
class PracticeCopy:
    """Where it lies: ``now`` is what runs, ``kept`` what it is begun afresh from."""

    folder: Path

    @property
    def settings_file(self) -> Path:
        """Its settings."""
        return self.folder / "portevoix.toml"

    @property
    def is_filled(self) -> bool:
        """Whether it was filled before, to its end."""
        return (self.folder / "kept").is_dir()

    def prepare(self, town: Settings, port: int) -> None:
        """Write its settings: the town's name and languages, nothing of its providers, its own folders."""
        self.folder.mkdir(parents=True, exist_ok=True)
        written = {
            "practice": True,
            "town_name": town.town_name,
            "language": town.language,
            "languages": list(town.languages),
            "timezone": town.timezone,
            "public_url": f"http://127.0.0.1:{port}",
            "data_dir": "now/data",
            "keys_dir": "now/keys",
            "models_dir": str(town.models_dir.absolute()),
        }
        lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in written.items()]
        self.settings_file.write_text("\n".join([*lines, "[web]", f"port = {port}", ""]), encoding="utf-8")

    def keep(self) -> None:
        """Keep what was filled, to begin afresh from."""
        unfinished = self.folder / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(self.folder / "now", unfinished)
        unfinished.rename(self.folder / "kept")

    def begin_afresh(self) -> None:
        """Put what was kept in the place of what was done since."""
        shutil.rmtree(self.folder / "now", ignore_errors=True)
        shutil.copytree(self.folder / "kept", self.folder / "now")

    def clear(self) -> None:
        """Leave nothing of what was filled."""
        for name in ("now", "kept", "unfinished"):
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def serve(self, settings: Settings) -> int:
        """Run it until it ends or is stopped, and begin afresh whenever that is wished; the exit code."""
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        while True:
            command = [sys.executable, "-m", SUPERVISOR, "--settings", str(self.settings_file)]
            child = subprocess.Popen(command, env=clean_environment())
            try:
                while child.poll() is None and not settings.afresh_mark.exists():
                    time.sleep(_LOOK)
            except KeyboardInterrupt:
                return child.wait()  # it was interrupted as well
            finally:
                _stop(child)
            if not settings.afresh_mark.exists():
                return child.returncode
            self.begin_afresh()


def _stop(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(_STOP)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def clean_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment without the town's own settings, among which secrets may be."""
    return {name: value for name, value in environment.items() if not name.startswith(ENV_PREFIX) or name == ENV_FILE}


def add_practising_people(store: Store, centre: str) -> str:
    """Add an account for each role, one of them of this centre; the password they have in common."""
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    hashed = hash_password(password)
    with store.write() as session:
        for login, name, role in PEOPLE:
            create_person(session, login, name, hashed, [role], centre=centre if role is Role.CENTRE else None)
    return password
