"""The pages of a town of 5,000 and one of 50,000 contributions, on both databases: one process, over real HTTP.

``CONTRIBUTIONS`` in the environment makes the larger one larger still, for the spreadsheet of 500,000 rows;
``SERVERS=sqlite`` leaves out the other database.
"""

from __future__ import annotations

import contextlib
import http.client
import itertools
import os
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.settings.loader import ENV_FILE, load_settings
from gateway.web.app import create_app
from inbox.storage.database import Store
from tests.bench.doors import NOBODY
from tests.bench.pairs import Figure, Pair
from tests.bench.running import process
from tests.bench.town import fill
from tests.fixtures_store import SERVERS, Cluster, programs
from tests.signed_in import sign_in_as
from tests.standins.web import free_port
from tests.workers.installation import until
from workers.processes.process_list import web_server_answers
from workers.processes.supervisor import prepare_database

FEW, MANY = 5_000, int(os.environ.get("CONTRIBUTIONS", "50000"))
PEOPLE = 8
EVERY = 2.0
"""Seconds between two pages of one person, who reads meanwhile."""
ASKED = 120
SETTINGS = """
town = "ville-exemple"
public_url = "http://127.0.0.1"
database_url = "{database}"
[web]
port = {port}
"""

PAGES: dict[str, str] = {
    "list": "/contributions",
    "list, deep": "/contributions?before={middle}",
    "to review": "/contributions?view=todo",
    "needs a person": "/contributions?view=person",
    "being read": "/contributions?view=waiting",
    "set aside": "/contributions?view=aside",
    "one channel": "/contributions?channel=email",
    "common theme": "/contributions?theme=mobilite",
    "rare theme": "/contributions?theme=commerces&view=todo",
    "doubtful": "/contributions?doubtful=1",
    "common word": "/contributions?q=banc",
    "rare word": "/contributions?q=rare7",
    "two words": "/contributions?q=arbres+liberte&view=todo",
    "no such word": "/contributions?q=zygomatique",
    "contribution": "/contributions/{middle}",
    "desk": "/triage",
    "in a queue": "/contributions/{middle}?queue=new",
    "in the queue of danger": "/contributions/{middle}?queue=danger",
    "ledger": "/ledger",
    "quarantine": "/quarantine",
    "not contributions": "/not-contributions",
    "batches": "/batches",
    "answers": "/answers",
    "an answer to all": "/answers/new",
    "status": "/status",
}


@dataclass
class Site:
    """A served town, and how somebody signed in asks it."""

    port: int
    pid: int
    cookie: str
    middle: int

    def get(self, path: str) -> float:
        """Ask for a page on a connection of its own; seconds until all of it is here."""
        began = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request("GET", path.format(middle=self.middle), headers={"Cookie": self.cookie})
        answer = connection.getresponse()
        while answer.read(1 << 16):
            pass
        connection.close()
        assert answer.status == 200, (path, answer.status)
        return time.perf_counter() - began

    def each_page(self) -> None:
        """Every page once, one after the other."""
        for path in PAGES.values():
            self.get(path)

    def slowest(self, people: int = PEOPLE, every: float = EVERY, asked: int = ASKED) -> float:
        """The longest wait (ms) of 95 pages in a hundred, several people asking at once."""
        took: list[float] = []

        def read(first: int) -> None:
            time.sleep(first * every / people)
            pages = itertools.islice(itertools.cycle(PAGES.values()), first * 5, first * 5 + asked // people)
            for path in pages:
                due = time.monotonic() + every
                took.append(self.get(path))
                time.sleep(max(0.0, due - time.monotonic()))

        readers = [threading.Thread(target=read, args=(number,)) for number in range(people)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        return statistics.quantiles(took, n=20)[-1] * 1000

    def peak_megabytes(self) -> float:
        """The most memory the process has had at once."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


@contextlib.contextmanager
def inbox_rows(folder: Path) -> Iterator[Sequence[Pair | Figure]]:
    """Growth, the wait of eight readers, and the spreadsheet."""
    with contextlib.ExitStack() as running:
        rows: list[Pair | Figure] = []
        for server in os.environ.get("SERVERS", " ".join(SERVERS)).split():
            if server == "postgresql" and programs() is None:
                continue
            many = _site(folder, server, MANY, running)
            few = _site(folder, server, FEW, running)
            rows += _rows(server, many, few)
        yield rows


def _rows(server: str, many: Site, few: Site) -> list[Pair | Figure]:
    each = [
        Pair(f"{name}, {server}", lambda p=path: many.get(p), lambda p=path: few.get(p), f"{MANY} ÷ {FEW}")  # type: ignore[misc] # bound now
        for name, path in PAGES.items()
    ]
    whole = Pair(f"all pages, {server}", many.each_page, few.each_page, f"{MANY} ÷ {FEW} contributions", most=1.3)
    return [
        *(each if os.environ.get("EACH") else []),
        whole,
        Figure(f"eight readers, {server}", many.slowest, 150, "ms", f"p95 of {MANY}, a page every {EVERY:g} s each"),
        Figure(
            f"eight at once, {server}",
            lambda: many.slowest(every=0),
            float("inf"),
            "ms",
            "p95 without a pause between two pages: told, not promised",
        ),
        Figure(f"spreadsheet, {server}", lambda: _spreadsheet(many), 200, "ms", "for a thousand rows"),
        Figure(f"its memory, {server}", many.peak_megabytes, 200, "MB", f"peak of the whole process, {MANY} rows"),
    ]


def _spreadsheet(site: Site) -> float:
    return site.get("/contributions/export.csv") / MANY * 1000 * 1000


def _site(folder: Path, server: str, contributions: int, running: contextlib.ExitStack) -> Site:
    home = folder / f"{server}-{contributions}"
    home.mkdir()
    database = f"sqlite:///{home}/town.db"
    if server == "postgresql":
        found = programs()
        assert found is not None
        cluster = Cluster(found)
        cluster.start(durable=True)
        running.callback(cluster.stop)
        database = cluster.url(cluster.create())
    file, port = home / "portevoix.toml", free_port()
    file.write_text(SETTINGS.format(database=database, port=port))
    settings = load_settings(file, env={})
    store = prepare_database(settings)
    town = fill(store, contributions)
    store.close()
    environment = {ENV_FILE: str(file), "PORTEVOIX_REDIS_URL": NOBODY}
    web = running.enter_context(process("workers.processes.web", env=environment))
    assert until(lambda: web_server_answers("127.0.0.1", port), 60)
    app = create_app(settings, Store.open(settings))
    cookie = _cookie(app, town.people["lena"])
    # Of one that is listed: the town's dice leave a few out.
    return Site(port, web.pid, cookie, contributions // 2 + 1)


def _cookie(app, person: int) -> str:  # type: ignore[no-untyped-def]
    """As after signing in, which is slow by intention and not what is measured."""
    client = app.test_client()
    sign_in_as(client, person)
    name = app.config["SESSION_COOKIE_NAME"]
    return f"{name}={client.get_cookie(name).value}"
