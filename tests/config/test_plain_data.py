"""Values that come from a limited child: read by their types, or refused."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.child_answers.plain_data import NotPlain, from_plain, to_plain


class Colour(StrEnum):
    RED = "red"


class Place(NamedTuple):
    left: int
    name: str = ""


@dataclass(frozen=True)
class Thing:
    name: str
    weight: float
    colour: Colour | None
    places: tuple[Place, ...]
    size: tuple[int, int]
    path: Path
    at: datetime
    raw: bytes
    inner: tuple[Thing, ...] = ()


WHOLE = Thing("é\udc80", 2.0, Colour.RED, (Place(1, "x"),), (3, 4), Path("/a"), datetime(2027, 1, 1, tzinfo=UTC), b"\0")


def test_what_was_made_plain_comes_back():
    thing = Thing(**{**vars(WHOLE), "inner": (WHOLE,)})
    assert from_plain(Thing, json.loads(json.dumps(to_plain(thing)))) == thing


WRONG: list[tuple[str, Any]] = [
    ("name", 3),
    ("name", None),
    ("weight", "2"),
    ("weight", float("nan")),
    ("weight", True),
    ("colour", "blue"),
    ("colour", ["red"]),
    ("places", [["x", "y"]]),
    ("places", {"left": 1}),
    ("size", [3]),
    ("size", [3, 4, 5]),
    ("path", 7),
    ("at", "yesterday"),
    ("raw", "%%"),
    ("inner", [{"name": "x"}]),
]


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_what_is_of_another_type_is_refused(field, value):
    with pytest.raises(NotPlain):
        from_plain(Thing, {**to_plain(WHOLE), field: value})


@pytest.mark.parametrize("extra", ["more", "__class__", "stored"])
def test_fields_that_nobody_asked_for_are_refused(extra):
    with pytest.raises(NotPlain):
        from_plain(Thing, {**to_plain(WHOLE), extra: 1})


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*vars(WHOLE), "x"]), inner, max_size=9)
    ),
)


@given(anything)
def test_whatever_a_child_answers_is_a_value_or_refused(answer):
    with contextlib.suppress(NotPlain):
        assert isinstance(from_plain(Thing, answer), Thing)


def test_what_has_no_plain_form_is_not_told():
    with pytest.raises(NotPlain):
        to_plain({"a": object()})
