"""A copy to practise on: ``practice``."""

import os
import sys
from pathlib import Path

import click

from config.settings.loader import ENV_FILE
from gateway.base.terminal_language import translate
from gateway.commands.command_context import CommandContext
from gateway.commands.sample_commands import sample_consultation
from gateway.sample.fill_store import fill_store
from gateway.sample.practice_copy import PEOPLE, PracticeCopy, add_practising_people, clean_environment


@click.command("practice")
@click.option("--port", type=click.IntRange(1, 65535), default=8090, show_default=True, help="Where it is reached.")
@click.option("--contributions", type=click.IntRange(1, 5000), default=200, show_default=True, help="How many.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the copy lies; beside the data where not given.",
)
@click.option("--new", is_flag=True, help="Fill it anew, with a new password.")
@click.pass_obj
def practice(context: CommandContext, port: int, contributions: int, folder: Path | None, new: bool) -> None:
    """Run a copy to practise on: all in it is invented, nothing leaves it, and a button on its pages begins afresh.

    Your own installation is not touched. Stop it with Ctrl-C; what was done in it stays until somebody begins afresh.
    """
    town = context.settings
    copy = PracticeCopy((folder or town.data_dir.parent / "practice").absolute())
    copy.prepare(town, port)
    for name in set(os.environ) - set(clean_environment()):
        del os.environ[name]
    os.environ[ENV_FILE] = str(copy.settings_file)
    own = CommandContext(copy.settings_file)
    noted = copy.folder / "password"
    if new or not copy.is_filled:
        copy.clear()
        _fill(own, contributions, noted)
        copy.keep()
    click.echo(translate("practise at {}", own.settings.public_url))
    click.echo(
        translate("sign in as {}; the password of each: {}", ", ".join(one[0] for one in PEOPLE), noted.read_text())
    )
    sys.exit(copy.serve(own.settings))


def _fill(own: CommandContext, contributions: int, noted: Path) -> None:
    consultation = sample_consultation(own)
    password = add_practising_people(own.store, consultation.addresses.centres[0])
    with click.progressbar(length=contributions, label=translate("inventing")) as bar:
        fill_store(
            own.store,
            consultation,
            contributions,
            seed=1,
            media=min(150, contributions),
            told=lambda done: bar.update(done - bar.pos),
        )
    own.store.close()
    noted.write_text(password)
    noted.chmod(0o600)


COMMANDS: list[click.Command] = [practice]
