"""What the manual says of security names tests that are there, and says of every line whether it is met."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split("|")]
    for line in (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8").splitlines()
    if re.match(r"\| [0-9]", line)
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_line_is_met_and_tested_or_says_that_it_is_not(row: list[str]) -> None:
    _number, asks, met, by, tests = row
    assert asks
    assert by
    assert met in {"yes", "partly", "no"}
    named = re.findall(r"`(tests/[^`:]+)::(test_\w+)`", tests)
    assert named
    assert tests == ", ".join(f"`{path}::{name}`" for path, name in named)
    assert missing_of(named) == []


def missing_of(named: list[tuple[str, str]]) -> list[str]:
    """Which of these tests, each a file and a function, are not there."""
    return [
        f"{path}::{name}"
        for path, name in named
        if not re.search(rf"^(?:async )?def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)
    ]


def test_the_threat_model_names_tests_that_are_there() -> None:
    said = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[^`]+|test_\w+\.py)`", said)
    beside = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    assert len(named) > 15
    files = [one.partition("::")[0] for one in named]
    assert [one for one in files if not (ROOT / one).exists() and one not in beside] == []


def test_every_finding_and_test_that_is_named_singly_is_there() -> None:
    said = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    singly = re.findall(r"`(tests/[^`:]+)::(test_\w+)`", said)
    assert len(singly) > 15
    assert missing_of(singly) == []
    found = said.partition("## What an attack on an earlier version found")[2].partition("\n## ")[0]
    assert re.findall(r"^\| (\d+) \|.*`tests/", found, re.MULTILINE) == [str(one) for one in range(1, 17)]
