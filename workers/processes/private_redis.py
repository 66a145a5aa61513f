"""The private Redis of the embedded default: a Unix socket, no port, an append-only file.

It carries wake-up calls only, so nothing is lost when it is killed, emptied, or its files are thrown away.
"""

import shutil
import signal
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from config.settings.loader import Settings
from workers.errors import NotSetUp
from workers.processes.child_processes import ProcessSpec

PROGRAM = "redis-server"


def redis_process(settings: Settings) -> ProcessSpec:
    """Redis, readable by this user alone."""
    folder = settings.data_dir / "redis"
    return ProcessSpec(
        name="redis",
        argv=tuple(_command(settings.redis_socket, folder)),
        is_ready=lambda: redis_answers(settings.redis_address),
        where=str(settings.redis_socket),
        # A broken append-only file would keep it from ever starting; the sweeper queues everything again.
        on_failing=lambda: shutil.rmtree(folder / "appendonlydir", ignore_errors=True),
        orphan_signal=signal.SIGTERM,
        stop_rank=3,
        stays=True,
    )


def prepare_redis(settings: Settings) -> None:
    """Make the folders Redis expects to find; raises ``NotSetUp`` when it is not installed."""
    if shutil.which(PROGRAM) is None:
        raise NotSetUp("Redis is not installed.", "Install it (apt install redis-server), or set redis_url.")
    for folder in (settings.data_dir / "redis", settings.redis_socket.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _command(socket: Path, folder: Path) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(socket.absolute()),
        "unixsocketperm": "700",
        "hz": "1",  # it looks after itself once a second instead of ten times: what it does for us it does at once
        "dir": str(folder.absolute()),
        "appendonly": "yes",
        "save": "",
        "databases": "1",
        "daemonize": "no",
        "logfile": "",
    }
    return [PROGRAM, *(word for name, value in options.items() for word in (f"--{name}", value))]


def redis_answers(address: str) -> bool:
    """Whether a Redis answers there within a second."""
    try:
        with Redis.from_url(address, socket_connect_timeout=1, socket_timeout=1) as connection:
            return bool(connection.ping())
    except RedisError:
        return False
