"""A whole gateway of real processes in a folder of its own, to be killed in every way."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from redis import Redis

from config.settings.loader import Settings, load_settings
from workers.processes.private_redis import redis_answers

SETTINGS = """
town = "essai"
languages = ["fr"]
[web]
port = {port}
[[scan_folders]]
path = "scans"
centre = "maison-pour-tous"
settle_seconds = 0
"""

TOWN_WITH_PROVIDER = """
town = "ville-exemple"
public_url = "http://127.0.0.1:{port}"
languages = ["fr", "en"]
[web]
port = {port}
[twilio]
account_sid = "{account}"
auth_tokens = ["{token}"]
api_base = "{api}"
receives = "{number}"
sender = "{number}"
"""
"""A town with a telephone provider: to be filled with ``port``, ``account``, ``token``, ``api`` and ``number``."""


class Installation:
    """Settings, a data folder and, once started, a supervisor with its processes."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.scans = folder / "scans"
        self.scans.mkdir(parents=True)
        self.settings_file = folder / "portevoix.toml"
        self.settings_file.write_text(SETTINGS.format(port=port))
        self.settings: Settings = load_settings(self.settings_file, env={})
        self.supervisor: subprocess.Popen[bytes] | None = None
        self._sessions: set[int] = set()

    # --- running

    def start(self, *only: str) -> None:
        """Start everything, or ``only`` some of it."""
        arguments = [word for name in only for word in ("--only", name)]
        with (self.folder / "output").open("ab") as output:
            self.supervisor = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "workers.processes.supervisor",
                    "--settings",
                    str(self.settings_file),
                    *arguments,
                ],
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._sessions.add(self.supervisor.pid)

    def stop(self) -> float:
        """Stop it as Ctrl-C does; seconds that took."""
        assert self.supervisor
        began = time.monotonic()
        self.supervisor.send_signal(signal.SIGINT)
        self.supervisor.wait(60)
        return time.monotonic() - began

    def kill_supervisor(self) -> None:
        """Kill it without warning; what it started ends with it."""
        if self.supervisor and self.supervisor.poll() is None:
            self.supervisor.kill()
            self.supervisor.wait()

    def destroy(self) -> None:
        """Kill whatever is left."""
        self.kill_supervisor()
        until(lambda: not self.processes())
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)

    @property
    def output(self) -> str:
        """What the supervisor has said."""
        return (self.folder / "output").read_text()

    @property
    def logs(self) -> str:
        """What its processes have said, for a failing test."""
        return "\n".join(
            f"--- {path.name}\n{path.read_text()[-3000:]}" for path in (self.settings.data_dir / "logs").glob("*.log")
        )

    def processes(self) -> dict[int, str]:
        """Every living process of this installation, by id: they share the session of the supervisor."""
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                line = (entry / "cmdline").read_bytes()
                if os.getsid(int(entry.name)) in self._sessions:
                    found[int(entry.name)] = line.replace(b"\0", b" ").decode(errors="replace")
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
        return found

    def pids_of(self, words: str) -> list[int]:
        """The processes whose command line holds these words, the oldest first."""
        return sorted(
            pid for pid, line in self.processes().items() if words in line and "config.sandbox.parent_death" not in line
        )

    def kill(self, words: str) -> int:
        """Kill the oldest such process without warning; its id."""
        assert until(lambda: bool(self.pids_of(words))), f"nothing to kill: {words}\n{self.logs}"
        pid = self.pids_of(words)[0]
        os.kill(pid, signal.SIGKILL)
        return pid

    def flush_redis_when_up(self) -> None:
        """Empty Redis, once it answers."""
        assert until(lambda: redis_answers(self.settings.redis_address)), self.logs
        with Redis.from_url(self.settings.redis_address) as connection:
            connection.flushall()

    # --- looking

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        """The rows of a question, asked past the program."""
        file = self.settings.data_dir / "portevoix.sqlite"
        if not file.exists():
            return []
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as connection:
            try:
                return connection.execute(statement).fetchall()
            except sqlite3.OperationalError:
                return []

    def count(self, what: str) -> int:
        """How many rows there are: a table, and a condition if there is one."""
        rows = self.ask(f"SELECT count(*) FROM {what}")
        return int(str(rows[0][0])) if rows else 0

    def held(self, kind: str) -> bool:
        """Whether a step of this kind is being worked on right now."""
        return self.count(f"step WHERE kind = '{kind}' AND state = 'open' AND lease_until IS NOT NULL") > 0

    # --- giving it something to do

    def scan(self, number: int) -> None:
        """Put a scanned form of one page into the watched folder, as a copier does: whole, by renaming."""
        page = Image.new("L", (1240, 1754), 255)
        text = f"Formulaire numéro {number}.\nNous voulons plus de bancs\ndans le parc de la mairie."
        font = ImageFont.truetype("DejaVuSans.ttf", 44)
        ImageDraw.Draw(page).multiline_text((120, 200), text, fill=0, font=font, spacing=20)
        unfinished = self.scans / f".scan{number:04d}.png"
        page.save(unfinished, dpi=(150, 150))
        unfinished.rename(self.scans / f"scan{number:04d}.png")


def until(happens: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether it happens in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if happens():
            return True
        time.sleep(0.05)
    return happens()
