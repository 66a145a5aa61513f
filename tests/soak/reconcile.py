"""Webhooks that are lost, and a gateway that is down: in the end everything is here all the same."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.soak.ledgers import ledger_of
from tests.soak.texts import NUMBER, running
from tests.standins.telephone import Telephone
from tests.standins.web import free_port
from tests.workers.installation import Installation, until
from workers.processes.process_list import port_accepts

TEXTS = int(os.environ.get("PORTEVOIX_SOAK_RECONCILE", "2000"))
DROPPED = 0.05
AT_ONCE = 8
EVERY = 4
"""Seconds between two cycles, of which the gateway takes 300 unless told otherwise."""
NEEDED = ("urgent", "redis", "sweeper", "reconciler", "fallback", "web")
"""The other pools have no part in what comes in."""
WAV = b"RIFF" + bytes(16_040)


def reconcile() -> None:
    """The trial; AssertionError when a text or a call is lost or doubled, or the provider asked too often."""
    outage(TEXTS)


def outage(texts: int, every: int = EVERY) -> None:
    """A fifth of what comes in while all is well, the others while the gateway is down, half of them with the door."""
    port, door = free_port(), free_port()
    fallback = f"http://127.0.0.1:{door}"
    more = f'reconcile_seconds = {every}\n[fallback]\npublic_url = "{fallback}"\nport = {door}'
    provider = Telephone(
        f"http://127.0.0.1:{port}",
        text_fallback=f"{fallback}/hooks/sms",
        voice_fallback=f"{fallback}/hooks/voice",
        drop_rate=DROPPED,
    )
    with provider, running(provider, port, more, only=NEEDED) as gateway:
        assert until(lambda: port_accepts("127.0.0.1", door)), gateway.output
        people = list(range(texts))
        contact(provider, people[: texts // 5])
        gateway.stop()
        contact(provider, people[texts // 5 : 3 * texts // 5])
        command = Path(sys.executable).with_name("portevoix")
        alone = subprocess.Popen([command, "--settings", gateway.settings_file, "fallback"])
        try:
            assert until(lambda: port_accepts("127.0.0.1", door)), "the fallback door does not open alone"
            contact(provider, people[3 * texts // 5 :])
        finally:
            alone.terminate()
            alone.wait(20)
        spooled = len(list(gateway.settings.spool_dir.glob("*.sealed")))
        print(f"{texts} people, {provider.dropped} webhooks lost, {spooled} kept by the fallback door")
        assert provider.dropped > 0, "nothing was lost: too short a run says nothing"
        assert spooled > 0, "nothing came to the fallback door"
        time.sleep(every)  # what is younger than half a cycle is left to its webhook
        provider.api.asked.clear()
        began = time.monotonic()
        gateway.start(*NEEDED)
        assert until(lambda: gateway.count("intake") == texts, 30 + texts / 20), (gateway.count("intake"), gateway.logs)
        passes = provider.api.asked.count("GET Messages.json")
        print(
            f"all here {time.monotonic() - began:.1f} s after the start, in {passes} passes over the list of messages"
        )
        assert_exact(gateway, provider, texts)
        assert_idle(provider, cycles=3, every=every)
        assert_exact(gateway, provider, texts)
        assert not list(gateway.settings.spool_dir.glob("*.sealed")), "something was left in the spool"


def contact(provider: Telephone, people: list[int]) -> None:
    """Each of these people texts or, one in ten, phones."""
    with ThreadPoolExecutor(AT_ONCE) as at_once:
        list(at_once.map(lambda number: _contact(provider, number), people))


def _contact(provider: Telephone, number: int) -> None:
    sender = f"+336{39_980_000 + number}"
    if number % 10 == 7:
        hangs_up = random.Random(number).choice(["at_end", "after_speaking"])
        provider.call(sender, NUMBER, WAV, hangs_up="at_end" if hangs_up == "at_end" else "after_speaking")
    else:
        provider.text(sender, NUMBER, f"Texte numéro {number} : plus de bancs.")


def assert_exact(gateway: Installation, provider: Telephone, people: int) -> None:
    """Everything the provider has is here once, and nothing else."""
    listed = sorted(one["sid"] for one in [*provider.api.received, *provider.api.calls])
    here = sorted(str(row[0]) for row in gateway.ask("SELECT external_id FROM intake"))
    assert (here, len(here)) == (listed, people)
    recorded = len(provider.api.recordings)
    assert until(lambda: gateway.count("medium") == recorded), (gateway.count("medium"), recorded)
    spoken = {kept.facts["call_sid"] for kept in provider.api.recordings.values()}
    voices = len(provider.api.received) + len(spoken)
    assert until(lambda: gateway.count("contribution") == voices, 60), (gateway.count("contribution"), voices)
    counted = ledger_of(gateway)
    assert counted.balanced, counted.problems


def assert_idle(provider: Telephone, cycles: int, every: int) -> None:
    """When nothing is missing, three requests a cycle and no more; a cycle ends with the list of recordings."""
    before = len(provider.api.asked)
    assert until(partial(_cycles_ended, provider, before, cycles), cycles * (3 * every + 10)), provider.api.asked
    cycle: Counter[str] = Counter()
    for asked in provider.api.asked[before:]:
        cycle[asked] += 1
        assert cycle <= Counter(["GET Messages.json", "GET Calls.json", "GET Recordings.json"]), cycle
        if asked == "GET Recordings.json":
            cycle.clear()


def _cycles_ended(provider: Telephone, before: int, cycles: int) -> bool:
    return provider.api.asked[before:].count("GET Recordings.json") >= cycles
