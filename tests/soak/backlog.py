"""A mailbox with a week's backlog, read by a watcher that is killed again and again while people use the mailbox."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError
from sqlalchemy import func, select

from config.settings.loader import load_settings
from inbox.migrations import migrate
from inbox.models import Arrival, Intake, MailCursor
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from tests.bench.mail import mail
from tests.standins.dovecot import Dovecot

MAILS = int(os.environ.get("PORTEVOIX_SOAK_MAILS", "10000"))
MEANWHILE = MAILS // 50
"""Mails that come while the backlog is caught up."""
LARGE_EVERY = 200
LIFE = MAILS // 20
"""Mails that one watcher takes in at most before it is killed."""
LONGEST_LIFE = 60.0
DEADLINE = 1800

SETTINGS = """
town = "essai"
redis_url = "unix://{folder}/nobody.sock"
[[mailboxes]]
name = "avis@brest.example"
host = "127.0.0.1"
port = {port}
tls = "none"
user = "avis"
password = "secret"
folders = ["INBOX", "Avis"]
"""


def backlog() -> None:
    """Exactly one intake for each mail, however often the watcher was killed."""
    chance = random.Random(int(os.environ.get("PORTEVOIX_SOAK_SEED", "1")))
    with tempfile.TemporaryDirectory(prefix="portevoix-backlog-") as name, Dovecot({"avis": "secret"}) as server:
        folder = Path(name)
        settings_file = folder / "portevoix.toml"
        settings_file.write_text(SETTINGS.format(folder=folder, port=server.port))
        store = Store.open(load_settings(settings_file, env={}))
        migrate(store.engine)
        written = [_mail(number) for number in range(MAILS)]
        server.fill("avis", written)
        stop = threading.Event()
        people = _People(server, chance, [_mail(MAILS + number) for number in range(MEANWHILE)], stop)
        people.start()
        try:
            kills = _watch_and_kill(settings_file, store, chance, people)
        finally:
            stop.set()
            people.join()
        expected = Counter(hashlib.sha256(raw).hexdigest() for raw in (*written, *people.came))
        with store.read() as session:
            found = Counter(session.scalars(select(Intake.external_id)))
            arrivals = session.scalar(select(func.count()).select_from(Arrival))
            left = session.scalar(select(func.sum(MailCursor.not_taken_in)))
        print(
            f"  {len(found)} intakes of {len(expected)} mails, {kills} kills, {people.moved} mails moved,"
            f" {people.read} read, {arrivals} arrivals, {left} on the server and not taken in",
            flush=True,
        )
        assert found == expected, f"{len(expected - found)} lost, {len(found - expected)} too many"
        assert (arrivals, left) == (len(expected), 0)
        assert kills >= 10, "it was hardly ever killed"


def _mail(number: int) -> bytes:
    raw = mail(number)
    return raw + b"x" * 70 * 2000 if number % LARGE_EVERY == 0 else raw


def _watch_and_kill(settings_file: Path, store: Store, chance: random.Random, people: _People) -> int:
    """Start watchers and kill them until all is taken in; how many were killed."""
    began, kills, told = time.monotonic(), 0, 0.0
    log = settings_file.with_name("log").open("ab")
    with contextlib.closing(log):
        while True:
            watcher = subprocess.Popen(
                [sys.executable, "-m", "workers.watchers.watcher_threads", "mailbox-1"],
                env={**os.environ, "PORTEVOIX_SETTINGS_FILE": str(settings_file)},
                stdout=log,
                stderr=log,
            )
            ends = time.monotonic() + LONGEST_LIFE
            until = _intakes(store) + chance.randint(0, LIFE)
            while time.monotonic() < ends and not (people.is_done and _nothing_left(store, people)):
                # The last one is left alone until it has seen everything.
                if not people.is_done and _intakes(store) > until:
                    break
                time.sleep(chance.uniform(0.005, 0.05))
            finished = people.is_done and _nothing_left(store, people)
            watcher.send_signal(signal.SIGKILL)
            watcher.wait()
            if finished:
                return kills
            kills += 1
            there = _intakes(store)
            # People go on until most of it is taken in, so that every stage of it is disturbed.
            people.enough = there >= MAILS * 0.9
            if time.monotonic() - told > 10:
                told = time.monotonic()
                print(f"  {there} of {MAILS}, {kills} kills, {told - began:.0f} s", flush=True)
            assert time.monotonic() - began < DEADLINE, "it never came to an end"


def _intakes(store: Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(Intake)) or 0


def _nothing_left(store: Store, people: _People) -> bool:
    """Whether every folder was looked into since the last mail came or was moved, and nothing was left."""
    with store.read() as session:
        rows = session.execute(select(MailCursor.not_taken_in, MailCursor.looked_at)).all()
    return len(rows) == 2 and all(left == 0 and at is not None and at > people.done_at for left, at in rows)


class _People(threading.Thread):
    """Reads mail, moves it to another folder that is watched or not, brings it back; and mail goes on coming."""

    def __init__(self, server: Dovecot, chance: random.Random, coming: list[bytes], stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._server, self._chance, self._coming, self._stop_asked = (
            server,
            random.Random(chance.random()),
            coming,
            stop,
        )
        self.came: list[bytes] = []
        self.moved = self.read = 0
        self.enough = self.is_done = False
        self.done_at = utc_now()

    def run(self) -> None:
        with IMAPClient("127.0.0.1", port=self._server.port, ssl=False, timeout=60) as client:
            client.login("avis", "secret")
            for folder in ("Avis", "Lus"):
                client.create_folder(folder)
            while not self._stop_asked.is_set() and not (self.enough and not self._coming):
                self._one_come()
                with contextlib.suppress(IMAPClientError):
                    self._use(client)
                self._stop_asked.wait(self._chance.uniform(0.02, 0.1))
            self._bring_back(client)
        self.done_at = utc_now()
        self.is_done = True

    def _one_come(self) -> None:
        for _ in range(min(self._chance.randint(0, 3), len(self._coming))):
            raw = self._coming.pop()
            self._server.deliver("avis", raw)
            self.came.append(raw)

    def _use(self, client: IMAPClient) -> None:
        client.select_folder("INBOX")
        uids = client.search("ALL")
        some = self._chance.sample(uids, min(len(uids), 5))
        client.add_flags(some, [b"\\Seen"])
        self.read += len(some)
        there = self._chance.choice(["Avis", "Lus"])
        client.move(some, there)
        self.moved += len(some)
        if self._chance.random() < 0.3:
            self._bring_back(client)

    @staticmethod
    def _bring_back(client: IMAPClient) -> None:
        client.select_folder("Lus")
        if uids := client.search("ALL"):
            client.move(uids, "INBOX")
