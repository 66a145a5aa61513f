"""The index of modules: what each is for, and what can be set or looked up in it, so that a change finds its file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
_LONG = 160
"""Characters that are said of a name at most: more, as of long texts, is nothing to search in."""
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
    yield f"- `{path.name}`: {_sentence(ast.get_docstring(tree) or '')}"
    for name, said in sorted(_constants(tree).items()):
        yield f"  - `{name}`{said and f': {said}'}"


def _sentence(docstring: str) -> str:
    return " ".join(docstring.split("\n\n")[0].split())


def _constants(tree: ast.Module) -> dict[str, str]:
    """Names in capitals that the module gives a value, with what is said of them, or else the value."""
    found: dict[str, str] = {}
    for node, after in zip(tree.body, [*tree.body[1:], None], strict=True):
        said = after.value.value if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) else ""
        for target, value in _assigned(node):
            if isinstance(target, ast.Name) and target.id.isupper():
                about = _sentence(str(said)) or (ast.unparse(value) if isinstance(value, ast.Constant) else "")
                found[target.id] = about if len(about) < _LONG else ""
    return found


def _assigned(node: ast.stmt) -> list[tuple[ast.expr, ast.expr | None]]:
    """What a statement gives a value, and which; of several at once each without it."""
    if isinstance(node, ast.AnnAssign):
        return [(node.target, node.value)]
    if not isinstance(node, ast.Assign):
        return []
    return [
        (one, None if isinstance(target, ast.Tuple) else node.value)
        for target in node.targets
        for one in (target.elts if isinstance(target, ast.Tuple) else [target])
    ]
