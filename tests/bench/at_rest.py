"""A gateway with everything on, to which nobody says anything: its first answer, its memory, what it does.

Memory is the proportional share (PSS) of every process below the supervisor: what several share counts once. The
mailbox, the provider and the scan folder are there, and empty.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.pairs import Figure
from tests.bench.processor import core_seconds, tree
from tests.bench.senders import ACCOUNT, NUMBER, TOKEN
from tests.standins.dovecot import Dovecot
from tests.standins.telephone import Telephone
from tests.standins.web import free_port
from tests.workers.installation import TOWN_WITH_PROVIDER, Installation, until
from workers.processes.process_list import web_server_answers

SETTLES = float(os.environ.get("BENCH_SETTLES", "60"))
"""Seconds after which a gateway is taken to be at rest, and for which it is then watched."""
MOST_KEYS_MB = 15.0
MOST_MB, MOST_SECONDS, MOST_HELP_SECONDS, MOST_PERCENT = 350.0, 4.0, 0.4, 1.0
HELPED = 5

SETTINGS = (
    TOWN_WITH_PROVIDER
    + """\
[[mailboxes]]
name = "avis@ville.example"
host = "127.0.0.1"
port = {mail_port}
tls = "none"
user = "avis"
password = "secret"
[[scan_folders]]
path = "scans"
centre = "maison-pour-tous"
"""
)


@contextlib.contextmanager
def rest_rows(folder: Path) -> Iterator[Sequence[Figure]]:
    """Its first answer, its help, and what it takes while nothing happens."""
    port = free_port()
    gateway = Installation(folder / "gateway", port)
    with Telephone(f"http://127.0.0.1:{port}") as provider, Dovecot({"avis": "secret"}) as mails:
        gateway.settings_file.write_text(
            SETTINGS.format(
                port=port, account=ACCOUNT, token=TOKEN, number=NUMBER, api=provider.base, mail_port=mails.port
            )
        )
        try:
            yield [
                Figure("first answer", lambda: _first_answer(gateway, port), MOST_SECONDS, "s", "after up, all new"),
                Figure("memory at rest", lambda: _memory(gateway), MOST_MB, "MB", f"PSS in all, {SETTLES:.0f} s later"),
                Figure("key service", lambda: _alone(gateway, "key_holder"), MOST_KEYS_MB, "MB", "what it alone takes"),
                Figure("idle", lambda: _idle(gateway), MOST_PERCENT, "% of a core", f"for {SETTLES:.0f} s more"),
                Figure("portevoix --help", _help, MOST_HELP_SECONDS, "s", f"median of {HELPED}"),
            ]
        finally:
            gateway.destroy()


def _first_answer(gateway: Installation, port: int) -> float:
    began = time.perf_counter()
    gateway.start()
    assert until(lambda: web_server_answers("127.0.0.1", port), 60), gateway.output + gateway.logs
    return time.perf_counter() - began


def _memory(gateway: Installation) -> float:
    time.sleep(SETTLES)
    shares: Counter[str] = Counter()
    for pid in _tree(gateway):
        line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        shares[f"{pid} {line[:60]}"] = _share(pid)
    for name, kilobytes in shares.most_common():
        print(f"    {kilobytes / 1024:6.1f} MB  {name}")
    return shares.total() / 1024


def _alone(gateway: Installation, words: str) -> float:
    """MB of a process's memory that it shares with nobody."""
    lines = Path(f"/proc/{gateway.pids_of(words)[0]}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Private_Clean:", "Private_Dirty:"))) / 1024


def _share(pid: int) -> int:
    """The proportional share of a process's memory in kB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _idle(gateway: Installation) -> float:
    """Per cent of a core that all of it takes, children that ended meanwhile included."""
    before = core_seconds(_tree(gateway))
    time.sleep(SETTLES)
    return (core_seconds(_tree(gateway)) - before) / SETTLES * 100


def _tree(gateway: Installation) -> list[int]:
    """The supervisor and all below it; what reads files has left its session."""
    assert gateway.supervisor
    return tree(gateway.supervisor.pid)


def _help() -> float:
    took = []
    for _ in range(HELPED):
        began = time.perf_counter()
        subprocess.run([Path(sys.executable).with_name("portevoix"), "--help"], stdout=subprocess.DEVNULL, check=True)
        took.append(time.perf_counter() - began)
    return sorted(took)[HELPED // 2]
