"""A keyring without master keys: it wraps with their open halves, and has the key service unwrap.

It asks for the leases that this process holds, and for nothing else. Where the service is away for a moment, because
it is being replaced, it waits and asks again.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from inbox.errors import KeysAway, KeysMissing, KeysRefused
from inbox.keys.key_frames import FrameError, KeyAnswer, KeyRequest, receive_frame, send_frame
from inbox.storage import crypto
from inbox.storage.crypto import Keyring, WrappedKey
from inbox.storage.open_halves import OpenHalf

PATIENCE, CALLER_PATIENCE = 20.0, 2.0
"""Seconds for which the service may be away before a step is put off; before a caller hears what needs no opening."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.5
_ANSWER_SECONDS = 10.0


class KeyClient:
    """Asks the key service on its socket: one line for each thread, made anew where it breaks."""

    def __init__(self, address: Path, patience: float = PATIENCE) -> None:
        self.address = address
        self._patience = patience
        self._here = threading.local()

    def ask(self, request: KeyRequest) -> KeyAnswer:
        """Ask; raises ``KeysAway`` when nobody answers for so long."""
        give_up_at, pause = time.monotonic() + self._patience, _FIRST_PAUSE
        while True:
            try:
                answer = self._asked(request)
            except (OSError, FrameError) as error:
                self._hang_up()
                why = type(error).__name__
            else:
                if not answer.trouble:
                    return answer
                why = answer.trouble
            if time.monotonic() + pause > give_up_at:
                raise KeysAway(f"the key service does not answer ({why})")
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _asked(self, request: KeyRequest) -> KeyAnswer:
        line = self._line()
        send_frame(line, request.as_json())
        said = receive_frame(line)
        if said is None:
            raise ConnectionResetError("the key service ended")
        return KeyAnswer.of_json(said)

    def _line(self) -> socket.socket:
        # A line that was carried through a fork is the parent's as well: answers would go to either.
        if getattr(self._here, "pid", None) != os.getpid():
            self._hang_up()
            line = socket.socket(socket.AF_UNIX)
            line.settimeout(_ANSWER_SECONDS)
            try:
                line.connect(str(self.address))
            except OSError:
                line.close()
                raise
            self._here.line, self._here.pid = line, os.getpid()
        found: socket.socket = self._here.line
        return found

    def _hang_up(self) -> None:
        line: socket.socket | None = getattr(self._here, "line", None)
        self._here.pid = None
        if line is not None:
            with suppress(OSError):
                line.close()
            self._here.line = None


class KeySettings(Protocol):
    """What is to be known of the settings."""

    @property
    def keys_dir(self) -> Path:
        """The folder of the keys."""

    @property
    def keys_socket(self) -> Path | None:
        """Where the key service answers, if there is one."""


def service_keyring(settings: KeySettings, *, holds_masters: bool, at_door: bool = False) -> ServiceKeyring | None:
    """The keyring that asks the service; None where the master keys are to be read, and can be.

    Who ``holds_masters`` reads them, unless its user may not. ``at_door`` it asks where doors are answered.
    """
    folder, address = settings.keys_dir, settings.keys_socket
    if address is None:
        return None
    if holds_masters and (crypto.master_files(folder) or not crypto.read_open_halves(folder)):
        return None
    client = KeyClient(door_address(address), CALLER_PATIENCE) if at_door else KeyClient(address)
    return ServiceKeyring.load(folder, client)


def door_address(address: Path) -> Path:
    """Where doors ask: beside where the pools do, or in a folder there that is another group's."""
    shared = address.parent / "door"
    return shared / address.name if shared.is_dir() else address.with_name("door.sock")


@dataclass(frozen=True, slots=True)
class _Call:
    """A call that is being answered, and the data keys that are at hand meanwhile."""

    intake_id: int | None = None
    keys: dict[int, bytes] = field(default_factory=dict, repr=False)


_NO_CALL = _Call()


class ServiceKeyring(Keyring):
    """The keyring of a process that must not hold master keys."""

    def __init__(self, folder: Path, hash_key: bytes, client: KeyClient) -> None:
        super().__init__(folder, hash_key, {})
        self._client = client
        self._halves = {master_id: OpenHalf(half) for master_id, half in crypto.read_open_halves(folder).items()}
        self._held: dict[int, int] = {}
        self._call = threading.local()

    @classmethod
    def load(cls, folder: Path, client: KeyClient) -> ServiceKeyring:
        """Read what is not secret of the keys folder, and the key of the keyed hash; raises ``KeysMissing``."""
        found = cls(folder, crypto.read_hash_key(folder), client)
        if not found._halves:
            raise KeysMissing(f"{folder} holds no open half of a master key: start the key service once")
        return found

    # --- what it may ask for ---

    @contextmanager
    def for_leases(self, leases: Iterable[tuple[int, int]]) -> Iterator[None]:
        """Ask for these steps (id and token) as well, within the block."""
        held = dict(leases)
        self._held = {**self._held, **held}
        try:
            yield
        finally:
            self._held = {step: token for step, token in self._held.items() if held.get(step) != token}

    @contextmanager
    def for_call(self, intake_id: int | None, key_ids: Collection[int] = ()) -> Iterator[None]:
        """Ask for this call, in this thread, within the block; for these keys at once, so that a write need not."""
        before = self._for_call()
        if before.intake_id == intake_id and not key_ids:
            yield
            return
        self._call.now = here = _Call(intake_id)
        try:
            if key_ids:
                here.keys.update(self._answered(frozenset(key_ids)).keys)
            yield
        finally:
            self._call.now = before

    def _for_call(self) -> _Call:
        found: _Call = getattr(self._call, "now", _NO_CALL)
        return found

    # --- as a keyring ---

    @property
    def current(self) -> str:
        """The id of the newest master key whose open half is there."""
        return max(self._halves)

    def knows(self, master_id: str) -> bool:
        """Whether this master key's open half is in the folder."""
        if master_id not in self._halves:
            self._read_again()
        return master_id in self._halves

    def wrap(self, key: bytes) -> tuple[str, bytes]:
        """Wrap a data key with the newest open half."""
        master_id = self.current
        return master_id, self._halves[master_id].wrap(key)

    def unwrap(self, master_id: str, _wrapped: bytes) -> bytes:
        """Refused: only what stands in a row can be asked for."""
        raise KeysMissing(f"this process has no master keys, and {master_id} is asked for by itself")

    def unwrap_rows(self, rows: Mapping[int, WrappedKey]) -> dict[int, bytes]:
        """Have the service unwrap them; raises ``KeysRefused``, ``KeysAway`` and ``KeysMissing``."""
        at_hand = self._for_call().keys
        if rows.keys() <= at_hand.keys():
            return {key_id: at_hand[key_id] for key_id in rows}
        answer = self._answered(frozenset(rows))
        if answer.refused:
            raise KeysRefused(f"{len(answer.refused)} data keys are not this step's ({min(answer.refused)} …)")
        missing = rows.keys() - answer.keys.keys()
        if missing:
            # Erased since the row was read, or under a key that was retired: the row says which when it is read again.
            raise KeysMissing(f"{len(missing)} data keys do not open ({min(missing)} …)")
        return dict(answer.keys)

    def _answered(self, key_ids: frozenset[int]) -> KeyAnswer:
        return self._client.ask(KeyRequest(key_ids, frozenset(self._held.items()), self._for_call().intake_id))

    def rotate(self) -> str:
        """Refused."""
        raise KeysMissing("this process has no master keys: rotate them by `portevoix keys rotate`")

    def _ids_among(self, names: Iterable[str]) -> set[str]:
        return {name.removeprefix("master-").removesuffix(".pub") for name in names if name.endswith(".pub")}

    def look_again(self) -> None:
        """Another process may have rotated: the newest open half is looked for."""
        with suppress(OSError, KeysMissing):
            if (changed := self._look.changed()) is None:
                return
            names = self._ids_among(file.name for file in self.folder.glob("master-*.pub"))
            if names and names != self._halves.keys():
                self._read_again()
            self._look.read(changed)

    def _read_again(self) -> None:
        halves = crypto.read_open_halves(self.folder)
        self._halves = {one: self._halves.get(one) or OpenHalf(half) for one, half in halves.items()}
