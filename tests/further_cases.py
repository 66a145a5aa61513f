"""The long cases that only ``make soak ONLY=cases`` runs: those marked soak, and those left out by a list."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

LIST = Path(__file__).parent / "soak" / "further_cases.toml"
STAYS: dict[str, list[str]] = tomllib.loads(LIST.read_text(encoding="utf-8"))["stays"]


def is_for_soak(item: pytest.Item) -> bool:
    """Whether ``make test`` leaves this case to ``make soak``."""
    if item.get_closest_marker("soak") is not None:
        return True
    function, _, case = item.nodeid.partition("[")
    stays = STAYS.get(function)
    return stays is not None and not any(fnmatchcase(case.removesuffix("]"), pattern) for pattern in stays)


def unknown(items: Sequence[pytest.Item]) -> list[str]:
    """Entries of the list that fit no case of these, though their function is among them: they name nothing."""
    cases: dict[str, list[str]] = {}
    for item in items:
        function, _, case = item.nodeid.partition("[")
        cases.setdefault(function, []).append(case.removesuffix("]"))
    return [
        f"{function}[{pattern}]"
        for function, patterns in STAYS.items()
        if function in cases
        for pattern in patterns
        if not any(fnmatchcase(case, pattern) for case in cases[function])
    ]
