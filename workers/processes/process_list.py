"""What runs on a machine, as a declared list made from the settings."""

import socket
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from channels.providers.registry import call_provider, polled_providers
from config.enums import Queue
from config.settings.loader import ENV_FILE
from config.settings.schema import ENV_PREFIX, Settings
from inbox.reports import sense_rows
from workers.errors import UnknownProcess
from workers.processes.child_processes import ProcessSpec
from workers.processes.private_redis import redis_process
from workers.processes.resting_pools import waiting_work, wake_up_calls
from workers.serving.request_paths import Side

SORTER = "front"
AT_THE_ADDRESS = (SORTER, Side.DOORS.value, Side.PAGES.value)
"""Who stands at the one address together, unless the doors have a port of their own."""
WATCHERS = "watchers"
POOL = "workers.pools.pool"
KEYS = "keys"
WATCHER_SILENT_SECONDS = 120.0
"""Watchers beat more often than this even when nothing comes; IMAP in particular can hang in silence."""

_ANSWER_SECONDS = 0.3

MAILBOX_SILENT_SECONDS = WATCHER_SILENT_SECONDS + 180.0
"""A mailbox's watcher beats after each answer; connecting waits for two, each ``answer_seconds`` (90 at most)."""


SENSE_SILENT_SECONDS = 1800.0
"""Making sense of a whole town's texts for the first time takes minutes, and beats only in between."""


POOLS: tuple[tuple[Queue, ...], ...] = (
    # Light steps of both, in one process; what is urgent comes first.
    (Queue.URGENT, Queue.THEMES),
    *((queue,) for queue in Queue if not queue.is_light),
)


def processes_to_run(settings: Settings, settings_path: Path | None, only: Sequence[str] = ()) -> list[ProcessSpec]:
    """Everything these settings start, in starting order; ``only`` some of it by name."""
    env = _environment(settings, settings_path)
    only = _with_companions(settings, only)
    every = [redis_process(settings)] if settings.redis_is_private else []
    every += _at_the_address(settings, env)
    if settings.fallback.public_url and settings.fallback.starts_with_gateway:
        at = settings.fallback
        every += [_door("fallback", at.host, at.port, env, listens_at=(at.host, at.port))]
    if settings.keys_socket is None or KEYS in only:
        every += [_key_service(settings, env)]
    every += [process for queues in POOLS for process in _pools(settings, queues, env)]
    every += [
        ProcessSpec(
            "sense",
            module="workers.watchers.sense_maker",
            env=env,
            beats={"sense": SENSE_SILENT_SECONDS},
            work=sense_rows.change_marker,
            may_rest=sense_rows.is_all_looked_at,
        ),
        # Its backups take as long as they take; it looks at the settings before whatever it does.
        ProcessSpec("caretaker", module="workers.caretaking.caretaker", env=env, stays=True),
    ]
    watchers = _watchers(settings)
    known = [*(process.name for process in every), *watchers]
    for name in only:
        if name not in known:
            raise UnknownProcess(name, known)
    wanted = {name: seconds for name, seconds in watchers.items() if not only or name in only}
    every = [process for process in every if not only or process.name in only or _helps(process, only)]
    return [*every, *([_together(wanted, env)] if wanted else [])]


def _with_companions(settings: Settings, only: Sequence[str]) -> Sequence[str]:
    """Whom the named ones cannot do without: who shares their address, and who opens for the doors."""
    named = list(only)
    if not settings.web.doors_port and not set(AT_THE_ADDRESS).isdisjoint(named):
        named += [name for name in AT_THE_ADDRESS if name not in named]
    if settings.keys_socket is None and Side.DOORS.value in named and KEYS not in named:
        named.append(KEYS)
    return named


def heartbeat_names(settings: Settings) -> frozenset[str]:
    """The names that heartbeats come under while all of this runs: of what beats by itself, else of the process."""
    every = processes_to_run(settings, None)
    return frozenset(name for process in every for name in (process.beats or (process.name,)))


def mailbox_process(number: int) -> str:
    """The name of a mailbox's watcher: by number, because its address would stand in logs."""
    return f"mailbox-{number + 1}"


def _watchers(settings: Settings) -> dict[str, float]:
    """What watches, by name, and how many seconds each may be silent."""
    found = {"sweeper": WATCHER_SILENT_SECONDS}
    if call_provider(settings).configured:
        found["reconciler"] = WATCHER_SILENT_SECONDS
    if polled_providers(settings):
        found["poller"] = WATCHER_SILENT_SECONDS
    found |= {mailbox_process(number): MAILBOX_SILENT_SECONDS for number in range(len(settings.mailboxes))}
    if settings.scan_folders:
        found["folders"] = WATCHER_SILENT_SECONDS
    return found


def _together(watchers: Mapping[str, float], env: dict[str, str]) -> ProcessSpec:
    """One process for all that mostly wait."""
    return ProcessSpec(
        WATCHERS, module="workers.watchers.watcher_threads", argv=tuple(watchers), env=env, beats=watchers
    )


def _environment(settings: Settings, settings_path: Path | None) -> dict[str, str]:
    env = {
        # Where uploads and media lie in the clear for a moment: a private folder, not everybody's.
        "TMPDIR": str(settings.work_dir.absolute()),
        # The socket's place may depend on TMPDIR, so it is told, not worked out again.
        f"{ENV_PREFIX}REDIS_URL": settings.redis_address,
    }
    if settings_path is not None:
        env[ENV_FILE] = str(settings_path.absolute())
    return env


def with_key_service(settings: Settings, processes: Sequence[ProcessSpec]) -> Settings:
    """The settings by which processes work beside these: where the key service is one of them, they ask it."""
    if settings.keys_socket is None and any(process.name == KEYS for process in processes):
        return settings.model_copy(update={"keys_socket": settings.own_keys_socket})
    return settings


def _key_service(settings: Settings, env: dict[str, str]) -> ProcessSpec:
    address = settings.keys_socket or settings.own_keys_socket
    return ProcessSpec(
        KEYS,
        module="workers.processes.key_holder",
        argv=(str(address.absolute()),),
        env=env,
        is_ready=lambda: socket_accepts(address),
        where=str(address),
        # The pools ask it until they have ended.
        stop_rank=3,
        stays=True,
    )


def socket_accepts(address: Path) -> bool:
    """Whether somebody listens at a Unix socket."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(_ANSWER_SECONDS)
        try:
            line.connect(str(address))
        except OSError:
            return False
        return True


def _pool(settings: Settings, queues: Sequence[Queue], env: dict[str, str]) -> ProcessSpec:
    return ProcessSpec(
        name=queues[0].value,
        module=POOL,
        argv=tuple(queues),
        env=env,
        stop_rank=2,
        gives_back=True,
        is_wanted=wake_up_calls(settings.redis_address, queues),
    )


def _pools(settings: Settings, queues: Sequence[Queue], env: dict[str, str]) -> list[ProcessSpec]:
    """A pool, and those that come to help it while things wait for long."""
    first = _pool(settings, queues, env)
    most = {Queue.PAGES: settings.pools.pages_most, Queue.SPEECH: settings.pools.speech_most}.get(queues[0], 1)
    work = waiting_work(queues[0], settings.pools.oldest_seconds)
    helpers = [
        replace(first, name=f"{first.name}-{number}", is_wanted=None, work=work, may_rest=lambda _session: True)
        for number in range(2, most + 1)
    ]
    return [first, *helpers]


def _helps(process: ProcessSpec, only: Sequence[str]) -> bool:
    return process.module == POOL and process.argv[0] in only


def _at_the_address(settings: Settings, env: dict[str, str]) -> list[ProcessSpec]:
    """The doors and the pages, behind who tells them apart; or each at a port of its own."""
    web = settings.web
    doors = _door(Side.DOORS.value, web.host, web.doors_port or web.port, env, asks="/hooks/")
    pages = _door(Side.PAGES.value, web.host, web.port, env)
    if web.doors_port:
        apart = (replace(doors, listens_at=(web.host, web.doors_port)), replace(pages, listens_at=(web.host, web.port)))
        return [replace(one, stays=True) for one in apart]
    handed = [replace(one, is_handed_connections=True, stays=True) for one in (doors, pages)]
    module, names = f"workers.processes.{SORTER}", tuple(one.name for one in handed)
    at, where = (web.host, web.port), f"http://{web.host}:{web.port}"
    sorter = ProcessSpec(SORTER, names, module, env, listens_at=at, where=where, stays=True)
    return [sorter, *handed]


def _door(
    name: str,
    host: str,
    port: int,
    env: dict[str, str],
    *,
    asks: str = "/sign-in",
    listens_at: tuple[str, int] | None = None,
) -> ProcessSpec:
    return ProcessSpec(
        name=name,
        module=f"workers.processes.{name}",
        env=env,
        listens_at=listens_at,
        is_ready=lambda: web_server_answers(host, port, asks),
        opens_last=True,
        where=f"http://{host}:{port}",
    )


def web_server_answers(host: str, port: int, path: str = "/sign-in") -> bool:
    """Whether a web server answers there: its socket is open before it, and accepts for it."""
    try:
        with socket.create_connection((host, port), timeout=_ANSWER_SECONDS) as line:
            line.sendall(f"HEAD {path} HTTP/1.0\r\n\r\n".encode())
            return line.recv(5) == b"HTTP/"
    except OSError:
        return False


def port_accepts(host: str, port: int) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
