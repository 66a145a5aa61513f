"""``make soak``: what takes minutes to hours, each bounded in count and time, on this machine only.

Each trial prints what it did and what it counted, and fails loudly: the exit code is the number
of trials that did not hold.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable

from tests.soak.alerts import alerts
from tests.soak.answers import answers
from tests.soak.api import api
from tests.soak.backlog import backlog
from tests.soak.both import both
from tests.soak.calls import calls
from tests.soak.cases import cases
from tests.soak.cluster import cluster
from tests.soak.conservation import conservation
from tests.soak.desk import desk
from tests.soak.fuzz import fuzz
from tests.soak.guessing import guessing
from tests.soak.hearing import hearing
from tests.soak.hostile import hostile
from tests.soak.hour import hour
from tests.soak.keying import keying
from tests.soak.large import large
from tests.soak.looks import looks
from tests.soak.loops import loops
from tests.soak.masking import masking
from tests.soak.mutations import mutations
from tests.soak.pages import pages
from tests.soak.paper import paper
from tests.soak.public import public
from tests.soak.reconcile import reconcile
from tests.soak.reports import reports
from tests.soak.scanners import scanners
from tests.soak.sense import sense
from tests.soak.shuffle import shuffle
from tests.soak.silences import silences
from tests.soak.texts import texts
from tests.soak.voices import voices
from tests.soak.votes import votes
from tests.wanted import all_known

# What can be run by itself: make soak ONLY="texts backlog". A trial raises AssertionError when it does not hold.
TRIALS: dict[str, Callable[[], None]] = {
    "backlog": backlog,
    "loops": loops,
    "large": large,
    "looks": looks,
    "texts": texts,
    "reconcile": reconcile,
    "reports": reports,
    "scanners": scanners,
    "mutations": mutations,
    "fuzz": fuzz,
    "silences": silences,
    "sense": sense,
    "conservation": conservation,
    "hearing": hearing,
    "voices": voices,
    "both": both,
    "calls": calls,
    "pages": pages,
    "paper": paper,
    "hostile": hostile,
    "hour": hour,
    "shuffle": shuffle,
    "alerts": alerts,
    "answers": answers,
    "cluster": cluster,
    "api": api,
    "votes": votes,
    "public": public,
    "guessing": guessing,
    "keying": keying,
    "cases": cases,
    "masking": masking,
    "desk": desk,
}


def main(wanted: list[str]) -> int:
    """Run the wanted trials, all by default, and say how each ended."""
    if not all_known(wanted, TRIALS, "trial"):
        return 2
    failed = 0
    for name in wanted or TRIALS:
        print(f"— {name}", flush=True)
        began = time.monotonic()
        try:
            TRIALS[name]()
        except Exception:  # noqa: BLE001 - one trial that breaks must not keep the others from running
            traceback.print_exc()
            failed += 1
            print(f"— {name}: FAILED after {time.monotonic() - began:.0f} s", flush=True)
        else:
            print(f"— {name}: held, {time.monotonic() - began:.0f} s", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
