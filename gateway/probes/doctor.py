"""What ``portevoix doctor`` looks at: every outside part, each with its remedy."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from channels.paper.scan_files.scan_listing import list_scan_folder
from channels.paper.scan_files.strays import StrayReason
from config.probe import Probe, Unavailable, program_version
from config.settings.loader import Settings
from config.wording.consultation import read_consultation
from gateway.documents.tagged_pdf import pdf_version
from gateway.probes.database_probes import database_probes
from gateway.probes.mail_probes import mail_probes
from gateway.probes.permission_probes import check_guarded, permission_probes
from gateway.probes.sandbox_probes import sandbox_probes
from gateway.probes.telephone_probes import telephone_probes
from inbox.errors import InboxError
from inbox.migrations.database_look import look_at
from inbox.storage.database import Store
from inbox.storage.media_places import open_media
from transcription.engine_probes import engine_probes as reading_probes

LEAST_FREE_MB = 1000
SECONDS = 5.0
LONG_SECONDS = 86_400
"""No file is written for so long."""


def all_probes(settings: Settings, open_store: Callable[[], Store]) -> list[Probe]:
    """Every probe that applies to these settings."""
    found = [
        Probe(
            "data directory",
            "keeps everything",
            lambda: _data_dir(settings),
            "make room, or set data_dir to a folder that can be written to",
        ),
        *permission_probes(settings),
        Probe(
            "database",
            "holds every row",
            lambda: _database(settings),
            "run “portevoix up” once, or check database_url",
        ),
        *database_probes(settings),
        Probe(
            "redis-server",
            "wakes the workers",
            lambda: program_version(["redis-server", "--version"]),
            "apt-get install redis-server",
        ),
        Probe(
            "redis",
            "wakes the workers",
            lambda: _redis(settings),
            "start the gateway with “portevoix up”, or check redis_url; a Redis on a network needs requirepass or ACLs",
        ),
        *(_media_probes(settings) if settings.media.store != "folder" else ()),
        *sandbox_probes(settings),
        *reading_probes(settings.models_dir, settings.languages),
        Probe("pango", "lays out the PDF of reports", pdf_version, "apt-get install libpangoft2-1.0-0"),
        Probe(
            "consultations",
            "say what is asked",
            lambda: _consultations(settings),
            "mend the lines named, see docs/consultation-file.md",
        ),
    ]
    store = open_store if _has_tables(settings) else None
    found += mail_probes(settings, store)
    found += telephone_probes(settings, store)
    found += [
        Probe(
            f"scan folder of {folder.centre}",
            "brings paper",
            partial(_scan_folder, folder.path),
            f"have {folder.path} there, writable for the user the gateway runs as; rename or move up what is a scan "
            "in it, remove what is none",
        )
        for folder in settings.scan_folders
    ]
    return found


def _data_dir(settings: Settings) -> str:
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    _check_writable(settings.data_dir)
    free = shutil.disk_usage(settings.data_dir).free // 1_000_000
    if free < LEAST_FREE_MB:
        raise Unavailable(f"only {free} MB are free on its disk")
    return f"{settings.data_dir}, {free / 1000:.0f} GB free"


def _media_probes(settings: Settings) -> list[Probe]:
    return [
        Probe(
            "object store",
            "keeps recordings and scans",
            lambda: _object_store(settings),
            "check [media] in the settings: endpoint, bucket, access_key, secret_key; the key may put, get and delete",
        )
    ]


def _object_store(settings: Settings) -> str:
    """Put, read and delete a few bytes, as will be done with every file."""
    try:
        media = open_media(settings)
        locator = media.put([_TRIAL])
        with media.open(locator) as file:
            same = file.read() == _TRIAL
        media.delete(locator)
    except (OSError, InboxError) as error:
        raise Unavailable(str(error)) from error
    if not same:
        raise Unavailable("what it gives back is not what was put there")
    return f"{settings.media.endpoint or 'Amazon S3'}, bucket {settings.media.bucket}"


_TRIAL = b"portevoix doctor"


def _check_writable(path: Path) -> None:
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise Unavailable(f"{path} cannot be read and written")


def _scan_folder(path: Path) -> str:
    """Where it is, and what is left alone in it; whoever calls the doctor may read names, which no log does."""
    _check_writable(path)
    strays = list_scan_folder(path).strays
    left = {why: [name for name in names if _lies_for_long(path / name)] for why, names in strays.items()}
    perhaps = [
        name for why in (StrayReason.UNFINISHED, StrayReason.FOLDER, StrayReason.LINK) for name in left.get(why, ())
    ]
    if perhaps:
        raise Unavailable(f"{path} has held for more than a day what is not taken in: {', '.join(perhaps)}")
    named = [name for names in strays.values() for name in names]
    return f"{path}, left alone: {', '.join(named)}" if named else str(path)


def _lies_for_long(path: Path) -> bool:
    try:
        return time.time() - path.lstat().st_mtime > LONG_SECONDS
    except FileNotFoundError:
        return False


def _database(settings: Settings) -> str:
    found = look_at(settings.database_url)
    if found.problem:
        raise Unavailable(found.problem)
    return found.server


def _redis(settings: Settings) -> str:
    check_guarded(settings.redis_address)
    connection = Redis.from_url(settings.redis_address, socket_connect_timeout=SECONDS, socket_timeout=SECONDS)
    try:
        return f"version {connection.info('server')['redis_version']}"
    except RedisError as error:
        raise Unavailable("it does not run") from error
    finally:
        connection.close()


def _consultations(settings: Settings) -> str:
    return ", ".join(read_consultation(file).slug for file in settings.consultation_files) or "none"


def _has_tables(settings: Settings) -> bool:
    try:
        _database(settings)
    except Unavailable:
        return False
    return True
