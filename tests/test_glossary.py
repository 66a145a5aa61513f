"""docs/glossary.md names what there is, and nothing is called what it says is no longer used."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]
ROOMS = ("config", "channels", "transcription", "inbox", "gateway", "workers")
WORDS, GONE = (HERE / "docs" / "glossary.md").read_text(encoding="utf-8").split("## Names that are no longer used")


def rows(page: str) -> list[list[str]]:
    """The cells of the tables' rows, without their heads."""
    lines = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    return [cells for cells in lines if cells[0] not in {"word", "no longer", "---"}]


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def _defined(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


@functools.cache
def everything_defined() -> frozenset[str]:
    files = [file for room in ROOMS for file in (HERE / room).rglob("*.py")]
    found = {file.parent.name if file.stem == "__init__" else file.stem for file in files}
    for file in files:
        found.update(_defined(ast.parse(file.read_text(encoding="utf-8"))))
    return frozenset(found)


@pytest.mark.parametrize("row", rows(WORDS), ids=lambda row: row[0])
def test_each_word_is_explained_and_stands_in_the_code(row: list[str]) -> None:
    _word, code, meaning = row
    assert names(code)
    assert [name for name in names(code) if name not in everything_defined()] == []
    assert meaning.endswith(".")


@pytest.mark.parametrize("row", rows(GONE), ids=lambda row: row[0])
def test_what_is_no_longer_used_is_gone(row: list[str]) -> None:
    before, now = row
    assert [name for name in names(before) if name in everything_defined()] == []
    assert [name for name in names(now) if name not in everything_defined()] == []


def test_no_word_stands_twice() -> None:
    words = [row[0] for row in rows(WORDS)]
    assert len(words) > 30
    assert sorted(words) == sorted(set(words))
