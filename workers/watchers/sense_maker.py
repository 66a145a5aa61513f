"""Makes sense of what was said, in the background: for the reports, and as suggestions to moderators."""

import logging
import os
from pathlib import Path

from gateway.base import settings_in_force
from transcription.text.place_names import NoPlaces, PlaceIndex, read_places
from workers.runtime import process_setup
from workers.runtime.heartbeats import EVERY_SECONDS, beat
from workers.runtime.periodic import Periodic, run_for_ever
from workers.runtime.watcher_context import Context, context_of
from workers.tasks.making_sense import SenseMaker

log = logging.getLogger(__name__)


def places_of(file: Path | None) -> PlaceIndex | None:
    """The town's list of places; None without one, or, with a word in the log, where it cannot be used."""
    if file is None:
        return None
    try:
        return PlaceIndex(read_places(file.read_bytes()))
    except (OSError, NoPlaces) as error:
        log.error("places_file cannot be used: %s", error)
        return None


def periodic(maker: SenseMaker) -> tuple[Periodic, ...]:
    """What is done again and again, by one who remembers what was done last."""

    def make_sense(_here: Context) -> None:
        looked = maker.run()
        if looked:
            log.info("%d texts were compared with the others", looked)

    def say_alive(here: Context) -> None:
        with here.store.write() as session:
            beat(session, "sense")

    return (
        Periodic("say alive", EVERY_SECONDS, "the supervisor restarts one that hangs", say_alive),
        Periodic("make sense", 60.0, "reports show what is there, a minute old at most", make_sense),
    )


if __name__ == "__main__":
    os.nice(10)  # everything else goes first: nobody waits for a comparison
    here = context_of(process_setup.begin(settings_in_force.load))
    run_for_ever(here, periodic(SenseMaker(here.store, places_of(here.settings.places_file))))
