"""``portevoix up``: starts everything in order, restarts what dies, stops it in the opposite order.

The doors open last and close first. Everything that is running can be killed at any moment:
what has arrived is in the database, what is half done is begun again.
"""

import argparse
import contextlib
import os
import select
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

from config.sandbox.layers import SandboxLayers, set_sandbox_layers
from config.settings.loader import ENV_FILE, Settings, SettingsError
from config.wording.consultation import ConsultationError, read_consultation
from gateway.base import settings_in_force
from gateway.base.store_factory import open_store
from inbox.accounts import one_time_links
from inbox.administration import stored_settings
from inbox.backup import restored_place
from inbox.backup.bound_values import bring_up_to_date
from inbox.backup.restored_place import Place
from inbox.consultations import consultation_versions
from inbox.erasure.erase import reapply_tombstones
from inbox.errors import InboxError
from inbox.models.column_types import utc_now
from inbox.storage.crypto import set_masters_apart
from inbox.storage.database import Store
from inbox.storage.unit_of_work import SQLAlchemyError
from workers.errors import WorkersError
from workers.processes import preloading
from workers.processes.apart import do_apart
from workers.processes.child_processes import ChildProcess
from workers.processes.liveness import LivenessMonitor
from workers.processes.private_redis import prepare_redis
from workers.processes.process_list import with_key_service
from workers.processes.roster import ChildRoster
from workers.runtime.process_setup import log_to_stderr
from workers.runtime.step_interruption import INTERRUPT_SIGNAL

REDIS_SECONDS = 10.0
FINISH_SECONDS = 4.0
"""How long a stopped process may take to finish what it is doing."""
GIVE_BACK_SECONDS = 2.0
"""How long a pool then may take to put back a step that it cannot finish."""

Say = Callable[[str], None]


class Supervisor:
    """The processes of one installation on one machine."""

    def __init__(
        self, store: Store, roster: ChildRoster, revision: int, say: Say, restored: Place | None = None
    ) -> None:
        """``revision`` is that of the settings set on the pages with which the children are started.

        Where something ``restored`` is to be taken up, it stops.
        """
        self._restored = restored
        self._roster = roster
        self._children = roster.children
        self._revision = revision
        self._say = say
        self._stop_asked = False
        self._silent: deque[ChildProcess] = deque()
        self._watchkeeper = LivenessMonitor(store, self._children, self._silent.append)
        self._woken, self._wake = socket.socketpair()
        self._woken.setblocking(False)
        self._wake.setblocking(False)

    def run(self) -> None:
        """Run until SIGTERM or SIGINT, or until what was restored is to be taken up."""
        self._listen()
        try:
            for child in self._children:
                if self._stop_asked:
                    break
                if child.is_resting:
                    continue
                child.start()
                self._tell(child, "started")
                if child.process.is_ready and not child.process.opens_last:
                    self._wait_until_ready(child)
            while not self._stop_asked:
                if self._restored is not None and self._restored.asked.exists():
                    break
                self._tend()
                self._watchkeeper.tend()
                if self._watchkeeper.revision not in (None, self._revision):
                    self._begin_anew()
                self._sleep(0.2 if any(not child.announced for child in self._children) else 1.0)
        finally:
            self._stop()

    def _listen(self) -> None:
        def ask_to_stop(_signum: int, _frame: FrameType | None) -> None:
            self._stop_asked = True

        signal.signal(signal.SIGTERM, ask_to_stop)
        signal.signal(signal.SIGINT, ask_to_stop)
        # A child's death ends the pause below at once.
        signal.signal(signal.SIGCHLD, lambda _signum, _frame: None)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)

    def _sleep(self, seconds: float) -> None:
        if select.select([self._woken], [], [], seconds)[0]:
            self._woken.recv(4096)

    def _wait_until_ready(self, child: ChildProcess) -> None:
        deadline = time.monotonic() + REDIS_SECONDS
        while not child.became_ready() and time.monotonic() < deadline and not self._stop_asked:
            time.sleep(0.05)
            child.tend()

    def _tend(self) -> None:
        for child in self._children:
            if happened := child.tend():
                self._tell(child, happened)
            if child.became_ready():
                self._tell(child, f"ready    {child.process.where}")
        while self._silent:
            child = self._silent.popleft()
            self._tell(child, "has not been heard of for too long, is killed")
            child.kill()

    def _begin_anew(self) -> None:
        """Have the children work by the settings as they are now; the doors stay open meanwhile."""
        self._revision = self._watchkeeper.revision or 0
        try:
            leaving, coming = self._roster.renewed()
        except (SettingsError, WorkersError) as error:
            self._say(f"the settings have changed and cannot be used, all goes on as before: {error}")
            return
        self._say("the settings have changed: starting anew what depends on them")
        self._watchkeeper.stop()
        self._stop_some(leaving)
        self._roster.replace(leaving, coming)
        for child in coming:
            if not child.is_resting:
                child.start()

    def _stop(self) -> None:
        self._say("stopping …")
        self._watchkeeper.stop()
        self._stop_some(self._children)
        self._say("stopped")

    def _stop_some(self, children: Sequence[ChildProcess]) -> None:
        for group in stop_order(children):
            for child in group:
                child.ask_to_stop()
            self._wait_for(group, FINISH_SECONDS)
            for child in group:
                child.send(INTERRUPT_SIGNAL) if child.process.gives_back else None
            self._wait_for([child for child in group if child.process.gives_back], GIVE_BACK_SECONDS)
            for child in group:
                if not child.wait(0.0):
                    self._tell(child, "did not stop, was killed")

    def _wait_for(self, group: Sequence[ChildProcess], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and any(child.is_running() for child in group):
            time.sleep(0.05)

    def _tell(self, child: ChildProcess, what: str) -> None:
        self._say(f"  {child.process.name:<12} {what}")


def stop_order(children: Sequence[ChildProcess]) -> list[list[ChildProcess]]:
    """The doors and watchers first, then the pools, Redis last."""
    ranks = sorted({child.process.stop_rank for child in children})
    return [[child for child in children if child.process.stop_rank == rank] for rank in ranks]


def run_gateway(settings: Settings, settings_path: Path | None, only: Sequence[str] = (), say: Say = print) -> None:
    """Start everything (or ``only`` the named processes) and keep it running until told to stop.

    Raises ``AlreadyRunning``, ``AddressTaken``, ``UnknownProcess``, and what opening the store or a consultation file
    raises.
    """
    roster = ChildRoster(settings, settings_path, only, lambda: _in_force(settings_path))
    restored = restored_place.place_of(settings)
    try:
        _take_up(restored, say)
        roster.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(process.name == "redis" for process in roster.processes):
            prepare_redis(settings)
        do_apart(lambda: prepare_database(settings).close())
        # Its own, and all that is forked from it, without master keys: who needs them reads them.
        store = open_store(with_key_service(settings, roster.processes), is_checked=True, holds_masters=False)
        with store.read() as session:
            revision = stored_settings.settings_revision(session)
        say(f"{settings.town_name}: data in {settings.data_dir}, logs in {roster.logs}")
        if link := set_up_link(store, settings):
            say(f"There is no account yet. Make the first one here (once, within a day): {link}")
        roster.appoint()
        _have_rest(store, roster.children)
        preloading.preload_modules(process.module for process in roster.processes if process.module)
        # SQLite's connections must not be carried through a fork, closed or open (sqlite.org/howtocorrupt.html, 2.6).
        store.close()
        Supervisor(store, roster, revision, say, restored).run()
        _take_up(restored, say)
    finally:
        roster.close()


def _take_up(restored: Place | None, say: Say) -> None:
    """Take up what was restored where that is asked for, and begin anew; nothing of ours may be running."""
    if restored is None or not restored.asked.exists():
        return
    restored_place.take_up(restored)
    say("what was restored is taken up: starting anew")
    # The settings set on the pages are others now. Locks and sockets are not handed on.
    os.execv(sys.executable, sys.orig_argv)  # noqa: S606  our own interpreter and arguments


def _have_rest(store: Store, children: Sequence[ChildProcess]) -> None:
    """Start nobody for whom there is nothing to do."""
    with store.read() as session:
        for child in children:
            process = child.process
            if process.work is not None and process.may_rest is not None and process.may_rest(session):
                child.rest(process.work(session))


def set_up_link(store: Store, settings: Settings) -> str | None:
    """The address at which the first account is made, new with each start; None when there is an account."""
    with store.write() as session:
        token = one_time_links.create_set_up_link(session, utc_now())
    return f"{settings.public_url}/set-up/{token}" if token else None


def _in_force(settings_path: Path | None) -> Settings:
    """The settings in force, which the fallback door then finds as well."""

    def load() -> Settings:
        return settings_in_force.load_settings_in_force(settings_path, keep_for_fallback=True)

    settings = do_apart(load)
    set_sandbox_layers(SandboxLayers(settings.sandbox.bubblewrap))
    return settings


def prepare_database(settings: Settings) -> Store:
    """Bring the tables up to date and take the consultation files in; both again are nothing new.

    A data directory that was copied back by hand is older than its tombstones: they are obeyed before anybody sees it.
    """
    store = open_store(settings)
    set_masters_apart(settings.keys_dir)
    bring_up_to_date(store)
    store.check_keys()
    reapply_tombstones(store)
    read = [read_consultation(file) for file in settings.consultation_files]
    only_the_example = settings.consultations_dir is None and not settings.consultations
    for consultation in read:
        with store.write() as session:
            # A town with consultations of its own needs no example.
            if only_the_example and consultation_versions.has_other_consultations(session, [one.slug for one in read]):
                continue
            if not consultation_versions.was_edited_since(session, consultation):
                consultation_versions.import_file(session, consultation)
    return store


def main(arguments: Sequence[str] | None = None) -> int:
    """The command behind ``portevoix up``; 2 when it cannot start."""
    parser = argparse.ArgumentParser(prog="portevoix up", description=__doc__)
    parser.add_argument("--settings", type=Path, default=None)
    parser.add_argument("--only", action="append", default=[], metavar="PROCESS")
    chosen = parser.parse_args(arguments)
    os.umask(0o077)
    try:
        settings = _in_force(chosen.settings)
        log_to_stderr(settings.log_level, settings.monitoring.log_format)
        run_gateway(settings, chosen.settings or _named_by_environment(), chosen.only, say=_print_now)
    except (SettingsError, ConsultationError, InboxError, WorkersError) as error:
        sys.stderr.write(f"portevoix: {error}\n")
        return 2
    except SQLAlchemyError as error:
        # Its own words hold the address of the database, and with it the password.
        sys.stderr.write(f"portevoix: the database cannot be used ({type(error).__name__}). Check database_url.\n")
        return 2
    return 0


def _named_by_environment() -> Path | None:
    return Path(os.environ[ENV_FILE]) if os.environ.get(ENV_FILE) else None


def _print_now(line: str) -> None:
    # Whoever waits for "ready" reads a pipe, not a terminal.
    with contextlib.suppress(OSError):  # nobody reads it any more, or its disk is full: the doors stay open
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
