"""OpenStack Swift with its S3 interface, the real servers of Debian's packages: one copy, one device, on loopback.

The proxy has the pipeline that Swift's manual gives for ``s3api`` with versions; tempauth, as the manual names its
authentication for tests, wants memcached. Logging goes nowhere: there is no syslog in a test.
"""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from config.settings.sections.media_section import Media

PROGRAMS = (
    "swift-proxy-server", "swift-account-server", "swift-container-server", "swift-object-server",
    "memcached",
)  # fmt: skip
_STARTS_WITHIN = 120.0
_USER, _KEY = "town:gateway", "not-secret"

_STORAGE = """\
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
user = {user}
workers = 0
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""

_PROXY = """\
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
swift_dir = {folder}
user = {user}
workers = 0
[pipeline:main]
pipeline = catch_errors gatekeeper cache listing_formats s3api tempauth copy slo dlo versioned_writes symlink proxy-server
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:{memcached}
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
location = test
[filter:tempauth]
use = egg:swift#tempauth
user_{account}_{name} = {key} .admin
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_versioned_writes = true
allow_object_versioning = true
[filter:symlink]
use = egg:swift#symlink
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
"""  # noqa: E501 — a pipeline is one line


def missing() -> list[str]:
    """The programs that are not installed here."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


@dataclass(frozen=True)
class _Ports:
    proxy: int
    account: int
    container: int
    object: int
    memcached: int


def _storage(ports: _Ports) -> dict[str, int]:
    return {"account": ports.account, "container": ports.container, "object": ports.object}


_RINGS = """
import sys
from swift.common.ring import RingBuilder
folder = sys.argv[1]
for kind, port in zip(("account", "container", "object"), sys.argv[2:]):
    ring = RingBuilder(4, 1, 0)
    ring.add_dev({"id": 0, "region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port), "device": "one",
        "weight": 1.0, "replication_ip": "127.0.0.1", "replication_port": int(port), "meta": ""})
    ring.rebalance()
    ring.get_ring().save(f"{folder}/{kind}.ring.gz")
"""


class Swift:
    """A private object store in a temporary folder."""

    def __init__(self) -> None:
        # The files need extended attributes, which the folder of temporary files may not have: asked at the start.
        self.folder = Path(tempfile.mkdtemp(prefix="pv-swift-"))
        self._ports = _Ports(*_free_ports(5))
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self) -> Media:
        """Start every server and make a bucket; raises ``TimeoutError``."""
        (self.folder / "devices" / "one").mkdir(parents=True)
        (self.folder / "swift.conf").write_text(
            "[swift-hash]\nswift_hash_path_prefix = a\nswift_hash_path_suffix = z\n"
            "[storage-policy:0]\nname = one\ndefault = yes\n"
        )
        self._rings()
        kinds = _storage(self._ports)
        for kind, port in kinds.items():
            self._write(f"{kind}.conf", _STORAGE.format(kind=kind, port=port, folder=self.folder, user=_me()))
        account, _, name = _USER.partition(":")
        self._write(
            "proxy.conf",
            _PROXY.format(
                port=self._ports.proxy,
                folder=self.folder,
                user=_me(),
                memcached=self._ports.memcached,
                account=account,
                name=name,
                key=_KEY,
            ),
        )
        self._run("memcached", "-u", _me(), "-l", "127.0.0.1", "-p", str(self._ports.memcached), "-U", "0")
        for kind in (*kinds, "proxy"):
            self._run(f"swift-{kind}-server", str(self.folder / f"{kind}.conf"), "verbose")
        self._wait()
        return self.settings

    @property
    def settings(self) -> Media:
        """The section of the settings that leads here."""
        return Media.model_validate(
            {
                "store": "s3",
                "endpoint": f"http://127.0.0.1:{self._ports.proxy}",
                "bucket": "media",
                "region": "test",
                "access_key": _USER,
                "secret_key": _KEY,
            }
        )

    def stop(self) -> None:
        """Stop everything and remove what was stored."""
        for process in reversed(self._running):
            process.kill()
            process.wait()
        self._running.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def pause(self) -> None:
        """The store is down: connections are accepted by nobody who answers."""
        for process in self._running:
            process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """It is back."""
        for process in self._running:
            process.send_signal(signal.SIGCONT)

    def _rings(self) -> None:
        # In one process of Debian's Python: the command would be nine, half a second each.
        subprocess.run(
            ["/usr/bin/python3", "-c", _RINGS, str(self.folder), *map(str, _storage(self._ports).values())],
            check=True,
            env=_ENVIRONMENT,
        )

    def _run(self, *argv: str) -> None:
        with (self.folder / f"{argv[0]}.log").open("wb") as log:
            self._running.append(
                subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=_ENVIRONMENT)
            )

    def _write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def _wait(self) -> None:
        deadline = time.monotonic() + _STARTS_WITHIN
        for port in vars(self._ports).values():
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    if time.monotonic() > deadline:
                        raise TimeoutError(f"Swift did not start within {_STARTS_WITHIN:g} s") from None
                    time.sleep(0.05)


# Debian's Swift runs on Debian's Python: a virtual environment's paths are not for it.
_ENVIRONMENT = {
    name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV", "COV"))
} | {"PYTHONWARNINGS": "ignore"}


def _me() -> str:
    return getpass.getuser()


def _free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()
