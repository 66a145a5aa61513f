"""Starting the gateway and saying how it is: ``up``, ``fallback``, ``reconcile``, ``spool``, ``doctor``, ``config``."""

import json
import os
import re
import sys
from dataclasses import asdict
from datetime import datetime

import click

from config.probe import run_probe
from config.settings.loader import ENV_FILE, describe_settings, shown_settings
from gateway.base.terminal_language import translate, translate_composed
from gateway.commands.command_context import CommandContext
from gateway.probes.doctor import all_probes
from gateway.spool.spool_files import SpoolFolder

SUPERVISOR, RECONCILER, FALLBACK = (
    "workers.processes.supervisor",
    "workers.watchers.reconciler",
    "workers.processes.fallback",
)
"""Started by name: nothing above this room may be imported here."""


@click.command()
@click.option(
    "--only", multiple=True, metavar="PROCESS", help="Start only this process, e.g. web or speech; repeatable."
)
@click.pass_obj
def up(context: CommandContext, only: tuple[str, ...]) -> None:
    """Start everything, restart what dies, stop cleanly on Ctrl-C."""
    context.settings  # noqa: B018  a mistake in the settings is said here, before anything starts
    arguments = [sys.executable, "-m", SUPERVISOR]
    if context.settings_path:
        arguments += ["--settings", str(context.settings_path)]
    for name in only:
        arguments += ["--only", name]
    os.execv(sys.executable, arguments)  # noqa: S606  our own interpreter; signals must reach the supervisor itself


@click.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Read everything from this day on, e.g. 2027-03-01.")
@click.pass_obj
def reconcile(context: CommandContext, since: datetime | None) -> None:
    """Take in now what the telephone provider's webhooks did not bring.

    The gateway does so by itself every few minutes. What is here already is left as it is.
    """
    context.settings  # noqa: B018  as above
    _become(context, RECONCILER, *(["--since", since.date().isoformat()] if since else []))


@click.command()
@click.pass_obj
def fallback(context: CommandContext) -> None:
    """Run the fallback door alone: it keeps webhooks while the gateway is down.

    `portevoix up` starts it too, where fallback.public_url is set.
    """
    context.settings  # noqa: B018  as above
    _become(context, FALLBACK)


def _become(context: CommandContext, module: str, *arguments: str) -> None:
    """Go on as another program of ours, with the same settings."""
    if context.settings_path:
        os.environ[ENV_FILE] = str(context.settings_path)
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606  as above


@click.command()
@click.option("--replay", is_flag=True, help="Have what is held tried again.")
@click.pass_obj
def spool(context: CommandContext, replay: bool) -> None:
    """Show what the fallback door kept and the gateway has not taken in.

    Ends with 1 when something is held, 0 otherwise.
    """
    kept = SpoolFolder(context.settings.spool_dir)
    if replay:
        click.echo(translate("{} are tried again", kept.release()))
    click.echo(translate("{} wait to be taken in", len(kept.waiting())))
    held = kept.held()
    for one in held:
        click.echo(translate("held: {}: {}", one.file.name, one.reason))
    if held:
        sys.exit(1)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the results as a list of objects.")
@click.pass_obj
def doctor(context: CommandContext, as_json: bool) -> None:
    """Probe every outside part and say what to do about what is missing.

    Ends with 1 when something is missing or wrong, 0 otherwise.
    """
    results = [run_probe(probe) for probe in all_probes(context.settings, lambda: context.store)]
    if as_json:
        click.echo(json.dumps([asdict(r) for r in results], ensure_ascii=False, indent=2))
    else:
        width = max(len(r.name) for r in results)
        for result in results:
            mark = (
                click.style(translate("ok     "), fg="green")
                if result.ok
                else click.style(translate("problem"), fg="red")
            )
            click.echo(
                f"{mark}  {result.name:<{width}}  {result.version if result.ok else translate_composed(result.problem)}"
            )
            if not result.ok:
                click.echo(f"{'':9}{'':{width}}  → {translate_composed(result.remedy)}")
    if not all(result.ok for result in results):
        sys.exit(1)


@click.command("config")
@click.option("--json", "as_json", is_flag=True, help="Print the settings as one object.")
@click.pass_obj
def show_config(context: CommandContext, as_json: bool) -> None:
    """Print every setting with its value and where it can be changed; secrets are masked."""
    shown = shown_settings(context.settings)
    if as_json:
        click.echo(json.dumps(dict(shown), ensure_ascii=False, indent=2))
        return
    sentences = {line.path: line.sentence for line in describe_settings()}
    for path, value in shown:
        click.echo(f"{click.style(path, bold=True)} = {value}")
        # A member of a list, mailboxes[0].host, is described once for all: mailboxes[].host.
        general = re.sub(r"\[[0-9]+\]", "[]", path)
        click.echo(f"    {sentences.get(general, '')}")


COMMANDS: list[click.Command] = [up, fallback, reconcile, spool, doctor, show_config]
