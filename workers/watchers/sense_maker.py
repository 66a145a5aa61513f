"""Makes sense of what was said, in the background: for the reports, and as suggestions to moderators."""

import logging

from workers.runtime import process_setup
from workers.runtime.heartbeats import EVERY_SECONDS, beat
from workers.runtime.periodic import Periodic, run_for_ever
from workers.runtime.watcher_context import Context, context_of
from workers.tasks.making_sense import SenseMaker

log = logging.getLogger(__name__)


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
        Periodic("make sense", 30.0, "reports show what is there, a minute old at most", make_sense),
    )


if __name__ == "__main__":
    here = context_of(process_setup.begin())
    run_for_ever(here, periodic(SenseMaker(here.store)))
