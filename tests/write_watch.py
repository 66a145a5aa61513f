"""Watches, while any test runs, that nothing but SQL happens between BEGIN and COMMIT of one of our writes.

A file, a child or a socket that is touched meanwhile would keep SQLite's one writer, and so every door, waiting for a
disk, a program or a network. Python's audit events tell of all three (PEP 578); the database drivers' own, which are
made in C, do not show among them. The events know nothing of ``stat`` and ``fsync``; who syncs has opened. What takes
time and touches nothing, deriving keys from passwords and taking apart what strangers sent, says itself that it is
called.
"""

from __future__ import annotations

import hashlib
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from itertools import takewhile
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine
from sqlalchemy.pool import Pool

from channels.email import message_file, parse
from channels.email.classify import recipient
from channels.providers.twilio import calls, proof
from channels.sms import text_message
from config.wording import consultation
from config.wording.message_catalog import load_catalogues
from gateway.reading import attachments, mail_parts
from inbox import migrations
from inbox.backup import backups
from inbox.servers import engines
from inbox.storage import database
from transcription.base import file_types
from transcription.documents import document_text

ROOT = Path(__file__).resolve().parent.parent
_ROOMS = tuple(f"{ROOT / room}/" for room in ("workers", "gateway", "inbox", "channels", "transcription", "config"))
_TESTS = f"{ROOT / 'tests'}/"
_MACHINERY = (database.__file__, engines.__file__, f"{Path(__file__).resolve()}")
_WATCHED = ("open", "subprocess.", "socket.", "os.", "shutil.", "tempfile.", "fcntl.", "pty.", "urllib.", "http.")
_HARMLESS = frozenset({"os.putenv", "os.unsetenv", "socket.gethostname"})
_OF_PYTHON = ("<frozen importlib", "linecache.py", "/_pytest/", "/hypothesis/")
"""A module imported for the first time, a traceback's source lines, the tests' own machinery."""
OFFLINE = (backups.restore_from_backup.__code__, migrations.migrate.__code__)
"""Writes into a database that no door is open to yet."""


SLOW: tuple[Callable[..., Any], ...] = (
    hashlib.scrypt,
    hashlib.pbkdf2_hmac,
    parse.parse_mail,
    parse.parse_lean,
    message_file.open_mail,
    recipient.plus_addresses,
    text_message.parse_text_message,
    text_message.understand_text,
    calls.parse_call,
    proof.parse_form,
    mail_parts.mail_parts,
    attachments.sort_files,
    document_text.read_document,
    file_types.types_of,
    consultation.read_consultation,
)


@dataclass(frozen=True)
class Touch:
    """What was touched inside a write, and from where."""

    what: str
    owner: str
    """The file and function whose transaction it was."""
    places: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.what} inside a write of {self.owner}:\n    " + "\n    ".join(self.places)


class _Here(threading.local):
    owner: str | None = None


_here = _Here()
_touches: list[Touch] = []


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _owner(frame: FrameType | None) -> str | None:
    """Who opened the transaction; None where it is a test's own, or nobody waits for it."""
    for one in _frames(frame):
        file = one.f_code.co_filename
        if file.startswith(_MACHINERY) or not file.startswith((*_ROOMS, _TESTS)):
            continue
        if file.startswith(_TESTS):
            return None
        return None if one.f_code in OFFLINE else f"{Path(file).relative_to(ROOT)}:{one.f_code.co_name}"
    return None


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("portevoix_begin") == engines.WRITING:
        _here.owner = _owner(sys._getframe(1))


def _end(_connection: Connection | None = None) -> None:
    _here.owner = None


def _audit(name: str, arguments: tuple[Any, ...]) -> None:
    owner = _here.owner
    if owner is None or not name.startswith(_WATCHED) or name in _HARMLESS:
        return
    _here.owner = None  # what looking at the stack opens is not meant
    try:
        frames = list(_frames(sys._getframe(1)))
        within = takewhile(lambda frame: not frame.f_code.co_filename.startswith(_ROOMS), frames)
        if not any(mark in frame.f_code.co_filename for frame in within for mark in _OF_PYTHON):
            stack = traceback.StackSummary.extract(((f, f.f_lineno) for f in frames), lookup_lines=False)
            ours = [one for one in stack if one.filename.startswith(_ROOMS)]
            places = tuple(f"{Path(one.filename).relative_to(ROOT)}:{one.lineno} {one.name}" for one in ours[:8])
            _touches.append(Touch(f"{name} {arguments[:1]}", owner, places))
    finally:
        _here.owner = owner


def _noticed(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def called(*arguments: Any, **named: Any) -> Any:
        if _here.owner is not None:
            _touches.append(Touch(f"{function.__module__}.{function.__name__}", _here.owner, ()))
        return function(*arguments, **named)

    return called


def _replace_everywhere(function: Callable[..., Any], by: Callable[..., Any]) -> None:
    """Where it is defined, and wherever it was imported by name; who imports it later gets the new one."""
    for module in list(sys.modules.values()):
        if module is hashlib or str(getattr(module, "__file__", "")).startswith(_ROOMS):
            for name in [name for name, value in vars(module).items() if value is function]:
                setattr(module, name, by)


def install() -> None:
    """Begin to watch; an audit hook cannot be taken away again."""
    load_catalogues()  # as every process does when it opens the store
    for function in SLOW:
        _replace_everywhere(function, _noticed(function))
    event.listen(Engine, "begin", _begin)
    event.listen(Engine, "commit", _end)
    event.listen(Engine, "rollback", _end)
    event.listen(Pool, "checkin", lambda *_: _end())  # a transaction that could not begin ends nowhere else
    sys.addaudithook(_audit)


@contextmanager
def watched() -> Iterator[list[Touch]]:
    """What is touched inside writes in this block, in any thread; taken off the list of all."""
    before = len(_touches)
    found: list[Touch] = []
    try:
        yield found
    finally:
        found += _touches[before:]
        del _touches[before:]
