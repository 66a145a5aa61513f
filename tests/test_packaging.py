"""What is pinned is what is asked for: a dependency missing from the lock breaks only fresh machines."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HERE = Path(__file__).parents[1]
PROJECT = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WANTED = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]
LOCKED = {
    canonicalize_name(name): version
    for name, _, version in (
        line.partition("==") for line in (HERE / "requirements.lock").read_text(encoding="utf-8").splitlines()
    )
    if version
}


@pytest.mark.parametrize("wanted", WANTED)
def test_every_dependency_is_pinned_to_a_version_that_will_do(wanted: str) -> None:
    requirement = Requirement(wanted)
    pinned = LOCKED.get(canonicalize_name(requirement.name))
    assert pinned is not None, f"{requirement.name} is not in requirements.lock: pip freeze it"
    assert requirement.specifier.contains(pinned, prereleases=True)


def test_every_line_is_a_pin() -> None:
    lines = (HERE / "requirements.lock").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#") and "==" not in line] == []
