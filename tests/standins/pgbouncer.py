"""pgbouncer of Debian's package before a server of the tests, in transaction mode, on a Unix socket of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

_PORT = 6432
_STARTS_WITHIN = 120.0

_SETTINGS = """\
[databases]
* = host={server} user=portevoix
[pgbouncer]
listen_addr =
unix_socket_dir = {folder}
listen_port = {port}
auth_type = any
pool_mode = transaction
default_pool_size = {connections}
max_client_conn = 200
logfile = {folder}/log
"""


class PgBouncer:
    """A pooler that lends a server's few connections, a transaction at a time."""

    def __init__(self, server: Path, connections: int = 2) -> None:
        # Directly under the temporary folder: a socket's path may not be longer than 107 bytes.
        self._folder = Path(tempfile.mkdtemp(prefix="pv-pool-"))
        (self._folder / "pgbouncer.ini").write_text(
            _SETTINGS.format(server=server, folder=self._folder, port=_PORT, connections=connections)
        )

    @staticmethod
    def is_installed() -> bool:
        """Whether there is one to run."""
        return _program() is not None

    def __enter__(self) -> Self:
        program = _program()
        assert program is not None
        user: dict[str, str | int] = {}
        if os.geteuid() == 0:  # it refuses to run as root
            postgres = pwd.getpwnam("postgres")
            os.chown(self._folder, postgres.pw_uid, postgres.pw_gid)
            user = {"user": "postgres", "group": postgres.pw_gid}
        self._process = subprocess.Popen(  # type: ignore[call-overload]  # who runs it is given as it comes
            [program, "-q", str(self._folder / "pgbouncer.ini")],
            cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **user,
        )  # fmt: skip
        deadline = time.monotonic() + _STARTS_WITHIN
        while not (self._folder / f".s.PGSQL.{_PORT}").exists():
            assert self._process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.02)
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def log(self) -> str:
        """What it said."""
        log = self._folder / "log"
        return log.read_text() if log.exists() else ""

    def url(self, database: str) -> str:
        """A database's address through it."""
        return f"postgresql+psycopg://portevoix@/{database}?host={self._folder}&port={_PORT}"


def _program() -> str | None:
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
