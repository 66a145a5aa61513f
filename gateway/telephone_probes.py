"""Whether all that the telephone provider has comes in: lost webhooks, and the fallback door's spool."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from config.probe import Probe, Unavailable
from config.settings import Settings
from gateway.spool import SpoolFolder
from inbox import catching_up
from inbox.store import Store

SHOWN = timedelta(days=7)
WAITS_TOO_LONG = 600.0
"""Seconds after which a file of the spool should have been taken in."""


def telephone_probes(settings: Settings, open_store: Callable[[], Store]) -> list[Probe]:
    """What ``portevoix doctor`` asks about a telephone provider, once there is a database."""
    return [
        Probe(
            "lost webhooks",
            "brought late what they should have brought",
            lambda: _lost(open_store),
            "compare the addresses and fallbacks at the provider with docs/running.md, and read its log of errors",
        ),
        Probe(
            "fallback spool",
            "holds what came while the gateway was down",
            lambda: _spool(settings),
            "look with “portevoix spool”, mend the cause, then “portevoix spool --replay”",
        ),
    ]


def _lost(open_store: Callable[[], Store]) -> str:
    with open_store().read() as session:
        counts = catching_up.caught_up_since(session, SHOWN)
    if counts:
        raise Unavailable("found late in 7 days: " + ", ".join(f"{count} × {door}" for door, count in counts))
    return "none in 7 days"


def _spool(settings: Settings) -> str:
    spool = SpoolFolder(settings.spool_dir)
    held, waiting = spool.held(), spool.waiting()
    if held:
        raise Unavailable(f"{len(held)} cannot be taken in: {held[0].reason}")
    if waiting and time.time() - waiting[0].stat().st_mtime > WAITS_TOO_LONG:
        raise Unavailable(f"{len(waiting)} wait to be taken in, the oldest for too long")
    return f"{len(waiting)} wait to be taken in" if waiting else "empty"
