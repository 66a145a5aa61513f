"""The index of modules: what each is for, and what can be set or looked up in it, so that a change finds its file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("channels", "config", "gateway", "inbox", "transcription", "workers")

_HEAD = """# Modules

For whoever looks for the place of a change: every module with the first sentence of its docstring, and what in it has
a name in capitals: limits, words, tables. [architecture.md](architecture.md) says how they belong together.
"""


def modules_page() -> str:
    """Every module of the six rooms but migrations and package files, as Markdown."""
    lines = [_HEAD]
    for room in ROOMS:
        for package in sorted({path.parent for path in _modules(ROOT / room)}):
            name = package.relative_to(ROOT).as_posix()
            lines += [f"## `{name}/`", ""]
            lines += [line for path in _modules(package) if path.parent == package for line in _lines(path)]
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _modules(folder: Path) -> list[Path]:
    return [
        path for path in sorted(folder.rglob("*.py")) if path.name != "__init__.py" and "migrations" not in path.parts
    ]


def _lines(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said = " ".join((ast.get_docstring(tree) or "").split("\n\n")[0].split())
    yield f"- `{path.name}`: {said}"
    if names := sorted(set(_constants(tree))):
        yield f"  ({', '.join(f'`{name}`' for name in names)})"


def _constants(tree: ast.Module) -> Iterator[str]:
    """Names in capitals that the module gives a value."""
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        for target in targets:
            if isinstance(target, ast.Name) and target.id.isupper() and len(target.id) > 2:
                yield target.id.removeprefix("_")
