"""The list of cases left to make soak names functions and cases that exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.further_cases import STAYS, unknown

HERE = Path(__file__).parents[1]


@pytest.mark.parametrize("function", STAYS)
def test_there_is_such_a_function(function: str) -> None:
    file, _, name = function.partition("::")
    assert f"def {name}(" in (HERE / file).read_text(encoding="utf-8")


def test_every_case_that_stays_exists(pytester: pytest.Pytester) -> None:
    """Collected anew, for a run of some tests only does not know them all."""
    collected: list[pytest.Item] = []

    class Collected:
        @pytest.hookimpl(tryfirst=True)
        def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
            collected.extend(items)

    files = sorted({str(HERE / function.partition("::")[0]) for function in STAYS})
    where = ["--rootdir", str(HERE), "-c", str(HERE / "pyproject.toml")]
    assert pytester.inline_run(*where, "--collect-only", "-q", *files, plugins=[Collected()]).ret == 0
    assert len(collected) > len(STAYS)
    assert unknown(collected) == []
