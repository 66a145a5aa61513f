"""Makes sense of what was said, in the background: for the reports, and as suggestions to moderators.

It comes when there is something new, and leaves when nothing has been for a while.
"""

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

from gateway.base import settings_in_force
from inbox.reports import sense_rows
from inbox.storage.database import Store
from transcription.text.place_names import NoPlaces, PlaceIndex, read_places
from workers.runtime import process_setup
from workers.runtime.heartbeats import EVERY_SECONDS, try_record_heartbeat
from workers.runtime.lead_holder import LeadHolder
from workers.runtime.watcher_context import open_watcher_context
from workers.tasks.making_sense import SenseMaker

EVERY = 60.0
"""Seconds: reports show what is there, a minute old at most."""
PASSES_OF_QUIET = 10
"""Then it leaves, with all it has loaded and learned; the supervisor starts it when there is something new."""

log = logging.getLogger(__name__)


def load_place_index(file: Path | None) -> PlaceIndex | None:
    """The town's list of places; None without one, or, with a word in the log, where it cannot be used."""
    if file is None:
        return None
    try:
        return PlaceIndex(read_places(file.read_bytes()))
    except (OSError, NoPlaces) as error:
        log.error("places_file cannot be used: %s", error)
        return None


def make_sense(store: Store, maker: SenseMaker, wait: Callable[[float], None] = time.sleep) -> None:
    """Make sense of all there is and of what comes, until nothing has come, or another host does it, for a while."""
    with LeadHolder(store, "sense") as lead:
        _make_sense(store, maker, lead, wait)


def _make_sense(store: Store, maker: SenseMaker, lead: LeadHolder, wait: Callable[[float], None]) -> None:
    seen, quiet = "", 0
    while quiet < PASSES_OF_QUIET:
        try_record_heartbeat(store, "sense")
        try:
            with store.read() as session:
                newest = sense_rows.change_marker(session)
            quiet = quiet + 1 if newest == seen or not lead.is_ours else 0
            if quiet == 0:
                looked = maker.run()
                log.info("%d texts were compared with the others", looked)
                seen = newest
        except Exception:
            log.exception("failed, will be tried again")
        for _ in range(round(EVERY / EVERY_SECONDS)):
            wait(EVERY_SECONDS)
            try_record_heartbeat(store, "sense")


if __name__ == "__main__":
    os.nice(10)  # everything else goes first: nobody waits for a comparison
    here = open_watcher_context(process_setup.begin_process(settings_in_force.load_settings_in_force))
    make_sense(here.store, SenseMaker(here.store, load_place_index(here.settings.places_file)))
