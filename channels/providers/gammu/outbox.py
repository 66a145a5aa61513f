"""Our texts as files for the daemon (gammu-smsd-files(7)): laid out, on their way, sent or failed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_NAME = re.compile(r"OUT.*_(portevoix-[a-z0-9-]+-([0-9]{1,9}))\.txtd?", re.DOTALL)


@dataclass(frozen=True)
class OwnText:
    """A text of ours in one of the daemon's folders; others may send texts by the same modem."""

    file: Path
    name: str
    message_id: int


def write_to_outbox(folder: Path, *, to: str, body: str, name: str) -> None:
    """Lay a text into the outbox, whole at once; it replaces one of the same name. Raises ``OSError``."""
    unfinished = folder / f".{name}"
    with unfinished.open("wb") as file:
        os.fchmod(file.fileno(), 0o660)  # the daemon is another user, of the folder's group
        file.write(body.encode("utf-16"))
        file.flush()
        os.fsync(file.fileno())
    # The time only orders the outbox; without the message's own, the name is the same at every attempt.
    unfinished.replace(folder / f"OUTA20000101_000000_00_{to}_{name}.txt")


def own_texts(folder: Path, name: str | None = None) -> Iterator[OwnText]:
    """The texts of ours in a folder, or those of one name; raises ``OSError``."""
    for path in sorted(folder.iterdir()):
        if (named := _NAME.fullmatch(path.name)) and name in (None, named[1]):
            yield OwnText(path, named[1], int(named[2]))
