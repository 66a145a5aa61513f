"""Backups as files in their folder: what they are called, which there are, which go first."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from config.settings.schema import Settings

_NAME = re.compile(r"portevoix-[a-z0-9-]+-\d{8}-\d{6}\.backup")


def backup_file_name(settings: Settings, now: datetime) -> str:
    """What a backup that is made now is called."""
    return f"portevoix-{settings.town}-{now:%Y%m%d-%H%M%S}.backup"


def backup_files(settings: Settings) -> list[Path]:
    """The backups in the folder, the newest first."""
    folder = settings.backups.folder
    if not folder.is_dir():
        return []
    return sorted((file for file in folder.iterdir() if _NAME.fullmatch(file.name)), reverse=True)


def find_backup(settings: Settings, name: str) -> Path | None:
    """The backup of this name; None where there is none, whatever the name looks like."""
    return next((file for file in backup_files(settings) if file.name == name), None)


def delete_old_backups(settings: Settings) -> None:
    """Delete all but the newest that are to be kept."""
    for file in backup_files(settings)[settings.backups.keep :]:
        file.unlink(missing_ok=True)
