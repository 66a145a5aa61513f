"""Texts behind their door: ten thousand at once until all stand in the inbox, and one alone until it is seen there.

The web server, Redis, the pool of urgent steps and the sweeper run, as ``portevoix up`` starts them; what sends does
not. Counted in the database: contributions, their texts, themes, search words, and receipts with their steps.
"""

from __future__ import annotations

import os
import random
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select

from config.enums import Purpose, StepKind, StepState
from config.settings.loader import Settings, load_settings
from inbox.models import Contribution, Intake, Message, Part, SearchTokens, Step, TextVersion
from inbox.storage.database import Store
from tests.bench.pairs import Figure
from tests.bench.running import SETTINGS, process
from tests.bench.senders import ACCOUNT, NUMBER, PUBLIC_URL, TOKEN, answer, as_request, send, text_fields
from tests.standins.web import free_port
from tests.workers.installation import until
from workers.processes.process_list import web_server_answers

TEXTS = int(os.environ.get("PORTEVOIX_BENCH_TEXTS", "10000"))
AT_ONCE = 64
ALONE = 100
"""Texts that come while nothing else does, one by one."""
MOST_SECONDS = 120.0
"""From the last post to the last text in the inbox."""
_PATIENCE = 600.0
_UNDERSTOOD = (StepKind.TAKE_IN_TEXT, StepKind.SUGGEST_THEMES)


def behind_rows(folder: Path, name: str, url: str) -> list[Figure]:
    """How long texts take behind their door, on one database."""
    return [
        Figure(
            f"{TEXTS} texts, {name}",
            lambda: _many(folder / "many", url),
            MOST_SECONDS,
            "s",
            "from the last answer to all in the inbox, with themes, index and receipts queued",
        ),
        Figure(
            f"one text, {name}",
            lambda: _alone(folder / "many", url),
            1.0,
            "s",
            f"p99 of {ALONE} from a post to the inbox, nothing else going on",
        ),
    ]


@contextmanager
def _gateway(folder: Path, url: str) -> Iterator[tuple[Settings, Store, int]]:
    """A gateway of real processes: its settings, its store, and the port of its web server."""
    folder.mkdir(exist_ok=True)
    port, file = free_port(), folder / "portevoix.toml"
    file.write_text(
        SETTINGS.format(public_url=PUBLIC_URL, database=url, port=port, account=ACCOUNT, token=TOKEN, number=NUMBER)
    )
    settings = load_settings(file, env={})
    only = [word for one in ("redis", "web", "urgent", "sweeper") for word in ("--only", one)]
    with process("workers.processes.supervisor", "--settings", str(file), *only):
        assert until(lambda: web_server_answers("127.0.0.1", port), 60)
        store = Store.open(settings)
        try:
            yield settings, store, port
        finally:
            store.close()


def _many(folder: Path, url: str) -> float:
    with _gateway(folder, url) as (_settings, store, port):
        sent = send(port, TEXTS, AT_ONCE)
        assert sent.refused == 0, sent.refused
        print(f"    {TEXTS} posts in {sent.seconds:.0f} s, {sent.rate:.0f} a second; there by then: {_there(store)}")
        last_post = time.monotonic()
        assert until(lambda: _there(store) >= TEXTS and not _to_be_done(store), _PATIENCE), "not all are there"
        took = time.monotonic() - last_post
        _assert_whole(store)
        return took


def _there(store: Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(Contribution)) or 0


def _to_be_done(store: Store) -> bool:
    with store.read() as session:
        waiting = select(Step.id).where(Step.state != StepState.DONE, Step.kind.in_(_UNDERSTOOD)).limit(1)
        return session.scalar(waiting) is not None


def _assert_whole(store: Store) -> None:
    """Every text is there once, with its words, its index row, its receipt and the step that sends it."""
    with store.read() as session:

        def count(model: type, *where: object) -> int:
            return session.scalar(select(func.count()).select_from(model).where(*where)) or 0  # type: ignore[arg-type]

        counts = {
            "intakes": count(Intake),
            "parts": count(Part),
            "contributions": count(Contribution),
            "versions": count(TextVersion),
            "findable": count(SearchTokens),
            "receipts": count(Message, Message.purpose == Purpose.RECEIPT),
            "to be sent": count(Step, Step.kind == StepKind.SEND),
        }
    assert counts == dict.fromkeys(counts, TEXTS), counts


def _alone(folder: Path, url: str) -> float:
    """The longest time of 99 in a hundred from a post to its contribution."""
    with _gateway(folder, url) as (_settings, store, port), socket.create_connection(("127.0.0.1", port)) as line:
        file = line.makefile("rb")
        took = []
        for _ in range(ALONE):
            time.sleep(random.uniform(0.05, 0.3))
            before = _there(store)
            since = time.perf_counter()
            line.sendall(as_request(text_fields()))
            assert answer(file) == 200
            while _there(store) == before:
                time.sleep(0.002)
            took.append(time.perf_counter() - since)
        return sorted(took)[int(0.99 * (ALONE - 1))]
