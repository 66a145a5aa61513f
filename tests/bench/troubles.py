"""What must not keep a text from being answered: crafted mails, a huge one, people who sign in, half requests.

Each runs in processes of its own, against the installation to which texts are posted at a steady rate meanwhile.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import itertools
import multiprocessing
import os
import random
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlencode

from pydantic import SecretStr
from sqlalchemy import select

from config.enums import Role, StepKind
from config.settings.loader import Settings, load_settings
from config.settings.sections.mail_section import Mailbox
from gateway.base.store_factory import open_store
from gateway.reading.readers import Readers
from inbox.accounts.passwords import hash_password
from inbox.accounts.staff import create_person
from inbox.models import Step
from tests.bench.doors import NOBODY
from tests.bench.pairs import Figure
from tests.bench.running import SETTINGS, process
from tests.bench.senders import ACCOUNT, NUMBER, PUBLIC_URL, TOKEN, send
from tests.standins.dovecot import Dovecot
from tests.standins.web import free_port
from tests.workers.installation import until
from workers.pools.step_runner import run_step_in
from workers.processes.process_list import web_server_answers
from workers.processes.supervisor import prepare_database
from workers.runtime.precedence import give_way
from workers.runtime.worker_context import WorkerContext
from workers.watchers.mailbox_watcher import MailboxWatcher

TEXTS = int(os.environ.get("BENCH_TEXTS", "400"))
A_SECOND = 50
MOST_MS = 200
LOGINS = 40
HALF_OPEN = 10
_LOGIN, _PASSWORD = "mod", "quatre mots qui durent"
_FIELD_BYTES = 50_000
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')

Trouble = Callable[[], None]
"""Makes it until its process is killed."""


@contextlib.contextmanager
def trouble_rows(folder: Path) -> Iterator[Sequence[Figure]]:
    """The longest wait of 99 texts in a hundred while each trouble goes on, and while all do."""
    port = free_port()
    file = folder / "portevoix.toml"
    database = f"sqlite:///{folder}/ours.db"
    file.write_text(
        SETTINGS.format(
            public_url=PUBLIC_URL, database=database, port=port, account=ACCOUNT, token=TOKEN, number=NUMBER
        )
    )
    settings = load_settings(file, env={"PORTEVOIX_REDIS_URL": NOBODY})
    store = prepare_database(settings)
    secret = hash_password(_PASSWORD)
    with store.write() as session:
        create_person(session, _LOGIN, "Léna", secret, [Role.MODERATOR])
    store.close()
    only = ("--settings", str(file), "--only", "web")
    web = process("workers.processes.supervisor", *only, env={"PORTEVOIX_REDIS_URL": NOBODY})
    with Dovecot({"crafted": "secret", "huge": "secret"}) as mails, web:
        assert until(lambda: web_server_answers("127.0.0.1", port), 60)
        mails.fill("crafted", map(crafted_mail, range(100)))
        mails.fill("huge", [huge_mail(58_000_000)])
        troubles: dict[str, tuple[Trouble, ...]] = {
            "nothing else": (),
            "50 kB To: fields": (lambda: _take_mails(settings, mails, "crafted"),),
            "a 60 MB mail": (lambda: _take_mails(settings, mails, "huge"),),
            f"{LOGINS} slow logins": (lambda: _sign_in_slowly(port),),
            f"{HALF_OPEN} half requests": (lambda: _send_halves(port),),
        }
        every = tuple(itertools.chain.from_iterable(troubles.values()))
        yield [_row(name, port, several) for name, several in (troubles | {"all at once": every}).items()]


def _row(name: str, port: int, troubles: Sequence[Trouble]) -> Figure:
    def longest() -> float:
        with _going_on(troubles):
            sent = send(port, TEXTS, at_once=16, every=1 / A_SECOND)
        assert sent.refused == 0, sent.refused
        return sent.percentile(0.99) * 1000

    return Figure(f"p99, {name}", longest, MOST_MS, "ms", f"of {TEXTS} texts, {A_SECOND} a second, SQLite")


@contextlib.contextmanager
def _going_on(troubles: Sequence[Trouble]) -> Iterator[None]:
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=trouble) for trouble in troubles]
    for one in processes:
        one.start()
    try:
        time.sleep(1.0)
        yield
        assert all(one.is_alive() for one in processes), "a trouble did not last"
    finally:
        for one in processes:
            one.kill()
            one.join()


def crafted_mail(number: int) -> bytes:
    """A mail whose ``To:`` is meant to take whoever looks for addresses in it for ever."""
    fields = ("a", "avis+a@", "<", '"\\', "a@b,", "avis+x@brest.example, ", "=?utf-8?q?a?= ", "(", "a.")
    field = (fields[number % len(fields)] * _FIELD_BYTES)[:_FIELD_BYTES]
    head = f"From: habitant{number}@maison.example\r\nTo: avis+parc@brest.example, {field}\r\nSubject: Avis\r\n"
    return f"{head}Message-ID: <{number}@maison.example>\r\n\r\nDes bancs, s'il vous plaît.\r\n".encode()


def huge_mail(size: int) -> bytes:
    """A mail with one picture that nobody can open."""
    head = (
        "From: habitant@maison.example\r\nTo: avis@brest.example\r\nSubject: Photos\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nVoici.\r\n'
        "--b\r\nContent-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n"
        'Content-Disposition: attachment; filename="photo.jpg"\r\n\r\n'
    )
    picture = base64.encodebytes(random.Random(1).randbytes(size * 3 // 4)).replace(b"\n", b"\r\n")
    return head.encode() + picture[:size] + b"\r\n--b--\r\n"


def _take_mails(settings: Settings, server: Dovecot, user: str) -> None:
    """Take a mailbox in and its mails apart, again and again: another mailbox's name makes the same mails new."""
    with Readers(settings) as readers:
        here = WorkerContext(settings, open_store(settings), readers)
        give_way(here.store)  # as the pool does; the watcher waits for the network more than it works
        for number in itertools.count():
            mailbox = Mailbox(
                name=f"avis{number}-{user}@brest.example",
                host="127.0.0.1",
                port=server.port,
                tls="none",
                user=user,
                password=SecretStr("secret"),
            )
            watch = MailboxWatcher(here, mailbox, f"mailbox-{user}")
            with watch.sign_in.client() as client:
                while watch.take_new(client):
                    pass
            with here.store.read() as session:
                wanted = select(Step.id).where(Step.kind == StepKind.TAKE_APART).order_by(Step.id.desc()).limit(20)
                steps = session.scalars(wanted).all()
            for step in steps:
                run_step_in(here, step)


def _sign_in_slowly(port: int) -> None:
    """Forty people at a time whose forms come a few bytes a second, all done with at once, right and wrong."""
    for number in itertools.count():
        threads = [
            threading.Thread(target=_sign_in, args=(port, _LOGIN if one % 2 else f"nobody{number}", one % 4 == 1))
            for one in range(LOGINS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def _sign_in(port: int, login: str, knows: bool) -> None:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    line.request("GET", "/sign-in")
    page = line.getresponse()
    found = _TOKEN.search(page.read().decode())
    assert found is not None
    cookie = page.headers["Set-Cookie"].split(";")[0]
    password = _PASSWORD if knows else "autre chose"
    body = urlencode({"csrf_token": found[1], "login": login, "password": password}).encode()
    line.putrequest("POST", "/sign-in")
    for name, value in (
        ("Cookie", cookie),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Content-Length", str(len(body))),
    ):
        line.putheader(name, value)
    line.endheaders()
    for start in range(0, len(body), len(body) // 10):
        line.send(body[start : start + len(body) // 10])
        time.sleep(0.1)
    line.getresponse().read()
    line.close()


def _send_halves(port: int) -> None:
    """Ten connections that never end what they began to say; one that is closed is opened anew."""
    halves = (
        b"POST /hooks/sms HTTP/1.1\r\nHost: avis\r\nContent-Length: 400\r\n\r\nMessageSid=",
        b"POST /hooks/sms HTTP/1.1\r\nHost: av",
        b"GET /sign-in HTTP/1.1\r\n",
        b"POST /sign-in HTTP/1.1\r\nHost: avis\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    )
    while True:
        lines = [socket.create_connection(("127.0.0.1", port)) for _ in range(HALF_OPEN)]
        for line, half in zip(lines, itertools.cycle(halves), strict=False):
            line.sendall(half)
        time.sleep(3)
        for line in lines:
            line.close()
