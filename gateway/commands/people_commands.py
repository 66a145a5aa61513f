"""Staff and consultations: ``person`` and ``consultation``."""

from pathlib import Path

import click

from config.enums import Role
from config.wording.consultation import read_consultation
from gateway.base.terminal_language import translate
from gateway.commands.command_context import CommandContext
from inbox.accounts import one_time_links, second_factors
from inbox.accounts.passwords import NO_PASSWORD, PasswordHash, hash_password
from inbox.accounts.staff import (
    change_password,
    create_person,
    deactivate,
    find_person,
    list_people,
    reactivate,
    set_roles,
)
from inbox.consultations import archives, consultation_versions
from inbox.models import ConsultationVersion
from inbox.models.column_types import utc_now
from inbox.storage.unit_of_work import Session
from inbox.votes import cards, counting


@click.group()
def person() -> None:
    """Accounts of those who sign in."""


@person.command("add")
@click.argument("login")
@click.option("--name", help="As shown in the history; the login where not given.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in Role]),
    help="What this person may do; repeatable.",
)
@click.option("--centre", help="The slug of the neighbourhood centre, for the role centre.")
@click.option("--ask", is_flag=True, help="Ask here for a password, instead of making a link with which it is chosen.")
@click.pass_obj
def add_person(
    context: CommandContext, login: str, name: str | None, roles: tuple[str, ...], centre: str | None, ask: bool
) -> None:
    """Add somebody who may sign in, and print the link with which they choose their password, once."""
    made = _asked_for(login) if ask else NO_PASSWORD
    with context.store.write() as session:
        person = create_person(
            session,
            login=login,
            name=name or login,
            password=made,
            roles=[Role(role) for role in roles],
            centre=centre,
        )
        token = None if ask else one_time_links.create_invitation(session, person.id, utc_now())
    click.echo(translate("{} can sign in now", login) if token is None else _invitation(context, login, token))


@person.command("invite")
@click.argument("login")
@click.pass_obj
def invite_person(context: CommandContext, login: str) -> None:
    """Print a new link with which somebody chooses their password, once: also where it was forgotten."""
    with context.store.write() as session:
        token = one_time_links.create_invitation(session, find_person(session, login).id, utc_now())
    click.echo(_invitation(context, login, token))


def _invitation(context: CommandContext, login: str, token: str) -> str:
    address = context.settings.public_url
    return translate("{} chooses a password here, once, within a week: {}/set-up/{}", login, address, token)


def _asked_for(login: str) -> PasswordHash:
    """A password typed here; on a command line everybody on the machine could read it."""
    return hash_password(click.prompt(translate("Password"), hide_input=True, confirmation_prompt=True), login)


@person.command("roles")
@click.argument("login")
@click.argument("roles", nargs=-1, required=True, type=click.Choice([role.value for role in Role]))
@click.pass_obj
def change_roles(context: CommandContext, login: str, roles: tuple[str, ...]) -> None:
    """Say what somebody may do from now on; every open session of theirs ends."""
    with context.store.write() as session:
        set_roles(session, login, [Role(role) for role in roles])
    click.echo(translate("{} is {} now", login, ", ".join(sorted(roles))))


@person.command("password")
@click.argument("login")
@click.pass_obj
def set_password(context: CommandContext, login: str) -> None:
    """Ask here for somebody's new password; every open session of theirs ends."""
    made = _asked_for(login)
    with context.store.write() as session:
        change_password(session, login, made)
    click.echo(translate("{} has a new password", login))


@person.command("remove")
@click.argument("login")
@click.pass_obj
def remove_person(context: CommandContext, login: str) -> None:
    """Close an account; its history stays."""
    with context.store.write() as session:
        deactivate(session, login)
    click.echo(translate("{} can no longer sign in", login))


@person.command("reopen")
@click.argument("login")
@click.pass_obj
def reopen_person(context: CommandContext, login: str) -> None:
    """Open a closed account again, with the roles it had."""
    with context.store.write() as session:
        reactivate(session, login)
    click.echo(translate("{} can sign in again", login))


@person.command("remove-second-factor")
@click.argument("login")
@click.pass_obj
def remove_second_factor(context: CommandContext, login: str) -> None:
    """Ask somebody who has lost their telephone for the password alone, until they set up another one."""
    with context.store.write() as session:
        second_factors.remove_second_factor(session, find_person(session, login).id, by=None)
    click.echo(translate("{} signs in with the password alone", login))


@person.command("list")
@click.pass_obj
def show_people(context: CommandContext) -> None:
    """List who may sign in, and as what."""
    with context.store.read() as session:
        for found in list_people(session):
            state = "" if found.active else translate("  (closed)")
            click.echo(f"{found.login:<20} {', '.join(sorted(r.role.value for r in found.roles))}{state}")


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


COMMANDS: list[click.Command] = [person, consultation]
