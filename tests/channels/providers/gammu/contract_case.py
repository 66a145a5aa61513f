"""The daemon's folders that the contract is tried with; the daemon itself runs in ``test_modem``."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from channels.providers.gammu.folders import ERROR, INBOX, OUTBOX, SENT
from channels.providers.gammu.section import Gammu
from tests.channels.providers.contract_case import RESIDENT, Outside

NUMBER = "+33644630000"


def spool_in(folder: Path) -> Path:
    """The daemon's folders."""
    for name in (INBOX, OUTBOX, SENT, ERROR):
        (folder / "modem" / name).mkdir(parents=True)
    return folder / "modem"


def lay(spool: Path, name: str, content: bytes, *, age: float = 60.0) -> Path:
    """A file of the daemon's in the inbox, so many seconds old."""
    path = spool / INBOX / name
    path.write_bytes(content)
    os.utime(path, (time.time() - age,) * 2)
    return path


@contextmanager
def outside(folder: Path) -> Iterator[Outside]:
    """Files as gammu-smsd(1) 1.42.0 writes them."""
    spool = spool_in(folder)
    names = iter(f"IN20261112_080000_{number:02}_{RESIDENT}_00.txt" for number in range(99))

    def sent() -> list[tuple[str, str]]:
        laid = sorted((spool / OUTBOX).iterdir())
        return [(path.name.split("_")[3], path.read_bytes().decode("utf-16")) for path in laid]

    yield Outside(
        Gammu(spool=spool, number=NUMBER),
        sent,
        unreachable={"spool": folder / "unplugged"},
        bring=lambda words: _drop(lay(spool, next(names), b"\xfe\xff" + words.encode("utf-16-be"))),
        bring_junk=lambda: _drop(lay(spool, "IN20261112_080000_98_x.smsbackup", b"[SMSBackup000]")),
    )


def _drop(_path: Path) -> None:
    return None
