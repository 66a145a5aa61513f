"""Texts by the thousand, each posted ten times, 64 at once, while everything that runs is killed, and Redis emptied.

Half of them while Redis, pools and the web server are killed: of those posts the share that is answered at the first
try counts. The other half while the supervisor is killed as well, and started again. What is waited for: every post
answered 200; within a minute of the last kill exactly one intake, part and contribution for each text, and a balanced
ledger; in the end one receipt for each.
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
from tests.workers.installation import TOWN_WITH_PROVIDER, Installation, until
from workers.processes.process_list import port_accepts

TEXTS = int(os.environ.get("PORTEVOIX_SOAK_TEXTS", "10000"))
COPIES = 10
AT_ONCE = 64
CLIENTS = 4
"""Processes that post; each opens its share of the connections."""
MOST_SECONDS = 3600
_RETRY_SECONDS = (0.1, 0.5)
NUMBER = "+33298000000"

SUPERVISOR, FLUSHALL = "the supervisor", "FLUSHALL"
WORKERS = (
    "redis-server",
    "workers.pools.pool urgent",
    "workers.pools.pool send",
    "workers.pools.pool mail",
    "workers.watchers.watcher_threads",
    "workers.processes.front",
    "workers.processes.doors",
    "workers.processes.key_holder",
    "workers.processes.web",
    FLUSHALL,
)
PAUSE = (1.0, 3.0)
"""Seconds between two kills."""
SETTLED_SECONDS = 60.0
"""From the last kill until everything stands in the inbox."""
FIRST_TRY = 0.95
"""Of the posts while workers are killed, at least this share is answered at the first try."""
SECONDS_A_RECEIPT = 2.0
"""How long each may take in the end: a process of its own sends it."""

SETTINGS = (
    TOWN_WITH_PROVIDER
    + """\
{more}
[texting]
not_before = 00:00:00
not_after = 23:59:59
not_on = []
per_minute = 6000
"""
)


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
            assert until(lambda: port_accepts("127.0.0.1", port), 60), gateway.output + gateway.logs
            yield gateway
        finally:
            gateway.destroy()


@dataclass
class Outcome:
    """What came of the posts of one client."""

    bodies: Counter[str] = field(default_factory=Counter)
    tries: Counter[str] = field(default_factory=Counter)
    """Answers other than 200, and connections that failed, each of which was tried again."""
    at_first_try: int = 0


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
            if self._post(connection, number):
                with self._lock:
                    self.outcome.at_first_try += 1
                continue
            while time.monotonic() < self._give_up:
                time.sleep(random.uniform(*_RETRY_SECONDS))
                if self._post(connection, number):
                    break

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
    """Kills at random moments, each kind of process once before any of them again; brings a supervisor back."""

    def __init__(self, gateway: Installation, victims: Sequence[str], seed: int) -> None:
        super().__init__(name="killer", daemon=True)
        self.killed: Counter[str] = Counter()
        self._gateway, self._victims = gateway, victims
        self._chance = random.Random(seed)
        self._enough = threading.Event()

    def run(self) -> None:
        """Until told that it is enough."""
        victims: list[str] = []
        while not self._enough.wait(self._chance.uniform(*PAUSE)):
            victims = victims or list(self._victims)
            self._strike(victims.pop(self._chance.randrange(len(victims))))

    def _strike(self, victim: str) -> None:
        if victim == FLUSHALL:
            self._gateway.flush_redis_when_up()
        elif victim == SUPERVISOR:
            self._gateway.kill_supervisor()
            self._gateway.start()
        elif self._gateway.pids_of(victim):
            self._gateway.kill(victim)
        else:
            return  # it is down already
        self.killed[victim] += 1

    def stop(self) -> None:
        """Enough."""
        self._enough.set()
        self.join()


def texts() -> None:
    """The trial; AssertionError when a text is lost, doubled, or answered differently."""
    port = free_port()
    with Telephone(f"http://127.0.0.1:{port}") as provider, running(provider, port) as gateway:
        order = order_of(TEXTS, seed=4)
        half = len(order) // 2
        among_workers = _post_while_killing(gateway, provider, port, order[:half], WORKERS)
        everywhere = _post_while_killing(gateway, provider, port, order[half:], (*WORKERS, SUPERVISOR))
        last_kill = time.monotonic()
        bodies = among_workers.bodies + everywhere.bodies
        assert bodies == {'<?xml version="1.0" encoding="UTF-8"?><Response/>': len(order)}, bodies
        settled = until(lambda: gateway.count("contribution") >= TEXTS and not _to_be_done(gateway), SETTLED_SECONDS)
        print(f"settled {time.monotonic() - last_kill:.0f} s after the last kill", flush=True)
        assert settled, f"{gateway.count('contribution')} contributions\n{gateway.logs}"
        assert_exact(gateway, TEXTS)
        _assert_one_receipt_each(gateway, provider)
        share = among_workers.at_first_try / half
        assert share >= FIRST_TRY, f"only {share:.1%} of the posts were answered at the first try"
        print(f"stopped in {gateway.stop():.1f} s")
        assert_exact(gateway, TEXTS)


def _post_while_killing(
    gateway: Installation, provider: Telephone, port: int, order: Sequence[int], victims: Sequence[str]
) -> Outcome:
    """What came of these posts, from several processes at once."""
    api = provider.api
    killer = Killer(gateway, victims, seed=4)
    began = time.monotonic()
    with ProcessPoolExecutor(CLIENTS, mp_context=multiprocessing.get_context("spawn")) as clients:
        posting: list[Future[Outcome]] = [
            clients.submit(
                post_all, port, api.account_sid, api.auth_token, list(order[share::CLIENTS]), AT_ONCE // CLIENTS
            )
            for share in range(CLIENTS)
        ]
        killer.start()
        outcomes = [one.result() for one in posting]
    took = time.monotonic() - began
    killer.stop()
    whole = Outcome(at_first_try=sum(one.at_first_try for one in outcomes))
    for one in outcomes:
        whole.bodies += one.bodies
        whole.tries += one.tries
    print(f"{len(order)} posts in {took:.0f} s, {len(order) / took:.0f} a second; killed: {dict(killer.killed)}")
    print(f"at the first try: {whole.at_first_try / len(order):.1%}; tried again: {dict(whole.tries)}", flush=True)
    assert killer.killed, "nothing was killed: too short a run says nothing"
    return whole


def _to_be_done(gateway: Installation) -> int:
    return gateway.count("step WHERE queue IN ('urgent', 'themes') AND state <> 'done'")


def _assert_one_receipt_each(gateway: Installation, provider: Telephone) -> None:
    began = time.monotonic()
    waiting = "step WHERE kind = 'send' AND state = 'open'"
    sent = until(lambda: gateway.count(waiting) == 0, SETTLED_SECONDS + SECONDS_A_RECEIPT * TEXTS)
    print(f"receipts out after {time.monotonic() - began:.0f} s more", flush=True)
    assert sent, f"{gateway.count(waiting)} receipts are still to be sent"
    each = Counter(one.to for one in provider.api.sent)
    assert len(each) == TEXTS, f"{len(each)} people got a receipt, not {TEXTS}"
    assert set(each.values()) == {1}, [f"{to}: {count}" for to, count in each.items() if count > 1]


def assert_exact(gateway: Installation, wanted: int) -> None:
    """Nothing is lost and nothing doubled, and the ledger says so."""
    counts = {table: gateway.count(table) for table in ("intake", "arrival", "part", "contribution", "reference")}
    assert counts == dict.fromkeys(counts, wanted), counts
    assert gateway.count("message WHERE purpose = 'receipt'") == wanted
    distinct = gateway.ask("SELECT count(DISTINCT external_id) FROM intake")
    assert distinct == [(wanted,)], distinct
    counted = ledger_of(gateway)
    assert (counted.balanced, counted.units) == (True, wanted), counted
