"""What a process of the pools holds open between steps."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from config.settings import Settings, load_settings
from gateway.opening import open_store
from gateway.reading import Readers
from inbox.store import Store


@dataclass(frozen=True, slots=True)
class Context:
    """The settings, the store whose new steps wake the pools, and the engines."""

    settings: Settings
    store: Store
    readers: Readers

    @property
    def work_dir(self) -> Path:
        """Where media lie in the clear while they are read: private, on the data's own file system."""
        folder = self.settings.data_dir / "work"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder


def context_of(settings: Settings) -> Context:
    """A context of these settings."""
    return Context(settings, open_store(settings), Readers(settings))


@cache
def context() -> Context:
    """This process's context, opened on first use from the settings it was started with."""
    return context_of(load_settings())
