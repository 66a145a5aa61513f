"""The shape of the house: imports point down, rooms stay small, names that are queued or started exist."""

import ast
import importlib
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("config", "channels", "transcription", "inbox", "gateway", "workers")
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_imports_point_down_only():
    """The contract in pyproject.toml, checked by import-linter."""
    run = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout


def test_the_rooms_are_there():
    assert {path.relative_to(ROOT).parts[0] for path in MODULES} == set(ROOMS)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_module_is_over_500_lines_and_no_channel_over_150(path: Path):
    limit = 150 if path.relative_to(ROOT).parts[0] == "channels" else 500
    assert lines_of(path) <= limit


def test_no_module_is_called_utils():
    assert [path for path in MODULES if path.stem in ("utils", "helpers", "misc", "common")] == []


def test_what_belongs_to_a_session_is_reached_by_its_unit_alone():
    """No key of ``Session.info`` but the one of ``inbox.storage.unit_of_work``."""
    files = [path for path in MODULES if re.search(r"\b(session|writing)\.info\b", path.read_text(encoding="utf-8"))]
    assert [str(path.relative_to(ROOT)) for path in files] == ["inbox/storage/unit_of_work.py"]


def test_what_is_queued_by_name_resolves():
    from gateway.base.step_jobs import DRAIN, PERFORM

    for name in (DRAIN, PERFORM):
        module, _, function = name.rpartition(".")
        assert callable(getattr(importlib.import_module(module), function))


def test_what_is_started_by_name_resolves():
    from gateway.commands.run_commands import SUPERVISOR

    assert importlib.util.find_spec(SUPERVISOR) is not None


def test_what_hangs_on_the_end_of_a_step_is_there():
    from inbox.contributions.text_versions import READING_KINDS
    from inbox.jobs.step_end_hooks import LISTENERS, StepEndHook, step_end_hook

    assert {kind for kind in LISTENERS if isinstance(step_end_hook(kind), StepEndHook)} == set(READING_KINDS)


def test_every_step_has_a_runner():
    from config.enums import StepKind
    from workers.pools.light_steps import PREPARERS
    from workers.pools.step_runner import RUNNERS

    assert {*RUNNERS, *PREPARERS} == set(StepKind)
    assert {kind for kind in StepKind if kind.queue.is_light} == set(PREPARERS)


PACKAGES = sorted(path for path in MODULES if path.name == "__init__.py" and "migrations" not in path.parts)
MOST_MODULES = 16


def sentence_of(package: Path) -> str:
    docstring = ast.get_docstring(ast.parse(package.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n\n")[0].replace("\n", " ").replace("``", "`")


def test_every_package_stands_in_the_manual_as_it_says_of_itself():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = page.partition("## Packages")[2].partition("\n## ")[0]
    told = [line for line in table.splitlines() if line.startswith("| `")]
    assert told == [f"| `{path.parent.relative_to(ROOT)}/` | {sentence_of(path)} |" for path in PACKAGES]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: str(path.parent.relative_to(ROOT)))
def test_no_package_has_more_modules_than_one_can_overlook(package: Path):
    assert len([path for path in package.parent.glob("*.py") if path != package]) <= MOST_MODULES


def test_a_module_has_a_name_of_its_own():
    """``errors``, ``values`` and what a provider calls its own aside."""
    named = [
        path.stem
        for path in MODULES
        if path.name != "__init__.py" and not {"migrations", "providers"} & set(path.relative_to(ROOT).parts)
    ]
    assert {name for name, times in Counter(named).items() if times > 1} <= {"errors", "values"}


def functions_of(path: Path) -> set[str]:
    found = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {node.name for node in found if isinstance(node, ast.FunctionDef)}


def test_every_hop_of_the_walks_is_there():
    walks = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").partition("## Where to begin reading")[2]
    hops = re.findall(r"`([a-z_0-9/]+\.py):(\w+)`", walks)
    assert len(hops) > 20
    assert [(file, name) for file, name in hops if name not in functions_of(ROOT / file)] == []
