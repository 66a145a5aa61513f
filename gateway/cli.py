"""``portevoix``: one command, one file per group of subcommands in ``gateway.commands``."""

import sys
from pathlib import Path

import click

from config.settings import ENV_FILE, SettingsError
from gateway.commands import keeping, looking, people, reading, running, texts
from gateway.commands.context import Context
from gateway.errors import remedy_of


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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
    ctx.obj = Context(settings_path)


for group in (running, looking, people, texts, reading, keeping):
    for command in group.COMMANDS:
        portevoix.add_command(command)


def main() -> None:
    """Run the command line; a known error ends as one line with its remedy, never as a traceback."""
    try:
        portevoix.main(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        click.echo("interrupted", err=True)
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
        click.echo(f"portevoix: {error}", err=True)
        if remedy and remedy not in str(error):
            click.echo(f"  what to do: {remedy}", err=True)
        sys.exit(1)
