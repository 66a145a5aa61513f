"""Consultations on the command line: ``consultation``."""

from pathlib import Path

import click

from config.wording.consultation import read_consultation
from gateway.base.terminal_language import translate
from gateway.commands.command_context import CommandContext
from inbox.consultations import archives, consultation_versions
from inbox.models import ConsultationVersion
from inbox.models.column_types import utc_now
from inbox.storage.unit_of_work import Session
from inbox.votes import cards, counting


@click.group()
def consultation() -> None:
    """Consultations and their versions."""


@consultation.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check_consultation(file: Path) -> None:
    """Check a consultation file without importing it."""
    read = read_consultation(file)
    click.echo(translate("{}: {} themes, {} to {}: in order", read.slug, len(read.themes), read.opens, read.closes))


@consultation.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def import_files(context: CommandContext, files: tuple[Path, ...]) -> None:
    """Import consultation files; a changed one becomes a new version, an unchanged one stays as it is."""
    for file in files:
        read = read_consultation(file)
        with context.store.write() as session:
            version = consultation_versions.import_file(session, read)
            click.echo(translate("{}: version {}", read.slug, version.number))


@consultation.command("list")
@click.pass_obj
def list_consultations(context: CommandContext) -> None:
    """List the consultations by their short names, the newest first, with their dates."""
    with context.store.read() as session:
        for version in consultation_versions.current_versions_newest_first(session):
            asked = consultation_versions.as_consultation(version)
            click.echo(f"{asked.slug:<32} {asked.opens} – {asked.closes}  {asked.title[asked.language]}")


@consultation.command("cards")
@click.argument("slug")
@click.argument("number", type=click.IntRange(1, 100_000))
@click.pass_obj
def make_cards(context: CommandContext, slug: str, number: int) -> None:
    """Make so many voting cards and print their numbers, one a line: they are shown this once, and kept as hashes."""
    with context.store.write() as session:
        made = cards.create_cards(session, _known(session, slug).consultation_id, number)
    click.echo("\n".join(made))


@consultation.command("count")
@click.argument("slug")
@click.pass_obj
def count_votes(context: CommandContext, slug: str) -> None:
    """Count the votes of a consultation that has closed, from all that were given; again, whenever it is asked for."""
    settings = context.settings
    with context.store.write() as session:
        version = _known(session, slug)
        asked = consultation_versions.as_consultation(version)
        today = utc_now().astimezone(settings.zone).date()
        found = counting.count_votes(session, version.consultation_id, asked, today, settings.zone)
        given = counting.count_given(session, version.consultation_id)
    for project in sorted(asked.projects, key=lambda one: (-found.voices[one.number], one.number)):
        click.echo(f"{found.voices[project.number]:>8}  {project.number:>3} {project.label[asked.language]}")
    click.echo(translate("{} people voted, {} times in all", found.voters, given))


@consultation.command("archive")
@click.argument("slug")
@click.pass_obj
def archive_consultation(context: CommandContext, slug: str) -> None:
    """Move a concluded consultation's originals and machine readings into sealed archive files.

    Its ledger, report, search and public pages stay as they are. Erasing reaches the archive, and what is past its last
    day leaves it. `portevoix consultation restore` brings everything back.
    """
    with context.store.read() as session:
        _known(session, slug)
    today = utc_now().astimezone(context.settings.zone).date()
    try:
        found = archives.archive_consultation(context.store, slug, today)
    except archives.NotConcluded as error:
        if error.waiting:
            raise click.ClickException(
                translate("{} of it wait to be read or decided: decide about them first", error.waiting)
            ) from error
        raise click.ClickException(translate("it is still open: close it first")) from error
    click.echo(translate("{} files hold {} rows, {} MB", found.files, found.rows, f"{found.bytes / 1e6:.1f}"))


@consultation.command("restore")
@click.argument("slug")
@click.pass_obj
def restore_consultation(context: CommandContext, slug: str) -> None:
    """Bring back what lies in the archive of a consultation, and delete its files."""
    with context.store.read() as session:
        _known(session, slug)
    click.echo(translate("{} rows are back in their place", archives.restore_consultation(context.store, slug)))


def _known(session: Session, slug: str) -> ConsultationVersion:
    version = consultation_versions.current_version(session, slug)
    if version is None:
        raise click.ClickException(translate("there is no consultation {}", slug))
    return version


COMMANDS: list[click.Command] = [consultation]
