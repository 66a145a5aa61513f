"""The key service: it holds the master keys, and opens the data keys of one intake for one step, each time on record.

It knows who asks by the kernel (``SO_PEERCRED``), looks in the database whether the step is leased under the token that
is named, and never gives out a master key. The record is a row of the openings, written before the keys are given:
without it there are none.
"""

from __future__ import annotations

import grp
import logging
import os
import pwd
import socket
import stat
import struct
import threading
from collections import OrderedDict
from collections.abc import Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from inbox.errors import Damaged, InboxError, KeysMissing
from inbox.keys.called_keys import keys_at_door
from inbox.keys.key_frames import FrameError, KeyAnswer, KeyRequest, receive_frame, send_frame
from inbox.keys.key_look import Opened
from inbox.keys.leased_keys import keys_to_open
from inbox.models.column_types import utc_now
from inbox.storage.crypto import WrappedKey
from inbox.storage.database import Store
from inbox.storage.opening_log import NOBODY, Opening
from inbox.storage.unit_of_work import SQLAlchemyError

OPENED_FOR, OPENED_BESIDE = "opened_for_step", "opened_beside_step"
"""The actions under which it stands in the openings: a step's own, and others' that it looked at."""
MOST_BESIDE = 200
"""Keys of others that one lease may have: the latest mails of whoever may have written this one, and their receipts."""
BACKLOG = 64
QUIET_SECONDS = 3600.0
_CREDENTIALS = struct.Struct("3i")
_REMEMBERED = 4096

log = logging.getLogger(__name__)


@dataclass
class _Noted:
    """For what keys were opened lately, so that the same step asking again adds no row."""

    seen: OrderedDict[tuple[str, ...], None] = field(default_factory=OrderedDict)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def is_new(self, what: tuple[str, ...]) -> bool:
        with self.guard:
            is_new = what not in self.seen
            self.seen[what] = None
            while len(self.seen) > _REMEMBERED:
                self.seen.popitem(last=False)
            return is_new


@dataclass
class _Beside:
    """How many keys of others each lease has had."""

    had: OrderedDict[tuple[str, int], int] = field(default_factory=OrderedDict)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def left(self, subject: str, token: int) -> int:
        with self.guard:
            return MOST_BESIDE - self.had.get((subject, token), 0)

    def take(self, subject: str, token: int, count: int) -> int:
        """Count as many of these as this lease may still have; how many."""
        with self.guard:
            had = self.had.get((subject, token), 0)
            taken = min(count, MOST_BESIDE - had)
            if taken:
                self.had[subject, token] = had + taken
            while len(self.had) > _REMEMBERED:
                self.had.popitem(last=False)
            return taken


class KeyService:
    """Answers on a Unix socket, a thread for each line."""

    def __init__(
        self, store: Store, listening: socket.socket, allowed: frozenset[int], *, is_for_doors: bool = False
    ) -> None:
        """``allowed`` are the users who may ask. Doors are answered for calls that go on, whatever leases they name."""
        self._store = store
        self._listening = listening
        self._allowed = allowed
        self._is_for_doors = is_for_doors
        self._noted = _Noted()
        self._beside = _Beside()

    def serve(self) -> None:
        """Answer until the socket is closed."""
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(line,), daemon=True, name="key line").start()

    def _talk(self, line: socket.socket) -> None:
        with line:
            user = peer_user(line)
            if user not in self._allowed:
                log.warning("user %d is not one of those who may ask for keys", user)
                return
            line.settimeout(QUIET_SECONDS)
            # Whoever breaks off, or does not keep to the form, is not answered further.
            with suppress(OSError, FrameError):
                while (said := receive_frame(line)) is not None:
                    send_frame(line, self.answer(KeyRequest.of_json(said)).as_json())

    def answer(self, request: KeyRequest) -> KeyAnswer:
        """Open what may be opened, on record."""
        try:
            with self._store.read() as session:
                look_up = keys_at_door if self._is_for_doors else keys_to_open
                opened = look_up(session, request, utc_now())
            refused = self._too_many_beside(request, opened)
            rows = {key_id: row for key_id, row in opened.rows.items() if key_id not in refused}
            keys = self._unwrapped(rows)
            self._note(OPENED_FOR, opened.subjects, rows.keys() - opened.beside)
            self._note(OPENED_BESIDE, opened.subjects, rows.keys() & opened.beside)
        except (SQLAlchemyError, InboxError, OSError) as error:
            log.warning("keys cannot be looked up (%s)", type(error).__name__)
            return KeyAnswer({}, trouble=type(error).__name__)
        if refused:
            what_for = ", ".join(sorted(opened.subjects)) or "nobody"
            log.warning("%d data keys refused for %s", len(refused), what_for)
        return KeyAnswer(keys, refused)

    def _too_many_beside(self, request: KeyRequest, opened: Opened) -> frozenset[int]:
        """Which keys of others are refused: all without a step, and all that are more than a step has need of."""
        steps = [subject for subject in opened.subjects if subject.startswith("step:")]
        tokens = {f"step:{step_id}": token for step_id, token in request.leases}
        allowed = sum(self._beside.left(subject, tokens[subject]) for subject in steps)
        if len(opened.beside) > allowed:
            return opened.beside
        count = len(opened.beside)
        for subject in steps:
            count -= self._beside.take(subject, tokens[subject], count)
        return frozenset()

    def _unwrapped(self, rows: Mapping[int, WrappedKey]) -> dict[int, bytes]:
        keys = {}
        for key_id, row in rows.items():
            try:
                keys[key_id] = self._store.keyring.unwrap(*row)
            except (KeysMissing, Damaged) as error:  # of this one alone: who asked is told that it is missing
                log.warning("data key %d does not open (%s)", key_id, type(error).__name__)
        return keys

    def _note(self, action: str, subjects: frozenset[str], key_ids: Set[int]) -> None:
        """One row for what is asked together: a step, a batch of steps, or a call."""
        named = sorted(subjects)
        if not named or not key_ids or not self._noted.is_new((action, *named, *map(str, sorted(key_ids)))):
            return
        subject = named[0] if len(named) == 1 else f"{named[0]} … {named[-1]}"
        self._store.openings.note(Opening(NOBODY, action, subject, len(key_ids)), utc_now())


def open_key_socket(address: Path) -> socket.socket:
    """The socket of the service, for its user, and for the folder's group where that shares it."""
    address.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    address.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    shared = address.parent.stat().st_mode & stat.S_ISGID
    before = os.umask(0o117 if shared else 0o177)
    try:
        listening.bind(str(address))
    finally:
        os.umask(before)
    listening.listen(BACKLOG)
    return listening


def users_who_may_ask(address: Path) -> frozenset[int]:
    """This user, and the members of the group that shares the socket's folder."""
    folder, users = address.parent.stat(), {os.getuid()}
    if folder.st_mode & stat.S_ISGID:
        with suppress(KeyError):
            group = grp.getgrgid(folder.st_gid)
            users |= {pwd.getpwnam(name).pw_uid for name in group.gr_mem}
            users |= {one.pw_uid for one in pwd.getpwall() if one.pw_gid == folder.st_gid}
    return frozenset(users)


def peer_user(line: socket.socket) -> int:
    """Whose process is at the other end, as the kernel says (unix(7), ``SO_PEERCRED``)."""
    said = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return int(_CREDENTIALS.unpack(said)[1])
