"""What a watcher or the sweeper holds open: the settings and the store."""

from dataclasses import dataclass
from pathlib import Path

from config.settings.loader import Settings
from gateway.base.store_factory import open_store
from inbox.storage.database import Store
from workers.runtime import process_setup


@dataclass(frozen=True)
class WatcherContext:
    """The settings, and the store whose new steps wake the pools."""

    settings: Settings
    store: Store

    @property
    def work_dir(self) -> Path:
        """Where media lie in the clear while they are read: private, on the data's own file system."""
        self.settings.work_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self.settings.work_dir


def open_watcher_context(settings: Settings, *, holds_masters: bool = True) -> WatcherContext:
    """A context of these settings; without ``holds_masters`` for those that only take in, and open nothing."""
    is_checked = process_setup.are_keys_checked()
    return WatcherContext(settings, open_store(settings, is_checked=is_checked, holds_masters=holds_masters))
