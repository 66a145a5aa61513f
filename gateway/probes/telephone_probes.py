"""What ``portevoix doctor`` asks about the telephone provider, whether all it has comes in, and recorded prompts."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from channels.providers.registry import call_provider, providers
from config.probe import Probe, Unavailable
from config.settings.loader import Settings
from gateway.receipts.prompt_recordings import misnamed_prompt_files
from gateway.spool.spool_files import SpoolFolder
from inbox.jobs import reconciliation
from inbox.models.column_types import utc_now
from inbox.records import rejections
from inbox.storage.database import Store

SHOWN = timedelta(days=7)
WAITS_TOO_LONG = 600.0
"""Seconds after which a file of the spool should have been taken in."""


def telephone_probes(settings: Settings, open_store: Callable[[], Store] | None) -> list[Probe]:
    """The probes of what is set; without a store, there is no database yet."""
    found = [
        Probe(
            "refused webhooks",
            "would be lost messages",
            partial(_refusals, open_store),
            "compare public_url and the provider's token with its console",
        )
    ]
    for provider in providers(settings):
        found += provider.probes()
    if call_provider(settings).configured and open_store is not None:
        found += _coming_in(settings, open_store)
    if settings.voicemail.prompts_dir is not None:
        found.append(
            Probe(
                "recorded prompts",
                "are played to callers",
                partial(_prompts, settings.voicemail.prompts_dir),
                "name the files like the texts they stand for, see docs/texts.md",
            )
        )
    return found


def _coming_in(settings: Settings, open_store: Callable[[], Store]) -> list[Probe]:
    return [
        Probe(
            "lost webhooks",
            "brought late what they should have brought",
            partial(_lost, open_store),
            "compare the addresses and fallbacks at the provider with docs/running.md, and read its log of errors",
        ),
        Probe(
            "fallback spool",
            "holds what came while the gateway was down",
            partial(_spool, settings),
            "look with “portevoix spool”, mend the cause, then “portevoix spool --replay”",
        ),
    ]


def _refusals(open_store: Callable[[], Store] | None) -> str:
    if open_store is None:
        return "none yet"
    with open_store().read() as session:
        rows = rejections.refused_since(session, (utc_now() - SHOWN).date())
    if rows:
        raise Unavailable("in 7 days: " + ", ".join(f"{count} × {door} ({reason})" for door, reason, count in rows))
    return "none in 7 days"


def _lost(open_store: Callable[[], Store]) -> str:
    with open_store().read() as session:
        counts = reconciliation.caught_up_since(session, SHOWN)
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


def _prompts(folder: Path) -> str:
    if not folder.is_dir():
        raise Unavailable(f"there is no folder {folder}")
    if wrong := misnamed_prompt_files(folder):
        raise Unavailable("nobody would ever hear " + ", ".join(wrong))
    return str(folder)
