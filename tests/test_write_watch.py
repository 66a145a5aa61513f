"""The watch over writes sees what it has to see, and nothing else."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from werkzeug.security import check_password_hash, generate_password_hash

from channels.email import parse
from channels.providers.twilio import proof
from inbox.errors import StoreBusy
from inbox.storage.database import Store
from tests import write_watch

_OURS = """
def in_a_write(store, touch):
    with store.write() as session:
        session.execute(SQL)
        touch()

def after_a_write(store, touch):
    with store.write() as session:
        session.execute(SQL)
    touch()

def in_a_thread_beside_a_write(store, touch):
    with store.write() as session:
        session.execute(SQL)
        beside = threading.Thread(target=touch)
        beside.start()
        beside.join()

def after_one_that_could_not_begin(store, touch):
    with suppress(StoreBusy), store.write(patience=0.05):
        pass
    touch()
"""
ours: dict[str, Any] = {"SQL": text("SELECT 1"), "threading": threading, "suppress": suppress, "StoreBusy": StoreBusy}
exec(compile(_OURS, str(write_watch.ROOT / "workers" / "played.py"), "exec"), ours)


def connect() -> None:
    with socket.socket() as line, suppress(OSError):
        line.connect(("127.0.0.1", 9))


def make_folder() -> None:
    with tempfile.TemporaryDirectory():
        pass


TOUCHES: dict[str, tuple[Callable[[], object], str]] = {
    "a file is read": (lambda: Path("/etc/hostname").read_bytes(), "open"),
    "a folder is listed": (lambda: list(Path("/").iterdir()), "os.listdir"),
    "a folder is made": (make_folder, "os.mkdir"),
    "a child is started": (lambda: subprocess.run(["/bin/true"], check=True), "subprocess.Popen"),
    "a socket connects": (connect, "socket.connect"),
    "a password is checked": (
        lambda: check_password_hash(generate_password_hash("x", method="scrypt"), "y"),
        "_hashlib.scrypt",
    ),
    "a mail is taken apart": (lambda: parse.parse_mail(b"To: a\n\nb"), "channels.email.parse.parse_mail"),
    "a webhook is taken apart": (lambda: proof.parse_form(b"a=b"), "channels.providers.twilio.proof.parse_form"),
    "a name is looked up": (lambda: socket.getaddrinfo("localhost", 9), "socket.getaddrinfo"),
}


@pytest.mark.parametrize("case", TOUCHES)
def test_seen_inside_a_write_of_ours(store: Store, case: str) -> None:
    touch, name = TOUCHES[case]
    with write_watch.watched() as touches:
        ours["in_a_write"](store, touch)
    assert any(one.what.startswith(name) for one in touches), touches
    assert {one.owner for one in touches} == {"workers/played.py:in_a_write"}


@pytest.mark.parametrize("case", TOUCHES)
@pytest.mark.parametrize("when", ["after_a_write", "in_a_thread_beside_a_write"])
def test_not_seen_outside(sqlite_store: Store, case: str, when: str) -> None:
    with write_watch.watched() as touches:
        ours[when](sqlite_store, TOUCHES[case][0])
    assert touches == []


def test_not_seen_in_a_write_of_a_test_or_after_one_that_could_not_begin(sqlite_store: Store) -> None:
    touch = TOUCHES["a file is read"][0]
    with write_watch.watched() as touches, sqlite_store.write() as session:
        session.execute(text("SELECT 1"))
        touch()
        beside = threading.Thread(target=ours["after_one_that_could_not_begin"], args=(sqlite_store, touch))
        beside.start()
        beside.join()
    assert touches == []
