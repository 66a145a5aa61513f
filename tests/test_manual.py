"""The manual says what is true: its generated pages are current, and every command explains itself."""

from pathlib import Path

import click
import pytest

from gateway.cli import portevoix
from gateway.manual.manual_pages import PAGES

DOCS = Path(__file__).parent.parent / "docs"


def commands(command: click.Command, path: str = "portevoix") -> dict[str, click.Command]:
    found = {path: command}
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            found |= commands(inner, f"{path} {name}")
    return found


@pytest.mark.parametrize("name", PAGES)
def test_a_page_made_from_the_code_is_current(name: str):
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "run: python -m gateway.manual.manual_pages docs"


@pytest.mark.parametrize(("path", "command"), commands(portevoix).items(), ids=commands(portevoix))
def test_every_command_and_option_has_a_sentence_of_help(path: str, command: click.Command):
    assert command.help
    assert [p.name for p in command.params if isinstance(p, click.Option) and not p.help] == []


def test_every_page_is_named_in_the_index():
    index = "".join((DOCS / name).read_text(encoding="utf-8") for name in ("README.md", "providers.md"))
    assert [page.name for page in DOCS.glob("*.md") if page.name != "README.md" and page.name not in index] == []
