"""What was asked for by name on the command line of a long run."""

from __future__ import annotations

import sys
from collections.abc import Collection


def all_known(wanted: Collection[str], known: Collection[str], what: str) -> bool:
    """Whether there is each of them; if not, it says on standard error what there is."""
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        print(f"No such {what}: {', '.join(unknown)}. There are: {', '.join(known)}.", file=sys.stderr)
    return not unknown
