"""Forms of a scanned file."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.paper.form_split import FormPlan, plan_forms


@dataclass(frozen=True)
class Page:
    number: int
    blank: bool = False


def pages(marks: str) -> list[Page]:
    """x for a written page, o for a blank one."""
    return [Page(number, mark == "o") for number, mark in enumerate(marks, start=1)]


PLANS = {
    "an empty file": ("", 1, []),
    "three forms": ("xxx", 1, [((1,), False), ((2,), False), ((3,), False)]),
    "blank backs": ("xoxo", 1, [((1,), False), ((2,), True), ((3,), False), ((4,), True)]),
    "two-sided forms": ("xxxx", 2, [((1, 2), False), ((3, 4), False)]),
    "two-sided forms, backs left empty": ("xoxo", 2, [((1, 2), False), ((3, 4), False)]),
    "a blank sheet among them": ("xxoox", 2, [((1, 2), False), ((3, 4), True), ((5,), False)]),
    "a file that ends within a form": ("xxx", 2, [((1, 2), False), ((3,), False)]),
    "fewer pages than a form": ("x", 4, [((1,), False)]),
}


@pytest.mark.parametrize(("marks", "per_form", "expected"), PLANS.values(), ids=PLANS)
def test_plans(marks: str, per_form: int, expected: list[tuple[tuple[int, ...], bool]]) -> None:
    assert plan_forms(pages(marks), per_form) == [
        FormPlan(f"page-{found[0]}", found, blank) for found, blank in expected
    ]


@given(st.text("xo", max_size=60), st.integers(1, 7), st.randoms())
def test_every_page_is_in_one_form_whatever_their_order(marks: str, per_form: int, chance: object) -> None:
    shuffled = pages(marks)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    plans = plan_forms(shuffled, per_form)
    assert [number for plan in plans for number in plan.pages] == list(range(1, len(marks) + 1))
    assert len({plan.key for plan in plans}) == len(plans)


def test_a_form_without_pages_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="at least one"):
        plan_forms([], 0)
