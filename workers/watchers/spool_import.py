"""Takes in what the fallback door kept, oldest first, through the same doors as everything else."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from channels import voice
from channels.base.errors import ChannelError
from channels.providers.registry import call_provider
from channels.sms import text_message
from channels.voice.fallback_dialogue import dialogue_place_of
from config.enums import Channel
from config.settings.loader import Settings
from gateway.base.door_keys import DoorKeys
from gateway.ingest import call_intake
from gateway.ingest.ingest import PostedWebhook, ingest_text
from gateway.spool.fallback_app import CALLS, TEXTS
from gateway.spool.spool_files import Spool, SpooledWebhook
from inbox.erasure import tombstones
from inbox.errors import InboxError
from inbox.records.rejections import count_refusal
from inbox.storage.unit_of_work import Session
from workers.runtime.retry_policy import is_storage_failure
from workers.runtime.watcher_context import WatcherContext

AT_ONCE = 200
"""Files taken in before the process looks at its other work."""

log = logging.getLogger(__name__)


def open_spool(here: WatcherContext) -> Spool:
    """The spool of this data directory."""
    return Spool(here.settings.spool_dir, DoorKeys.of_gateway(here.settings.keys_dir), here.store.keyring)


def import_spool(here: WatcherContext) -> int:
    """Take in what waits; a file that no door takes is held with its reason. How many were taken in.

    Run again after a kill it begins with the same file: what was taken in before is known by its identity.
    """
    spool, done = open_spool(here), 0
    waiting = spool.waiting()[:AT_ONCE]
    erased = _erased(here) if waiting else set()
    for file in waiting:
        done += _take_in_file(here, spool, file, erased)
    for day, door, reason, times in spool.take_refusals():
        with here.store.write() as session:
            count_refusal(session, door, reason, times=times, day=day)
    return done


def tidy_spool(here: WatcherContext) -> int:
    """Remove what is held of intakes that were erased since, and what killed processes left; how many were held.

    A file that cannot be opened stays: nobody can tell whose it is.
    """
    spool, removed = open_spool(here), 0
    spool.tidy()
    held = spool.held()
    erased = _erased(here) if held else set()
    for one in held if erased else ():
        try:
            is_erased = _outside_hash(here, spool.read(one.file)) in erased
        except (ChannelError, InboxError, OSError):
            continue
        if is_erased:
            spool.remove(one.file)
            removed += 1
    return removed


def _erased(here: WatcherContext) -> set[str]:
    return tombstones.erased_external_hashes(here.store.keyring.folder)


def _outside_hash(here: WatcherContext, spooled: SpooledWebhook) -> str:
    """By what the intake of a webhook is known once it is erased; raises ``Refused`` for what is no webhook."""
    provider = call_provider(here.settings)
    fields = provider.parse_form(spooled.body)
    if urlsplit(spooled.path).path == TEXTS:
        text = text_message.parse_text_message(fields, provider.texts)[0]
        return tombstones.external_hash(here.store.keyring, Channel.SMS, text.account, text.external_id)
    call = provider.parse_call(fields, region=here.settings.region)
    return tombstones.external_hash(here.store.keyring, Channel.VOICEMAIL, call.account, call.external_id)


def _take_in_file(here: WatcherContext, spool: Spool, file: Path, erased: set[str]) -> bool:
    try:
        spooled = spool.read(file)
        # Erased already, though a backup restored since may know nothing of it.
        is_erased = _outside_hash(here, spooled) in erased
        if not is_erased:
            store = parse_spooled_webhook(here.settings, spooled, posted_webhook(spooled).sealed(here.store.vault))
            with here.store.write() as session:
                store(session)
    except Exception as error:
        if is_storage_failure(error):
            raise  # nothing is wrong with the file: it is tried again
        known = isinstance(error, ChannelError | InboxError)
        spool.hold(file, f"{error}; {error.remedy}" if known else type(error).__name__)  # type: ignore[attr-defined]
        log.exception("a file of the fallback door cannot be taken in: %s", file.name)
        return False
    spool.remove(file)
    return not is_erased


def posted_webhook(spooled: SpooledWebhook) -> PostedWebhook:
    """A webhook that was kept, as its own door would have received it."""
    return PostedWebhook(spooled.body, {"path": spooled.path, **spooled.headers}, at=spooled.at)


def parse_spooled_webhook(
    settings: Settings, spooled: SpooledWebhook, posted: PostedWebhook
) -> Callable[[Session], object]:
    """How one webhook is stored, as its own door does; raises what that door raises.

    It is taken apart here, before the transaction begins in which it is stored.
    """
    parts = urlsplit(spooled.path)
    provider = call_provider(settings)
    fields, query = provider.parse_form(spooled.body), dict(parse_qsl(parts.query))
    if parts.path == TEXTS:
        texts = text_message.parse_text_message(fields, provider.texts, region=settings.region)
        return lambda session: [ingest_text(session, text, posted) for text in texts]
    call = provider.parse_call(fields, region=settings.region)
    position = parts.path.removeprefix(CALLS).strip("/")
    if position:
        place = voice.Place.of("spoken" if position == "recording" else position, query)
    else:  # a call begins, or goes on where the gateway fell silent: only there is told what was recorded, and how
        place = dialogue_place_of(call.failed_at)
    return lambda session: call_intake.handle_recording_callback(session, settings, place, call, posted)
