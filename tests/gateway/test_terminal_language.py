"""The command line in French: nothing it says is missing, nothing is left over, and the words fit what is filled in."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import click
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from click.testing import CliRunner

from gateway.base import terminal_language
from gateway.base.terminal_language import current_language, french_catalogue, paragraphs, translate, translate_composed
from gateway.cli import COMMANDS, portevoix
from gateway.lazy_commands import translate_command_help

ROOT = Path(terminal_language.__file__).parents[2]
SAYING = (*sorted((ROOT / "gateway/commands").glob("*.py")), ROOT / "gateway/cli.py", ROOT / "gateway/lazy_commands.py")
PROBING = (
    *sorted((ROOT / "gateway/probes").glob("*.py")),
    ROOT / "transcription/engine_probes.py",
    ROOT / "config/probe.py",
)
NAMES = {"arrived"} | {"erased", "quarantined", "not contribution", "waiting", "in review", "set aside", "published"}
"""What is said by its name in code: the buckets of the ledger."""


def _template(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and isinstance(node.left, ast.Constant):
        return f"{node.left.value}{{}}"
    return None


def _calls(paths: tuple[Path, ...], name: str, place: int) -> Iterator[str]:
    """The texts that stand at a place of every call of something."""
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = getattr(node, "func", None)
            if isinstance(node, ast.Call) and name in (getattr(called, "id", ""), getattr(called, "attr", "")):
                text = _template(node.args[place]) if len(node.args) > place else None
                if text is not None and text.strip("{}"):
                    yield text


def _helps(command: click.Command) -> Iterator[str]:
    yield from paragraphs(command.help or "")
    yield from (option.help for option in command.params if isinstance(option, click.Option) and option.help)
    yield from (str(one.prompt) for one in command.params if isinstance(one, click.Option) and one.prompt is not None)
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from _helps(inner)


def everything() -> set[str]:
    watcher = (ROOT / "workers/watchers/reconciler.py",)
    return {
        *_helps(portevoix),
        *(one.summary for one in COMMANDS.values()),
        *_calls((*SAYING, *watcher), "translate", 0),
        *_calls(PROBING, "Probe", 3),
        *_calls(PROBING, "Unavailable", 0),
        *NAMES,
    }


def test_everything_is_said_in_french() -> None:
    unsaid = everything() - set(french_catalogue())
    assert unsaid == set()


def test_nothing_in_french_is_left_over() -> None:
    looked_up = {"there is none yet"}  # put together where the database is looked at
    assert set(french_catalogue()) - everything() - looked_up == set()


def test_every_message_of_a_command_is_said_so() -> None:
    """No command speaks past the language: what it prints in words goes through ``said``."""
    past = [
        text
        for name in ("echo", "ClickException", "UsageError")
        for text in _calls(SAYING, name, 0)
        if re.search(r"[a-zA-Z]{3}", re.sub(r"\{[^}]*\}|portevoix: ", "", text))
    ]
    assert past == []


def _filled(text: str) -> list[tuple[str, str]]:
    return [(spec or "", conversion or "") for _, name, spec, conversion in Formatter().parse(text) if name is not None]


@pytest.mark.parametrize("english", sorted(one for one in french_catalogue() if "{" in one))
def test_what_is_filled_in_fits(english: str) -> None:
    assert len(_filled(french_catalogue()[english])) == len(_filled(english))


LOCALES: dict[str, tuple[dict[str, str], str, str]] = {
    "the variable": ({"PORTEVOIX_LANG": "fr", "LANG": "en_GB.UTF-8"}, "en", "fr"),
    "the locale": ({"LANG": "fr_FR.UTF-8"}, "en", "fr"),
    "LC_ALL before LANG": ({"LC_ALL": "en_US.UTF-8", "LANG": "fr_FR.UTF-8"}, "fr", "en"),
    "a locale of neither, then the settings": ({"LANG": "de_DE.UTF-8"}, "fr", "fr"),
    "none, then the settings": ({"LANG": "C.UTF-8"}, "fr", "fr"),
    "none at all": ({}, "", "en"),
    "settings in another language": ({}, "br", "en"),
}


@pytest.mark.parametrize(("variables", "settings", "expected"), LOCALES.values(), ids=LOCALES)
def test_which_language(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], settings: str, expected: str
) -> None:
    for name in ("PORTEVOIX_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(terminal_language, "_settings_say", "")
    terminal_language.set_default_language(settings)
    assert current_language() == expected


def test_help_in_french_and_then_in_english_again(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {}
    for language in ("fr", "en"):
        monkeypatch.setenv("PORTEVOIX_LANG", language)
        told[language] = CliRunner().invoke(translate_command_help(portevoix), ["person", "add", "--help"]).output
    assert "Ajoute quelqu’un" in told["fr"]
    assert "Add somebody" in told["en"]
    assert "Add somebody" not in told["fr"]


def test_what_a_probe_says_is_told_with_what_was_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTEVOIX_LANG", "fr")
    assert translate_composed("none hears “br”") == "aucun n’entend «\N{NO-BREAK SPACE}br\N{NO-BREAK SPACE}»"
    assert translate_composed("only 12 MB are free on its disk") == "il ne reste que 12 Mo sur son disque"
    assert translate_composed("something nobody knows") == "something nobody knows"
    assert translate("{} wait to be taken in", 3) == "3 attendent d’être pris"


def test_what_click_says_is_compiled() -> None:
    folder = ROOT / "gateway/base/translations/fr/LC_MESSAGES"
    written = read_po(io.BytesIO((folder / "click.po").read_bytes()))
    compiled = read_mo(io.BytesIO((folder / "click.mo").read_bytes()))
    assert _told(written) == _told(compiled)


def _told(catalogue: Catalog) -> dict[str, object]:
    """One of several forms goes by the first: a compiled catalogue and a written one name the others differently."""
    found = {}
    for one in catalogue:
        if one.id:
            first = one.id if isinstance(one.id, str) else one.id[0]
            found[first] = one.string if isinstance(one.string, str) else tuple(one.string)
    return found
