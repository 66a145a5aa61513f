"""From a mailbox to durable intakes, against bare IMAPClient writing durable files; both 50 mails at a time."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from imapclient import IMAPClient
from pydantic import SecretStr
from sqlalchemy import func, select, update

from config.enums import Queue, StepKind
from config.sandbox.warm_pool import WarmPool
from config.settings.loader import Settings
from config.settings.sections.mail_section import Mailbox, Smtp
from config.wording.consultation import read_consultation
from gateway.base.store_factory import open_store
from gateway.reading.readers import Readers
from inbox.consultations import consultation_versions
from inbox.migrations import migrate
from inbox.models import Intake, Message, Step
from inbox.models.column_types import utc_now
from tests.bench.durable import write_durably
from tests.bench.pairs import Pair
from tests.standins.dovecot import Dovecot
from workers.pools import mail_steps
from workers.pools.pool import LOADED
from workers.processes.private_redis import prepare_redis, redis_answers, redis_process
from workers.runtime.worker_context import WorkerContext
from workers.watchers.imap_sync import AT_ONCE
from workers.watchers.mailbox_watcher import MailboxWatcher

MAILS = int(os.environ.get("BENCH_MAILS", "1000"))
READ_TO_THE_END = 500
LEAST_SHARE = 0.8
"""Of the mails a second that the bare client writes, so many ours has to take in."""
_WORDS = ("banc", "rue", "arbre", "passage", "école", "trottoir", "lumière", "tram", "place", "marché", "eau", "jeux")


def mail(number: int) -> bytes:
    """A letter as they come: 1.5 to 6 KB, with the headers of three servers and the page doubled as HTML."""
    chance = random.Random(number)
    said = " ".join(chance.choices(_WORDS, k=chance.randint(60, 400)))
    trace = "".join(
        f"Received: from mx{hop}.maison.example ([192.0.2.{hop}]) by mx{hop + 1}.maison.example with ESMTPS"
        f" id {chance.getrandbits(64):016x};\r\n\tMon, 02 Nov 2026 10:{number % 60:02}:0{hop} +0100\r\n"
        for hop in range(3)
    )
    return (
        f"Return-Path: <habitant{number}@maison.example>\r\nDelivered-To: avis@brest.example\r\n{trace}"
        f"From: Habitant {number} <habitant{number}@maison.example>\r\nTo: avis@brest.example\r\n"
        f"Subject: Mon avis\r\nMessage-ID: <{number}@maison.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/alternative; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{said}\r\n"
        f"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body><p>{said}</p></body></html>\r\n--b--\r\n"
    ).encode()


@contextlib.contextmanager
def mail_pairs(folder: Path) -> Iterator[list[Pair]]:
    """A mailbox read whole."""
    settings = Settings(
        data_dir=folder / "data",
        keys_dir=folder / "keys",
        town="bench",
        smtp=Smtp(host="127.0.0.1", tls="none", sender="avis@brest.example"),
    )
    store = open_store(settings)
    migrate(store.engine)
    with store.write() as session:
        consultation_versions.import_consultation(session, read_consultation(settings.consultation_files[0]))
    prepare_redis(settings)
    # Every intake wakes a pool, as it does where nothing is measured; no pool takes the work away from the two cores.
    redis = subprocess.Popen(redis_process(settings).argv, stdout=subprocess.DEVNULL)
    try:
        while not redis_answers(settings.redis_address):
            time.sleep(0.02)
        with Dovecot({"avis": "secret"}) as server, Readers(settings) as readers:
            server.fill("avis", (mail(number) for number in range(MAILS)))
            yield [mail_pair(folder, server, WorkerContext(settings, store, readers))]
    finally:
        redis.terminate()
        redis.wait()


def mail_pair(folder: Path, server: Dovecot, here: WorkerContext) -> Pair:
    """The whole mailbox: to intakes, each batch in its own transaction, against files with fsync and rename."""
    numbers = itertools.count()

    def ours() -> None:
        # Another mailbox's name each time, for there the same mails are new ones.
        name = f"avis{next(numbers)}@brest.example"
        settings = Mailbox(
            name=name, host="127.0.0.1", port=server.port, tls="none", user="avis", password=SecretStr("secret")
        )
        watch = MailboxWatcher(here, settings, "mailbox-1")
        with watch.sign_in.client() as client:
            while watch.take_new(client):
                pass
        with here.store.read() as session:
            there = session.scalar(select(func.count()).select_from(Intake).where(Intake.account == name))
        assert there == MAILS, f"{there} intakes of {MAILS} mails"

    def bare() -> None:
        target = folder / f"files-{next(numbers)}"
        target.mkdir()
        with IMAPClient("127.0.0.1", port=server.port, ssl=False) as client:
            client.login("avis", "secret")
            client.select_folder("INBOX", readonly=True)
            uids = client.search("ALL")
            for start in range(0, len(uids), AT_ONCE):
                some = uids[start : start + AT_ONCE]
                for uid, data in client.fetch(some, ["BODY.PEEK[]"]).items():
                    write_durably(target, str(uid), data[b"BODY[]"])
        assert len(list(target.iterdir())) == MAILS

    ours()
    began = time.perf_counter()
    ours()
    seconds = time.perf_counter() - began
    note = f"{MAILS / seconds:.0f} mails a second to intakes; to a queued receipt {_to_the_end(here):.0f} a second more"
    return Pair(f"mailbox of {MAILS} mails", ours, bare, note, most=1 / LEAST_SHARE)


def _to_the_end(here: WorkerContext) -> float:
    """How many mails a second the pool of mail takes apart, as it does it, until their receipts are queued."""
    with here.store.write() as session:
        wanted = select(Step.id).where(Step.kind == StepKind.TAKE_APART).order_by(Step.id)
        first = session.scalars(wanted.limit(min(MAILS, READ_TO_THE_END))).all()
        much_later = utc_now() + timedelta(days=1)
        session.execute(update(Step).where(Step.id.not_in(first)).values(not_before=much_later))
    with WarmPool(here.work_dir, LOADED[Queue.MAIL]):
        began = time.perf_counter()
        mail_steps.drain_mail_queue(here)
        seconds = time.perf_counter() - began
    with here.store.read() as session:
        queued = session.scalar(select(func.count()).select_from(Message))
    assert queued == len(first), f"{queued} receipts for {len(first)} mails"
    return len(first) / seconds
