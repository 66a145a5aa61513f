"""Three hosts on one PostgreSQL, one Redis and one object store, while hosts, leaders and services fail.

A host is a gateway of real processes with a data folder of its own; they share settings, keys, database, Redis and
bucket, and one machine. Texts go to all of them, each to two; scans lie in two hosts' folders. Meanwhile a whole host
is killed and comes back, whoever leads is killed, Redis is emptied, the object store falls silent, PostgreSQL is
started anew. Wanted: every post answered in the end, and within two minutes of the last fault every text and scan
taken in once, read once, with one receipt each, a balanced ledger, and somebody who leads everything.
"""

from __future__ import annotations

import os
import random
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

import requests
from redis import Redis
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from config.settings.loader import load_settings
from config.settings.sections.media_section import Media
from inbox.storage.object_media import ObjectMedia
from tests.fixtures_store import Cluster, programs
from tests.soak.ledgers import ledger_of
from tests.soak.texts import NUMBER, SECONDS_A_RECEIPT, text_fields
from tests.standins.swift import Swift
from tests.standins.telephone import Telephone, sign
from tests.standins.web import free_port
from tests.workers.installation import Installation, until
from workers.processes.process_list import port_accepts

HOSTS = 3
TEXTS = int(os.environ.get("PORTEVOIX_SOAK_CLUSTER_TEXTS", "600"))
SCANS = int(os.environ.get("PORTEVOIX_SOAK_CLUSTER_SCANS", "12"))
SENDERS = 12
ROUNDS = int(os.environ.get("PORTEVOIX_SOAK_CLUSTER_ROUNDS", "2"))
"""How often each fault is tried."""
SETTLED_SECONDS = 120.0
SILENT_SECONDS = 15.0
"""For how long the object store and PostgreSQL are away."""
_MOST_SECONDS = 1800
_PASSWORD = "not-secret"

SETTINGS = """
town = "ville-exemple"
public_url = "http://127.0.0.1:{first_port}"
languages = ["fr"]
keys_dir = "{keys}"
database_url = "{database}"
redis_url = "redis://:{password}@127.0.0.1:{redis}/0"
[media]
store = "s3"
endpoint = "{media.endpoint}"
bucket = "{media.bucket}"
region = "{media.region}"
access_key = "{media.access_key}"
secret_key = "{secret}"
answer_seconds = 5
[web]
port = {port}
[twilio]
account_sid = "{account}"
auth_tokens = ["{token}"]
api_base = "{api}"
receives = "{number}"
sender = "{number}"
[texting]
not_before = 00:00:00
not_after = 23:59:59
not_on = []
per_minute = 6000
[[scan_folders]]
path = "scans"
centre = "maison-pour-tous"
settle_seconds = 0
"""


class Host(Installation):
    """One of several: its rows are the cluster's."""

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        """The rows of a question, asked past the program; none while the database is away."""
        engine = create_engine(self.settings.database_url)
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.execute(text(statement))]
        except SQLAlchemyError:
            return []
        finally:
            engine.dispose()


class Town:
    """Three hosts, and what they share."""

    def __init__(self, postgresql: Cluster, redis: int, swift: Swift, hosts: Sequence[Host]) -> None:
        self.postgresql, self.redis, self.swift, self.hosts = postgresql, redis, swift, hosts

    # --- faults

    def cut_a_host_off(self, chance: random.Random) -> None:
        """Everything that runs on a host ends at once; it comes back later."""
        host = chance.choice(self.hosts)
        host.destroy()
        time.sleep(5)
        host.start()

    def kill_a_leader(self, chance: random.Random) -> None:
        """Whoever holds a lead is killed, and what it led has to be led by another."""
        held = self.hosts[0].ask("SELECT holder FROM leadership WHERE until > now()")
        if held:
            _, pid, _ = str(chance.choice(held)[0]).rsplit(":", 2)
            with suppress(ProcessLookupError):
                os.kill(int(pid), 9)

    def empty_redis(self, _chance: random.Random) -> None:
        """Every wake-up call is lost."""
        with Redis(port=self.redis, password=_PASSWORD) as connection:
            connection.flushall()

    def silence_the_object_store(self, _chance: random.Random) -> None:
        """Nothing can be stored or read."""
        self.swift.pause()
        time.sleep(SILENT_SECONDS)
        self.swift.go_on()

    def restart_postgresql(self, _chance: random.Random) -> None:
        """Every connection breaks, and new ones are refused for a moment."""
        self.postgresql.restart()

    @property
    def faults(self) -> list[Callable[[random.Random], None]]:
        """Each kind."""
        return [
            self.cut_a_host_off, self.kill_a_leader, self.empty_redis,
            self.silence_the_object_store, self.restart_postgresql,
        ]  # fmt: skip


@contextmanager
def _redis() -> Iterator[int]:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="pv-redis-") as folder:
        server = subprocess.Popen(
            ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--requirepass", _PASSWORD, "--save", "",
             "--dir", folder],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            assert until(lambda: port_accepts("127.0.0.1", port), 20)
            yield port
        finally:
            server.kill()
            server.wait()


@contextmanager
def town() -> Iterator[tuple[Town, Telephone]]:
    """Everything started; stopped at the end."""
    found = programs()
    assert found is not None, "PostgreSQL is not installed"
    ports = [free_port() for _ in range(HOSTS)]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pv-hosts-")))
        postgresql, swift = Cluster(found), Swift()
        stack.callback(postgresql.stop)
        postgresql.start(durable=True)
        stack.callback(swift.stop)
        media = swift.start()
        ObjectMedia(media).make_bucket()
        redis = stack.enter_context(_redis())
        provider = stack.enter_context(Telephone(f"http://127.0.0.1:{ports[0]}"))
        database = postgresql.url(postgresql.create())
        hosts = []
        for number, port in enumerate(ports):
            host = Host(folder / f"host-{number}", port)
            host.settings_file.write_text(_settings(folder, ports, port, database, redis, media, provider))
            host.settings = load_settings(host.settings_file, env={})
            stack.callback(host.destroy)
            host.start()
            # The first one makes the keys, which the others only read.
            assert until(lambda port=port: port_accepts("127.0.0.1", port), 120), host.output + host.logs
            hosts.append(host)
        yield Town(postgresql, redis, swift, hosts), provider


def _settings(
    folder: Path, ports: Sequence[int], port: int, database: str, redis: int, media: Media, provider: Telephone
) -> str:
    return SETTINGS.format(
        first_port=ports[0], port=port, keys=folder / "keys", database=database, redis=redis, password=_PASSWORD,
        media=media, secret=media.secret_key.get_secret_value(), account=provider.api.account_sid,
        token=provider.api.auth_token, api=provider.base, number=NUMBER,
    )  # fmt: skip


def _post(provider: Telephone, ports: Sequence[int], numbers: Sequence[int], tried: Counter[str]) -> None:
    """Each text to two hosts, as a provider that was not sure; what fails is tried again, at another host."""
    deadline = time.monotonic() + _MOST_SECONDS
    for number in numbers:
        fields = text_fields(provider.api.account_sid, number)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": sign(f"http://127.0.0.1:{ports[0]}/hooks/sms", fields, provider.api.auth_token),
        }
        for copy in range(2):
            turn = number + copy
            while time.monotonic() < deadline:
                address = f"http://127.0.0.1:{ports[turn % len(ports)]}/hooks/sms"
                try:
                    status = requests.post(address, urlencode(fields).encode(), headers=headers, timeout=20).status_code
                except requests.RequestException:
                    status = 0
                tried[str(status)] += 1
                if status == 200:
                    break
                turn += 1
                time.sleep(0.3)


def cluster() -> None:
    """The trial."""
    chance = random.Random(17)
    tried: Counter[str] = Counter()
    with town() as (there, provider):
        ports = [host.settings.web.port for host in there.hosts]
        senders = [
            threading.Thread(target=_post, args=(provider, ports, range(first, TEXTS, SENDERS), tried), daemon=True)
            for first in range(SENDERS)
        ]
        for one in senders:
            one.start()
        for number in range(SCANS):
            there.hosts[number % 2].scan(number)
        for _ in range(ROUNDS):
            for fault in chance.sample(there.faults, len(there.faults)):
                time.sleep(chance.uniform(2, 5))
                print(f"{fault.__name__.replace('_', ' ')}", flush=True)
                fault(chance)
        for one in senders:
            one.join(_MOST_SECONDS)
        last = time.monotonic()
        print(f"answers: {dict(tried)}", flush=True)
        _settle(there, provider, last)
        led = "leadership WHERE until > now()"
        assert until(lambda: there.hosts[0].count(led) == there.hosts[0].count("leadership"), 60)
        leaders = there.hosts[0].ask("SELECT name, token FROM leadership ORDER BY name")
        print(f"leads, and how often they went to another: {leaders}", flush=True)


def _settle(there: Town, provider: Telephone, last: float) -> None:
    host = there.hosts[0]
    wanted = TEXTS + SCANS

    def is_settled() -> bool:
        return host.count("contribution") >= wanted and host.count("step WHERE state = 'open' AND queue <> 'send'") == 0

    settled = until(is_settled, SETTLED_SECONDS)
    print(f"settled {time.monotonic() - last:.0f} s after the last answer", flush=True)
    held = host.ask("SELECT queue, state, reason, count(*) FROM step WHERE state <> 'done' GROUP BY 1, 2, 3")
    assert settled, f"{host.count('contribution')} of {wanted}, {held}, {len(provider.api.sent)} sent"
    sent = until(lambda: len(provider.api.sent) >= TEXTS, SECONDS_A_RECEIPT * TEXTS)
    assert sent, f"{len(provider.api.sent)} receipts of {TEXTS}"
    damaged = host.count("step WHERE reason LIKE '%damaged%' OR reason LIKE '%larger%'")
    assert damaged == 0, held
    counts = {table: host.count(table) for table in ("intake", "part", "contribution")}
    assert counts == dict.fromkeys(counts, wanted), counts
    each = Counter(one.to for one in provider.api.sent)
    assert (len(each), set(each.values())) == (TEXTS, {1}), each.most_common(3)
    unread = host.count("step WHERE state IN ('quarantined', 'needs_person') AND queue <> 'pages'")
    assert unread == 0, held
    counted = ledger_of(host)
    assert (counted.balanced, counted.units) == (True, wanted), counted
