"""``portevoix``: one command, one file per group of subcommands in ``gateway.commands``."""

import importlib
import sys
from pathlib import Path

import click

from config.settings.loader import ENV_FILE, SettingsError
from gateway.base.errors import remedy_of
from gateway.base.terminal_language import translate, translate_click, translate_composed
from gateway.lazy_commands import LazyCommand, LazyGroup

COMMANDS = {
    "up": LazyCommand("run", "Start everything, restart what dies, stop cleanly on Ctrl-C."),
    "fallback": LazyCommand("run", "Run the fallback door alone: it keeps webhooks while the gateway is down."),
    "reconcile": LazyCommand("run", "Take in now what the telephone provider's webhooks did not bring."),
    "spool": LazyCommand("run", "Show what the fallback door kept and the gateway has not taken in."),
    "doctor": LazyCommand("run", "Probe every outside part and say what to do about what is missing."),
    "config": LazyCommand("run", "Print every setting with its value and where it can be changed; secrets are masked."),
    "ledger": LazyCommand("ledger", "Count every part in exactly one bucket, and check that nothing is lost."),
    "quarantine": LazyCommand("ledger", "See what could not be done, with its reason, and try it again."),
    "person": LazyCommand("people", "Accounts of those who sign in."),
    "consultation": LazyCommand("consultation", "Consultations and their versions."),
    "texts": LazyCommand("texts", "Show every text as a resident gets it, with its segments and their price..."),
    "forms": LazyCommand("forms", "Paper forms: print them with their numbers."),
    "assessment": LazyCommand(
        "assessment", "Print a data-protection impact assessment filled from the settings, to be..."
    ),
    "openings": LazyCommand("openings", "Check the log of who has seen, heard, searched or exported what."),
    "read": LazyCommand("read", "Read a recording, scan, photo, PDF or .eml through the gateway's own pipeline;..."),
    "sample": LazyCommand(
        "sample", "Fill an installation with invented contributions of all channels, to practise and..."
    ),
    "practice": LazyCommand(
        "practice", "Run a copy to practise on: all in it is invented, nothing leaves it, and a button on its..."
    ),
    "plan": LazyCommand(
        "plan", "Say what a machine carries on a day: where it waits, how long, and what it adds to the..."
    ),
    "models": LazyCommand("read", "List, install and check speech models."),
    "backup": LazyCommand("backup", "Write a sealed backup to the file TARGET while the gateway runs."),
    "restore": LazyCommand("backup", "Restore ARCHIVE into an empty data directory or database."),
    "migrate": LazyCommand(
        "backup", "Bring the database to the tables of this version; `portevoix up` does so by itself."
    ),
    "keys": LazyCommand("backup", "The master keys that wrap every other key."),
    "erase": LazyCommand(
        "backup", "Erase the contribution with this reference: its recordings, pages, texts and address."
    ),
    "keep": LazyCommand("backup", "Take back an erasure that a resident asked for by text, while it is not yet done."),
}
"""Every command: the first word of its module in ``gateway.commands``, and its help in one line."""


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--settings",
    "settings_path",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar=ENV_FILE,
    help="The settings file; ./portevoix.toml where it is not named.",
)
@click.version_option(package_name="portevoix", prog_name="portevoix")
@click.pass_context
def portevoix(ctx: click.Context, settings_path: Path | None) -> None:
    """Portevoix: text messages, calls, e-mails and paper forms in one moderation inbox.

    On a new machine, `portevoix up` starts everything; `portevoix doctor` says what is missing.
    """
    # Imported now, since whoever only asks for help needs neither settings nor database.
    ctx.obj = importlib.import_module("gateway.commands.command_context").CommandContext(settings_path)


def main() -> None:
    """Run the command line; a known error ends as one line with its remedy, never as a traceback."""
    translate_click()
    try:
        portevoix.main(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        click.echo(translate("interrupted"), err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except SettingsError as error:
        click.echo(f"portevoix: {error}", err=True)
        sys.exit(2)
    except Exception as error:
        remedy = remedy_of(error)
        if remedy is None:
            raise
        click.echo(f"portevoix: {translate_composed(str(error))}", err=True)
        if remedy and remedy not in str(error):
            click.echo(f"  {translate('what to do')}: {translate_composed(remedy)}", err=True)
        sys.exit(1)
