"""What hangs on steps of some kinds besides themselves: steps call it, and know nothing of what they are about.

Named by module and name, as what is queued is, because who listens stands above steps and imports them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pkgutil import resolve_name

from sqlalchemy.orm import Session

from config.enums import StepKind


@dataclass(frozen=True, slots=True)
class StepEndHook:
    """What is called with the part of a step, in the transaction that ends the step or opens it again."""

    before: Callable[[Session, int], object]
    """Before the step's row is held: what it locks is locked before steps, everywhere, so that nobody deadlocks."""
    ended: Callable[[Session, int], None]
    """When the state of the step has changed, either way."""
    opened_again: Callable[[Session, int, str | None], None]
    """Before ``ended``, when the step is to be done again, with the reason it had ended for."""


LISTENERS: Mapping[StepKind, str] = dict.fromkeys(
    (StepKind.FETCH_MEDIA, StepKind.READ_SPEECH, StepKind.READ_PAGES), "inbox.contributions.text_versions:READING_ENDS"
)


@cache
def step_end_hook(kind: StepKind) -> StepEndHook | None:
    """What is to be called when a step of this kind ends; None for most."""
    name = LISTENERS.get(kind)
    found = resolve_name(name) if name is not None else None
    assert found is None or isinstance(found, StepEndHook)
    return found
