"""The children of one installation on one machine, made from the settings, and made anew when these change."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path

from config.settings.loader import Settings
from workers.errors import AddressTaken
from workers.processes.child_processes import ChildProcess, ProcessSpec
from workers.processes.process_list import SORTER, processes_to_run, with_key_service
from workers.processes.web_server import open_listener
from workers.runtime import process_setup
from workers.runtime.process_locks import ProcessLock

WAIT_FOR_ORPHANS = 15.0
SORTED_AT = "web"
"""The name of the sorter's socket where systemd hands it over: that of the address, whoever stands there."""
_FIRST_HANDED_OVER = 3
"""The first open file that systemd hands over (SD_LISTEN_FDS_START)."""


class ChildRoster:
    """Which children there are, each with its lock and, for a door, its socket."""

    def __init__(
        self, settings: Settings, settings_path: Path | None, only: Sequence[str], load: Callable[[], Settings]
    ) -> None:
        """Take the locks and open the sockets; raises ``AlreadyRunning``, ``AddressTaken``, ``UnknownProcess``."""
        self.settings = settings
        self.children: list[ChildProcess] = []
        self._settings_path = settings_path
        self._only = only
        self._load = load
        self._locks: dict[str, ProcessLock] = {}
        self._sockets: dict[str, socket.socket] = {}
        self._lines: dict[str, tuple[socket.socket, socket.socket]] = {}
        """Of those whom the sorter hands connections: its end, and theirs."""
        self.processes = processes_to_run(settings, settings_path, only)
        try:
            self._secure(self.processes)
        except BaseException:
            self.close()
            raise

    @property
    def logs(self) -> Path:
        """Where the children's logs lie."""
        return self.settings.data_dir / "logs"

    def appoint(self) -> None:
        """Make the children, not yet started."""
        self._hand_down()
        self.children += [self._child(process) for process in self.processes]

    def renewed(self) -> tuple[list[ChildProcess], list[ChildProcess]]:
        """Those that are to be stopped because the settings have changed, and those to be started once they are.

        Raises ``SettingsError`` and ``AddressTaken``, and nothing has changed then.
        """
        settings = self._load()
        processes = processes_to_run(settings, self._settings_path)
        if self._only:
            known = {name for process in processes for name in (process.name, *process.beats)}
            left = [name for name in self._only if name in known]
            processes = processes_to_run(settings, self._settings_path, left) if left else []
        self._secure(processes)
        self.settings, self.processes = settings, processes
        leaving = [child for child in self.children if not child.process.stays]
        staying = {child.process.name for child in self.children} - {child.process.name for child in leaving}
        coming = [self._child(process) for process in processes if process.name not in staying]
        return leaving, coming

    def replace(self, leaving: Sequence[ChildProcess], coming: Sequence[ChildProcess]) -> None:
        """Count those that were started among the children, and let go of what belongs to nobody any more."""
        self._hand_down()
        # In place: others look at the same list.
        self.children[:] = [child for child in self.children if child not in leaving] + list(coming)
        present = {child.process.name for child in self.children}
        for name in self._locks.keys() - present:
            self._locks.pop(name).release()
        for name in self._sockets.keys() - present:
            self._sockets.pop(name).close()
        for name in self._lines.keys() - present:
            for end in self._lines.pop(name):
                end.close()

    def close(self) -> None:
        """Let go of every lock and socket."""
        for one in (*self._sockets.values(), *chain.from_iterable(self._lines.values())):
            one.close()
        for lock in self._locks.values():
            lock.release()

    def _hand_down(self) -> None:
        # Their environment names the private Redis as if it were any: see ``process_list``.
        settings = with_key_service(self.settings, self.processes)
        process_setup.share_settings(settings.model_copy(update={"redis_url": settings.redis_address}))

    def _secure(self, processes: Sequence[ProcessSpec]) -> None:
        for process in processes:
            if process.name not in self._locks:
                lock = ProcessLock(self.settings.data_dir / "locks", process.name)
                self._locks[process.name] = lock.acquire(WAIT_FOR_ORPHANS)
        for process in processes:
            if process.listens_at is not None and process.name not in self._sockets:
                self._sockets[process.name] = door_socket(process)
            if process.is_handed_connections and process.name not in self._lines:
                self._lines[process.name] = socket.socketpair()

    def _child(self, process: ProcessSpec) -> ChildProcess:
        name = process.name
        return ChildProcess(process, self._locks[name], self.logs / f"{name}.log", self._sockets_for(process))

    def _sockets_for(self, process: ProcessSpec) -> list[socket.socket]:
        """Its listening socket; of the sorter, its ends of the lines to those it is told to hand connections to."""
        if process.is_handed_connections:
            return [self._lines[process.name][1]]
        listening = [self._sockets[process.name]] if process.name in self._sockets else []
        return listening + [self._lines[name][0] for name in process.argv if name in self._lines]


def door_socket(process: ProcessSpec) -> socket.socket:
    """The socket of one of our doors: systemd's, where it hands one over, else our own; raises ``AddressTaken``.

    It stays open while the door behind it is replaced: who comes meanwhile waits for a moment.
    """
    assert process.listens_at is not None
    name = SORTED_AT if process.name == SORTER else process.name
    if handed_over := _from_systemd().get(name):
        with contextlib.suppress(OSError):
            return socket.socket(fileno=handed_over)
    try:
        return open_listener(*process.listens_at)
    except OSError as error:
        raise AddressTaken(name, process.where) from error


def _from_systemd() -> dict[str, int]:
    """Open files by name (sd_listen_fds(3)); a single one without a name of ours is the web server's."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return {}
    count = int(os.environ.get("LISTEN_FDS", "0"))
    names = os.environ.get("LISTEN_FDNAMES", "").split(":")
    found = dict(zip(names, range(_FIRST_HANDED_OVER, _FIRST_HANDED_OVER + count), strict=False))
    is_known = not found.keys().isdisjoint({SORTED_AT, "doors", "fallback"})
    return found if is_known or count != 1 else {SORTED_AT: _FIRST_HANDED_OVER}
