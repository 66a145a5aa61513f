"""The daemon's folders, where they are and how their errors are told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from channels.base.errors import NotReady, ProviderNotSetUp

INBOX, OUTBOX, SENT, ERROR = "inbox", "outbox", "sent", "error"
SET_ASIDE = "not-taken-in"
"""Ours: what no door takes."""


@dataclass(frozen=True)
class GammuFolders:
    """The folders below the one that is set."""

    spool: Path | None

    def of(self, name: str) -> Path:
        """A folder; raises ``ProviderNotSetUp`` where there is no modem."""
        if self.spool is None:
            raise ProviderNotSetUp("There is no modem.", "Set gammu.spool.")
        return self.spool / name

    @contextmanager
    def used(self, name: str) -> Iterator[Path]:
        """A folder in use; what the file system refuses becomes ``NotReady``."""
        folder = self.of(name)
        try:
            yield folder
        except OSError as error:
            raise NotReady(f"the modem's {name} cannot be used ({error.strerror})") from error
