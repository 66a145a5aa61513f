"""The share of French threads, in the manner of many mail programs, of which exactly what is new is found."""

from collections.abc import Collection

import pytest

from channels.email.parse import parse_mail
from channels.email.reply.evidence import PassageKind
from tests.channels.folding import ALL, FORWARDED, folded
from tests.channels.threads import Thread, as_mail, threads

IN_SIGHT = [thread for number in (1, 2, 3, 4) for thread in threads(f"in_sight_{number}")]
HELD_OUT = threads("held_out")
HELD_OUT_LATER = threads("held_out_2")


def is_exact(thread: Thread, kinds: Collection[PassageKind] = ALL) -> bool:
    """Whether what is found, with passages of these kinds folded away, equals what is expected, white space folded."""
    mail = parse_mail(as_mail(thread))
    return folded(mail.body, mail.passages, kinds).split() == thread.expected.split()


def test_there_are_enough_of_them() -> None:
    assert len(IN_SIGHT) >= 150
    assert len(HELD_OUT) == 50
    assert len(HELD_OUT_LATER) >= 50
    labels = [thread.label for thread in IN_SIGHT + HELD_OUT + HELD_OUT_LATER]
    assert len(set(labels)) >= len(labels) - 30


def test_the_share_of_the_threads_the_rules_were_tuned_on() -> None:
    missed = [thread.label for thread in IN_SIGHT if not is_exact(thread)]
    assert len(missed) <= 0.05 * len(IN_SIGHT), missed


SETS = {f"{len(HELD_OUT)} threads": HELD_OUT, f"{len(HELD_OUT_LATER)} threads written later": HELD_OUT_LATER}


@pytest.mark.parametrize("held_out", SETS.values(), ids=SETS)
def test_the_share_of_the_threads_held_out(held_out: list[Thread]) -> None:
    """Which ones are missed is not said: whoever reads it would tune for them."""
    exact = sum(is_exact(thread) for thread in held_out)
    strictly = sum(is_exact(thread, FORWARDED) for thread in held_out)
    print(f"{strictly} strictly, {exact} with what is perhaps no part of it folded away, of {len(held_out)}")
    assert exact >= 0.96 * len(held_out), f"{exact} of {len(held_out)}"
    assert strictly >= 0.8 * len(held_out), f"{strictly} of {len(held_out)}"
