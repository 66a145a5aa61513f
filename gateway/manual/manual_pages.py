"""The pages of the manual that are made from the code: every command, channel and setting, and the API.

``python -m gateway.manual.manual_pages docs`` writes them; a test holds the written ones against the code.
"""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import click

from channels import CHANNELS
from channels.email.reply.evidence_table import setting_apart_page
from config.settings.settings_reference import settings_page
from gateway.base.terminal_language import use_language
from gateway.cli import portevoix
from gateway.lazy_commands import translate_command_help
from gateway.manual.dialogue_pages import dialogues_page
from gateway.manual.module_pages import modules_page
from gateway.manual.provider_pages import providers_page
from gateway.planning.plan_pages import plans_page
from gateway.web.api import openapi

_COMMANDS = {
    "en": ("# Commands", "Made from the program itself; `portevoix COMMAND --help` says the same."),
    "fr": ("# Commandes", "Tirées du programme lui-même ; `portevoix COMMANDE --help` dit la même chose."),
}


def commands_page(language: str) -> str:
    """Every command with its options, as Markdown."""
    with use_language(language):
        title, about = _COMMANDS[language]
        lines = [title, "", about, "", *_command(translate_command_help(portevoix), "portevoix")]
    return "\n".join(lines).rstrip() + "\n"


def _command(command: click.Command, path: str) -> Iterator[str]:
    if not isinstance(command, click.Group) or path == "portevoix":
        yield from (f"## `{path}`", "", _prose(command.help), "")
        yield from _parameters(command)
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in sorted(command.list_commands(context)):
            inner = command.get_command(context, name)
            assert inner is not None, name
            yield from _command(inner, f"{path} {name}")


def _parameters(command: click.Command) -> Iterator[str]:
    options = [p for p in command.params if isinstance(p, click.Option)]
    arguments = [p for p in command.params if isinstance(p, click.Argument)]
    for argument in arguments:
        yield f"- `{argument.make_metavar(click.Context(command))}`"
    for option in options:
        yield f"- `{', '.join(option.opts)}`: {option.help or ''}"
    if options or arguments:
        yield ""


def _prose(text: str | None) -> str:
    return "\n".join(line.strip() for line in (text or "").strip().splitlines())


def channels_page() -> str:
    """Every channel with what it takes in and how it answers, as Markdown."""
    lines = ["# Channels", "", "Made from the declarations in `channels/`.", ""]
    for channel, about in CHANNELS.items():
        lines += [f"## {about.name} (`{channel.value}`)", ""]
        lines += [f"- {label}: {text}" for label, text in about.lines()]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "commands.md": partial(commands_page, "en"),
    "commands.fr.md": partial(commands_page, "fr"),
    "channels.md": channels_page,
    "providers.md": providers_page,
    "setting-apart.md": setting_apart_page,
    "modules.md": modules_page,
    "openapi.json": openapi.openapi_json,
    "plans.md": plans_page,
    "dialogues.fr.md": partial(dialogues_page, "fr"),
    "dialogues.en.md": partial(dialogues_page, "en"),
}


def write_manual(folder: Path) -> None:
    """Write every page into ``folder``."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write_manual(Path(sys.argv[1]))
