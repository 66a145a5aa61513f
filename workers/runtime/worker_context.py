"""What a pool holds open between steps: what every process does, and the engines."""

from dataclasses import dataclass
from functools import cache

from config.settings.loader import load_settings
from gateway.base.store_factory import open_store
from gateway.reading.readers import Readers
from workers.runtime.watcher_context import Context


@dataclass(frozen=True)
class Workshop(Context):
    """A context with readers, whose engines are loaded when first needed and kept."""

    readers: Readers


@cache
def workshop() -> Workshop:
    """This process's workshop, opened on first use from the settings it was started with."""
    settings = load_settings()
    return Workshop(settings, open_store(settings), Readers(settings))
