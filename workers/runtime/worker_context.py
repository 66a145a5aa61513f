"""What a pool holds open between steps: what every process does, and the engines."""

from dataclasses import dataclass
from functools import cache, cached_property

from gateway.base import settings_in_force
from gateway.base.store_factory import open_store
from gateway.reading.readers import Readers
from workers.runtime import process_setup
from workers.runtime.town_lessons import TownLessons
from workers.runtime.watcher_context import WatcherContext


@dataclass(frozen=True)
class WorkerContext(WatcherContext):
    """A context with readers, whose engines are loaded when first needed and kept."""

    readers: Readers

    @cached_property
    def lessons(self) -> TownLessons:
        """What the town's corrections teach."""
        return TownLessons(self.store)


@cache
def current_worker_context() -> WorkerContext:
    """This process's workshop, opened on first use with the settings in force when it was started."""
    settings = process_setup.settings_at_start(settings_in_force.load_settings_in_force)
    store = open_store(settings, is_checked=process_setup.are_keys_checked(), holds_masters=False)
    return WorkerContext(settings, store, Readers(settings))
