"""What is pinned is what is asked for: a dependency missing from the lock breaks only fresh machines."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HERE = Path(__file__).parents[1]
PROJECT = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WANTED = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]
LOCK = (HERE / "requirements.lock").read_text(encoding="utf-8")
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)(?: ;[^\\]*)?", re.MULTILINE)
LOCKED = {canonicalize_name(name): version for name, version in PIN.findall(LOCK)}


@pytest.mark.parametrize("wanted", WANTED)
def test_every_dependency_is_pinned_to_a_version_that_will_do(wanted: str) -> None:
    requirement = Requirement(wanted)
    pinned = LOCKED.get(canonicalize_name(requirement.name))
    assert pinned is not None, f"{requirement.name} is not in requirements.lock: make lock"
    assert requirement.specifier.contains(pinned, prereleases=True)


def test_every_pin_has_its_hashes() -> None:
    pins = re.split(r"^(?=[A-Za-z0-9])", LOCK, flags=re.MULTILINE)[1:]
    assert len(pins) == len(LOCKED)
    assert [pin.splitlines()[0] for pin in pins if "--hash=sha256:" not in pin] == []
