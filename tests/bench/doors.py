"""The text door over real HTTP beside the smallest honest one, on both databases: posts a second, and the longest wait.

Both run in a process of their own; senders in a third. The workers are not running unless it says so.
What comes behind the door is measured in ``tests.bench.behind_doors``.
"""

from __future__ import annotations

import contextlib
import itertools
import statistics
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import event

from channels.base.values import Fields
from channels.providers.twilio.texts import TEXTS as FIELDS
from channels.sms import text_message
from config.settings.loader import ENV_FILE, load_settings
from gateway.ingest.ingest import PostedWebhook, ingest_texts, prepare_text
from inbox.storage.database import Store
from tests.bench.behind_doors import behind_rows
from tests.bench.pairs import ROUNDS, Figure, Pair
from tests.bench.processor import core_seconds, tree
from tests.bench.running import SETTINGS, process
from tests.bench.senders import ACCOUNT, NUMBER, PUBLIC_URL, TOKEN, send, text_fields
from tests.fixtures_store import Cluster, programs
from tests.standins.web import free_port
from tests.workers.installation import until
from workers.processes.process_list import web_server_answers
from workers.processes.supervisor import prepare_database

TEXTS = 600
AT_ONCE = 16
MOST_PROCESSOR = 2.5
NOBODY = "redis://:nobody@127.0.0.1:9/0"
"""A Redis that is not there: nobody is woken."""


@contextlib.contextmanager
def door_rows(folder: Path) -> Iterator[Sequence[Pair | Figure]]:
    """Posts on SQLite and on PostgreSQL, the longest wait at a steady hundred a second, and statements."""
    with contextlib.ExitStack() as running:
        rows: list[Pair | Figure] = []
        for name, url in _databases(folder, running):
            rows += _rows(folder / name, name, url(), running)
            rows += behind_rows(folder / name, name, url())
        yield rows


def _databases(folder: Path, running: contextlib.ExitStack) -> Iterator[tuple[str, Callable[[], str]]]:
    """Each server, and what makes a database of its own on it."""
    number = itertools.count()
    yield "sqlite", lambda: f"sqlite:///{folder}/ours{next(number)}.db"
    if (found := programs()) is not None:
        cluster = Cluster(found)
        running.callback(cluster.stop)
        cluster.start(durable=True)
        yield "postgresql", lambda: cluster.url(cluster.create())


def _rows(folder: Path, name: str, url: str, running: contextlib.ExitStack) -> list[Pair | Figure]:
    folder.mkdir()
    ours, bare = free_port(), free_port()
    bare_url = f"sqlite:///{folder}/bare.db" if name == "sqlite" else url
    bare_door = running.enter_context(process("tests.bench.bare_door", bare_url, str(bare), TOKEN, PUBLIC_URL))
    file = folder / "portevoix.toml"
    file.write_text(
        SETTINGS.format(public_url=PUBLIC_URL, database=url, port=ours, account=ACCOUNT, token=TOKEN, number=NUMBER)
    )
    store = prepare_database(load_settings(file, env={}))
    statements = _statements_of_one(store)
    store.close()
    our_door = running.enter_context(
        process("workers.processes.doors", env={ENV_FILE: str(file), "PORTEVOIX_REDIS_URL": NOBODY})
    )
    for port in (ours, bare):
        assert until(lambda port=port: web_server_answers("127.0.0.1", port), 60)

    def all_answered(port: int) -> None:
        sent = send(port, TEXTS, AT_ONCE)
        assert sent.refused == 0, sent.refused

    def core_seconds_of(door: int, port: int) -> float:
        before = core_seconds(tree(door))
        all_answered(port)
        return core_seconds(tree(door)) - before

    def processor_ratio() -> float:
        pairs = [(core_seconds_of(our_door.pid, ours), core_seconds_of(bare_door.pid, bare)) for _ in range(ROUNDS)]
        return statistics.median(one / other for one, other in pairs)

    return [
        Pair(
            f"texts over HTTP, {name}",
            lambda: all_answered(ours),
            lambda: all_answered(bare),
            f"{TEXTS} texts, {AT_ONCE} at once: verified, durable, one step ÷ Flask, gunicorn, signature, one INSERT",
            most=2.0,
        ),
        Figure(
            f"processor, {name}",
            processor_ratio,
            MOST_PROCESSOR,
            "÷ bare",
            "core seconds of the two doors for the same texts, whatever else the machine does; 3.4 to 3.9 before",
        ),
        Figure(
            f"p99 at 100/s, {name}",
            lambda: send(ours, 500, AT_ONCE, every=0.01).percentile(0.99) * 1000,
            150,
            "ms",
            "the longest wait of 99 in a hundred",
        ),
        Figure(f"statements, {name}", lambda: statements, 6, "statements", "before a text is answered"),
    ]


def _statements_of_one(store: Store) -> float:
    """Statements between a verified request and its answer."""
    (text,) = text_message.parse_text_message(Fields(text_fields()), FIELDS, region="FR")
    at_door = prepare_text(store.vault, text, PostedWebhook(b"raw", {"path": "/hooks/sms"}))
    count: list[str] = []
    with store.write() as session:
        driver = session.connection().connection.driver_connection
        if store.engine.dialect.name == "postgresql":  # where not all statements are SQLAlchemy's

            class Counted(psycopg.Cursor[Any]):
                def execute(self, query: Any, *arguments: Any, **options: Any) -> Any:
                    count.append(str(query))
                    return super().execute(query, *arguments, **options)

                def executemany(self, query: Any, *arguments: Any, **options: Any) -> Any:
                    count.append(str(query))
                    return super().executemany(query, *arguments, **options)

            driver.cursor_factory = Counted
        else:
            event.listen(store.engine, "before_cursor_execute", lambda _c, _u, statement, *_: count.append(statement))
        ingest_texts(session, [at_door])
    return len([one for one in count if not one.startswith("PRAGMA")])
