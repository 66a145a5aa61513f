"""Texts by the thousand, each posted ten times, 64 at once, while Redis, pools and the web server are killed.

What is waited for: every post answered 200, then exactly one intake, part and contribution for each text, and
a balanced ledger. Receipts go out meanwhile, but nobody waits for the last of them.
"""

from __future__ import annotations

import http.client
import multiprocessing
import os
import queue
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from config.settings.loader import load_settings
from tests.soak.ledgers import ledger_of
from tests.standins.telephone import Fields, Telephone, sign
from tests.standins.web import free_port
from tests.workers.installation import Installation, until
from workers.processes.process_list import accepts

TEXTS = int(os.environ.get("PORTEVOIX_SOAK_TEXTS", "10000"))
COPIES = 10
AT_ONCE = 64
CLIENTS = 4
"""Processes that post; each opens its share of the connections."""
MOST_SECONDS = 3600
_RETRY_SECONDS = (0.1, 0.5)
NUMBER = "+33298000000"

VICTIMS = (
    "redis-server",
    "workers.pools.pool send",
    "workers.pools.pool mail",
    "workers.watchers.sweeper",
    "workers.processes.web",
)

SETTINGS = """
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
{more}
[texting]
not_before = 00:00:00
not_after = 23:59:59
not_on = []
per_minute = 6000
"""


@contextmanager
def running(provider: Telephone, port: int, more: str = "", only: Sequence[str] = ()) -> Iterator[Installation]:
    """A gateway of real processes in a folder of its own, whose provider is the stand-in."""
    with tempfile.TemporaryDirectory(prefix="pv-soak-") as folder:
        gateway = Installation(Path(folder) / "gateway", port)
        api = provider.api
        text = SETTINGS.format(
            port=port, account=api.account_sid, token=api.auth_token, api=provider.base, number=NUMBER, more=more
        )
        gateway.settings_file.write_text(text)
        gateway.settings = load_settings(gateway.settings_file, env={})
        try:
            gateway.start(*only)
            assert until(lambda: accepts("127.0.0.1", port), 60), gateway.output + gateway.logs
            yield gateway
        finally:
            gateway.destroy()


@dataclass
class Outcome:
    """What came of the posts of one client."""

    bodies: Counter[str] = field(default_factory=Counter)
    tries: Counter[str] = field(default_factory=Counter)
    """Answers other than 200, and connections that failed, each of which was tried again."""


def text_fields(account: str, number: int) -> Fields:
    """The webhook of the text of this number; everybody writes once."""
    return [
        ("ToCountry", "FR"),
        ("MessageSid", f"SM{number:032x}"),
        ("AccountSid", account),
        ("From", f"+336{39_980_000 + number}"),
        ("To", NUMBER),
        ("Body", f"Texte numéro {number} : plus de bancs rue de Siam, s'il vous plaît."),
        ("NumMedia", "0"),
        ("NumSegments", "1"),
        ("ApiVersion", "2010-04-01"),
    ]


def order_of(texts: int, seed: int) -> list[int]:
    """Every text ``COPIES`` times: half of the copies within a moment of each other, the others at any time."""
    chance = random.Random(seed)
    soon = [(number + chance.uniform(0, 10), number) for number in range(texts) for _ in range(COPIES // 2)]
    any_time = [(chance.uniform(0, texts), number) for number in range(texts) for _ in range(COPIES - COPIES // 2)]
    return [number for _, number in sorted(soon + any_time)]


class Client:
    """Posts texts, so many at once over connections that are kept; what fails is tried again, as in life."""

    def __init__(self, port: int, account: str, token: str, numbers: list[int]) -> None:
        self.outcome = Outcome()
        self._port, self._account, self._token = port, account, token
        self._waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
        for number in numbers:
            self._waiting.put(number)
        self._lock = threading.Lock()
        self._give_up = time.monotonic() + MOST_SECONDS

    def post_all(self, connections: int) -> Outcome:
        """Post everything; what came of it."""
        threads = [threading.Thread(target=self._work) for _ in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self.outcome

    def _work(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=15)
        while True:
            try:
                number = self._waiting.get_nowait()
            except queue.Empty:
                connection.close()
                return
            while time.monotonic() < self._give_up and not self._post(connection, number):
                time.sleep(random.uniform(*_RETRY_SECONDS))

    def _post(self, connection: http.client.HTTPConnection, number: int) -> bool:
        body, headers = self._signed(number)
        try:
            connection.request("POST", "/hooks/sms", body, headers)
            answer = connection.getresponse()
            said = answer.read().decode()
            failed = "" if answer.status == 200 else str(answer.status)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            said, failed = "", type(error).__name__
        with self._lock:
            if failed:
                self.outcome.tries[failed] += 1
            else:
                self.outcome.bodies[said] += 1
        return not failed

    def _signed(self, number: int) -> tuple[bytes, dict[str, str]]:
        fields = text_fields(self._account, number)
        signature = sign(f"http://127.0.0.1:{self._port}/hooks/sms", fields, self._token)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
        return urlencode(fields).encode(), headers


def post_all(port: int, account: str, token: str, numbers: list[int], connections: int) -> Outcome:
    """A client in a process of its own."""
    return Client(port, account, token, numbers).post_all(connections)


class Killer(threading.Thread):
    """Kills at random moments, each kind of process once before any of them again."""

    def __init__(self, gateway: Installation, seed: int, pause: tuple[float, float]) -> None:
        super().__init__(name="killer", daemon=True)
        self.killed: Counter[str] = Counter()
        self._gateway, self._pause = gateway, pause
        self._chance = random.Random(seed)
        self._enough = threading.Event()

    def run(self) -> None:
        """Until told that it is enough."""
        victims = list(VICTIMS)
        while not self._enough.wait(self._chance.uniform(*self._pause)):
            if not victims:
                victims = list(VICTIMS)
            words = victims.pop(self._chance.randrange(len(victims)))
            if self._gateway.pids_of(words):
                self._gateway.kill(words)
                self.killed[words] += 1

    def stop(self) -> None:
        """Enough."""
        self._enough.set()
        self.join()


def texts() -> None:
    """The trial; AssertionError when a text is lost, doubled, or answered differently."""
    port = free_port()
    with Telephone(f"http://127.0.0.1:{port}") as provider, running(provider, port) as gateway:
        api, order = provider.api, order_of(TEXTS, seed=4)
        killer = Killer(gateway, seed=4, pause=(3, 8) if TEXTS < 2000 else (8, 20))
        began = time.monotonic()
        with ProcessPoolExecutor(CLIENTS, mp_context=multiprocessing.get_context("spawn")) as clients:
            posting: list[Future[Outcome]] = [
                clients.submit(
                    post_all, port, api.account_sid, api.auth_token, order[share::CLIENTS], AT_ONCE // CLIENTS
                )
                for share in range(CLIENTS)
            ]
            killer.start()
            outcomes = [one.result() for one in posting]
        took = time.monotonic() - began
        killer.stop()
        bodies = sum((one.bodies for one in outcomes), Counter[str]())
        tries = sum((one.tries for one in outcomes), Counter[str]())
        print(f"{len(order)} posts in {took:.0f} s, {len(order) / took:.0f} a second; killed: {dict(killer.killed)}")
        print(f"tried again: {dict(tries)}; receipts handed over meanwhile: {len(api.sent)}")
        assert bodies == {'<?xml version="1.0" encoding="UTF-8"?><Response/>': len(order)}, bodies
        assert killer.killed, "nothing was killed: too short a run says nothing"
        assert_exact(gateway, TEXTS)
        stopping = gateway.stop()
        print(f"stopped in {stopping:.1f} s")
        assert_exact(gateway, TEXTS)


def assert_exact(gateway: Installation, wanted: int) -> None:
    """Nothing is lost and nothing doubled, and the ledger says so."""
    counts = {table: gateway.count(table) for table in ("intake", "arrival", "part", "contribution", "reference")}
    assert counts == dict.fromkeys(counts, wanted), counts
    assert gateway.count("message WHERE purpose = 'receipt'") == wanted
    distinct = gateway.ask("SELECT count(DISTINCT external_id) FROM intake")
    assert distinct == [(wanted,)], distinct
    counted = ledger_of(gateway)
    assert (counted.balanced, counted.units) == (True, wanted), counted
