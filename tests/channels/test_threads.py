"""The share of French threads, in the manner of many mail programs, of which exactly what is new is found."""

from channels.email.parse import parse_mail
from tests.channels.threads import Thread, as_mail, threads

IN_SIGHT = [thread for number in (1, 2, 3) for thread in threads(f"in_sight_{number}")]
HELD_OUT = threads("held_out")


def is_exact(thread: Thread) -> bool:
    """Whether what is found equals what is expected, white space folded."""
    return parse_mail(as_mail(thread)).body.split() == thread.expected.split()


def test_there_are_enough_of_them() -> None:
    assert len(IN_SIGHT) >= 130
    assert len(HELD_OUT) == 50
    labels = [thread.label for thread in IN_SIGHT + HELD_OUT]
    assert len(set(labels)) >= len(labels) - 20


def test_the_share_of_the_threads_the_rules_were_tuned_on() -> None:
    missed = [thread.label for thread in IN_SIGHT if not is_exact(thread)]
    assert len(missed) <= 0.05 * len(IN_SIGHT), missed


def test_the_share_of_the_threads_held_out() -> None:
    """Which ones are missed is not said: whoever reads it would tune for them."""
    exact = sum(is_exact(thread) for thread in HELD_OUT)
    assert exact >= 0.95 * len(HELD_OUT), f"{exact} of {len(HELD_OUT)}"
