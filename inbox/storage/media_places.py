"""Opens the place where a town keeps its sealed files, as its settings say."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Protocol, cast

from config.settings.sections.media_section import Media
from inbox.storage.media_store import FolderMedia, MediaStore


class MediaSettings(Protocol):
    """What is needed of the settings."""

    @property
    def media(self) -> Media:
        """The section ``[media]``."""

    @property
    def media_dir(self) -> Path:
        """The folder of sealed files, where it is one."""


def open_media(settings: MediaSettings) -> MediaStore:
    """The folder or the object store; raises ``ObjectStoreMissing`` where its client is not installed."""
    if settings.media.store == "folder":
        return FolderMedia(settings.media_dir)
    # Imported only where it is used: its client takes 20 MB, and a second to load.
    made = importlib.import_module("inbox.storage.object_media").ObjectMedia(settings.media)
    return cast("MediaStore", made)
