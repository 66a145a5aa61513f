"""A group whose commands are imported when they are run: most of them bring the database and the engines along."""

from __future__ import annotations

import copy
import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from gateway.base.terminal_language import current_language, translate, translate_help


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """Where a command is, and its help in one line, which a test holds against the command's own."""

    module: str
    summary: str


class LazyGroup(click.Group):
    """Lists its commands without importing any."""

    def __init__(self, *arguments: Any, lazy: Mapping[str, LazyCommand], **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in the order of the alphabet."""
        return sorted(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - likewise
        """The command of this name, imported now."""
        if cmd_name not in self._lazy:
            return None
        commands: list[click.Command] = importlib.import_module(
            f"gateway.commands.{self._lazy[cmd_name].module}_commands"
        ).COMMANDS
        return translate_command_help(next(command for command in commands if command.name == cmd_name))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in the help."""
        with formatter.section(translate("Commands")):
            formatter.write_dl([(name, translate(self._lazy[name].summary)) for name in self.list_commands(ctx)])

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The help of all, in the language of the command line."""
        click.Group.format_help(translate_command_help(self), ctx, formatter)


Command = TypeVar("Command", bound=click.Command)


def translate_command_help(command: Command) -> Command:
    """A command, with all that is below it, whose help is in the language of the command line."""
    if current_language() == "en":
        return command
    told = copy.copy(command)
    told.help = translate_help(command.help)
    told.short_help = translate(command.short_help) if command.short_help else None
    told.params = [_option(one) for one in command.params]
    if isinstance(told, click.Group):
        told.commands = {name: translate_command_help(one) for name, one in told.commands.items()}
    return told


def _option(parameter: click.Parameter) -> click.Parameter:
    if not isinstance(parameter, click.Option) or not parameter.help:
        return parameter
    told = copy.copy(parameter)
    told.help = translate(parameter.help)
    if isinstance(told.prompt, str):
        told.prompt = translate(told.prompt)
    return told
