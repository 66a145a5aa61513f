"""Paper: how a scanned file is split into forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class ScannedPage(Protocol):
    """What must be known of a page, numbered from 1, to put it into a form."""

    @property
    def number(self) -> int:
        """Its place in the file."""

    @property
    def blank(self) -> bool:
        """Whether there is nothing on it."""


@dataclass(frozen=True)
class FormPlan:
    """The pages of one form. ``key`` comes from its first page, so that splitting again finds the same forms."""

    key: str
    pages: tuple[int, ...]
    blank: bool


def plan_forms(pages: Sequence[ScannedPage], pages_per_form: int) -> list[FormPlan]:
    """The forms of a scanned file, in its order.

    Every page ends up in exactly one form. Blank ones too: a blank sheet is counted and shown,
    and a copier that scans backs of one-sided forms makes many. A form is blank when all its
    pages are. When the file ends within a form, the pages left over are a form.
    """
    if pages_per_form < 1:
        raise ValueError("a form has at least one page")
    ordered = sorted(pages, key=lambda page: page.number)
    forms = [ordered[start : start + pages_per_form] for start in range(0, len(ordered), pages_per_form)]
    return [
        FormPlan(
            key=f"page-{form[0].number}",
            pages=tuple(page.number for page in form),
            blank=all(page.blank for page in form),
        )
        for form in forms
    ]
