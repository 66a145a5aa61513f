"""What ``portevoix doctor`` looks at: every outside part, each with its remedy."""

from __future__ import annotations

import os
import shutil
import smtplib
import ssl
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import requests
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import create_engine, func, inspect, select
from sqlalchemy.exc import OperationalError

from config.consultation import read_consultation
from config.probe import Probe, Unavailable, program_version
from config.sections import Mailbox, Smtp, Twilio
from config.settings import Settings
from gateway.phone_probes import phone_probes
from gateway.signing_in import TROUBLES, SignIn, told
from gateway.telephone_probes import telephone_probes
from inbox.columns import utc_now
from inbox.models import MailCursor, Refusal
from inbox.store import Store
from transcription.probes import probes as reading_probes

T = TypeVar("T")

LEAST_FREE_MB = 1000
SECONDS = 5.0


def probes(settings: Settings, open_store: Callable[[], Store]) -> list[Probe]:
    """Every probe that applies to these settings."""
    found = [
        Probe(
            "data directory",
            "keeps everything",
            lambda: _data_dir(settings),
            "make room, or set data_dir to a folder that can be written to",
        ),
        Probe(
            "database",
            "holds every row",
            lambda: _database(settings),
            "run “portevoix up” once, or check database_url",
        ),
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
            "start the gateway with “portevoix up”, or check redis_url",
        ),
        *reading_probes(settings.models_dir, settings.languages),
        Probe(
            "consultations",
            "say what is asked",
            lambda: _consultations(settings),
            "mend the lines named, see docs/consultation-file.md",
        ),
        Probe(
            "refused webhooks",
            "would be lost messages",
            lambda: _refusals(settings, open_store),
            "compare public_url and twilio.auth_tokens with the provider's console",
        ),
    ]
    found += [
        Probe(
            f"mailbox {mailbox.name}",
            "brings e-mails",
            partial(_mailbox, mailbox, open_store, settings),
            "check host, port, tls, folders, user, and password or oauth2 of this mailbox",
        )
        for mailbox in settings.mailboxes
    ]
    if settings.smtp.configured:
        found.append(
            Probe(
                "outgoing mail",
                "sends receipts",
                _asking(_smtp, settings.smtp),
                "check the section smtp of the settings",
            )
        )
    if settings.twilio.configured:
        found.append(
            Probe(
                "telephone provider",
                "brings texts and calls",
                lambda: _provider(settings),
                "check the section twilio of the settings, and the network",
            )
        )
        found += telephone_probes(settings, open_store) if _has_tables(settings) else []
    found += phone_probes(settings)
    found += [
        Probe(
            f"scan folder of {folder.centre}",
            "brings paper",
            _asking(_writable, folder.path),
            f"create {folder.path}, writable for the user the gateway runs as",
        )
        for folder in settings.scan_folders
    ]
    return found


def _asking(probe: Callable[[T], str], of: T) -> Callable[[], str]:
    return lambda: probe(of)


def _data_dir(settings: Settings) -> str:
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    _writable(settings.data_dir)
    free = shutil.disk_usage(settings.data_dir).free // 1_000_000
    if free < LEAST_FREE_MB:
        raise Unavailable(f"only {free} MB are free on its disk")
    return f"{settings.data_dir}, {free / 1000:.0f} GB free"


def _writable(path: os.PathLike[str]) -> str:
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise Unavailable(f"{path} cannot be read and written")
    return str(path)


def _database(settings: Settings) -> str:
    engine = create_engine(settings.database_url)
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").exists():
        raise Unavailable("there is none yet")
    try:
        if not inspect(engine).has_table(Refusal.__tablename__):
            raise Unavailable("it has no tables yet")
    except OperationalError as error:
        raise Unavailable("it cannot be reached") from error
    finally:
        engine.dispose()
    return str(engine.dialect.name)


def _redis(settings: Settings) -> str:
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


def _refusals(settings: Settings, open_store: Callable[[], Store]) -> str:
    if not _has_tables(settings):
        return "none yet"
    with open_store().read() as session:
        rows = session.execute(
            select(Refusal.door, Refusal.reason, func.sum(Refusal.count))
            .where(Refusal.day >= (utc_now() - timedelta(days=7)).date(), Refusal.door != "sign-in")
            .group_by(Refusal.door, Refusal.reason)
        ).all()
    if rows:
        raise Unavailable("in 7 days: " + ", ".join(f"{count} × {door} ({reason})" for door, reason, count in rows))
    return "none in 7 days"


def _mailbox(mailbox: Mailbox, open_store: Callable[[], Store], settings: Settings) -> str:
    try:
        with SignIn(mailbox, SECONDS, SECONDS).client() as client:
            gone = [folder for folder in mailbox.folders if not client.folder_exists(folder)]
            idle = (
                "with IDLE"
                if client.has_capability("IDLE")
                else f"without IDLE: looked into every {mailbox.poll_seconds:g} s"
            )
    except TROUBLES as error:
        raise Unavailable(told(error)) from None
    if gone:
        raise Unavailable(f"there is no folder {', '.join(gone)}")
    return f"{', '.join(mailbox.folders)} there, {idle}, {_not_taken_in(mailbox, open_store, settings)}"


def _not_taken_in(mailbox: Mailbox, open_store: Callable[[], Store], settings: Settings) -> str:
    try:
        _database(settings)
    except Unavailable:
        return "not looked into yet"
    with open_store().read() as session:
        ours = (MailCursor.account == mailbox.name, MailCursor.folder.in_(mailbox.folders))
        left = session.scalar(select(func.sum(MailCursor.not_taken_in)).where(*ours))
    return "not looked into yet" if left is None else f"{left} on the server and not taken in"


def _smtp(smtp: Smtp) -> str:
    context = ssl.create_default_context(cafile=smtp.ca_file)
    if smtp.tls == "ssl":
        client: smtplib.SMTP = smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=SECONDS, context=context)
    else:
        client = smtplib.SMTP(smtp.host, smtp.port, timeout=SECONDS)
    with client:
        if smtp.tls == "starttls":
            client.starttls(context=context)
        if smtp.user:
            client.login(smtp.user, smtp.password.get_secret_value())
        client.noop()
    return f"{smtp.host} answers"


def _provider(settings: Settings) -> str:
    twilio = settings.twilio
    try:
        status = _ask_provider(twilio)
    except requests.RequestException as error:
        raise Unavailable(f"{twilio.api_base} cannot be reached") from error
    if status != requests.codes.ok:
        raise Unavailable(f"it answers {status}: the account or its token is wrong")
    return "account and token are right"


def _ask_provider(twilio: Twilio) -> int:
    return requests.get(
        f"{twilio.api_base}/2010-04-01/Accounts/{twilio.account_sid}.json",
        auth=(twilio.account_sid, twilio.auth_tokens[0].get_secret_value()),
        timeout=SECONDS,
        allow_redirects=False,
    ).status_code
