"""Reading a backup through: whether every piece is as it was written."""

from __future__ import annotations

from pathlib import Path

from inbox.backup import archive
from inbox.backup.archive import BackupManifest
from inbox.backup.backups import Progress, no_progress
from inbox.errors import Damaged
from inbox.storage.crypto import Keyring


def check_backup(source: Path, keyring: Keyring, progress: Progress = no_progress) -> BackupManifest:
    """Read every byte of a backup; raises the errors of ``archive.read_archive``."""
    with archive.read_archive(source, keyring) as members:
        for done, (name, member) in enumerate(members):
            if name == archive.MANIFEST:
                value = member.json()
                return BackupManifest(**{**value, "missing": tuple(value["missing"])})
            # What nobody reads of a member is read, and summed, before the next one comes.
            progress("reading", done, 0)
    raise Damaged("the backup ends without its manifest")
