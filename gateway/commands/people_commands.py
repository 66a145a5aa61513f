"""Staff and consultations: ``person`` and ``consultation``."""

from pathlib import Path

import click

from config.enums import Role
from config.wording.consultation import read_consultation
from gateway.commands.command_context import Context
from inbox.accounts.staff import change_password, create_person, deactivate, hashed, list_people, set_roles
from inbox.consultations import consultation_versions


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
@click.password_option(help="Asked for when not given.")
@click.pass_obj
def add_person(
    context: Context, login: str, name: str | None, roles: tuple[str, ...], centre: str | None, password: str
) -> None:
    """Add somebody who may sign in."""
    made = hashed(password)
    with context.store.write() as session:
        create_person(
            session,
            login=login,
            name=name or login,
            password=made,
            roles=[Role(role) for role in roles],
            centre=centre,
        )
    click.echo(f"{login} can sign in now")


@person.command("roles")
@click.argument("login")
@click.argument("roles", nargs=-1, required=True, type=click.Choice([role.value for role in Role]))
@click.pass_obj
def change_roles(context: Context, login: str, roles: tuple[str, ...]) -> None:
    """Say what somebody may do from now on; every open session of theirs ends."""
    with context.store.write() as session:
        set_roles(session, login, [Role(role) for role in roles])
    click.echo(f"{login} is {', '.join(sorted(roles))} now")


@person.command("password")
@click.argument("login")
@click.password_option(help="Asked for when not given.")
@click.pass_obj
def set_password(context: Context, login: str, password: str) -> None:
    """Give somebody a new password; every open session of theirs ends."""
    made = hashed(password)
    with context.store.write() as session:
        change_password(session, login, made)
    click.echo(f"{login} has a new password")


@person.command("remove")
@click.argument("login")
@click.pass_obj
def remove_person(context: Context, login: str) -> None:
    """Close an account; its history stays."""
    with context.store.write() as session:
        deactivate(session, login)
    click.echo(f"{login} can no longer sign in")


@person.command("list")
@click.pass_obj
def show_people(context: Context) -> None:
    """List who may sign in, and as what."""
    with context.store.read() as session:
        for found in list_people(session):
            state = "" if found.active else "  (closed)"
            click.echo(f"{found.login:<20} {', '.join(sorted(r.role.value for r in found.roles))}{state}")


@click.group()
def consultation() -> None:
    """Consultations and their versions."""


@consultation.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check_consultation(file: Path) -> None:
    """Check a consultation file without importing it."""
    read = read_consultation(file)
    click.echo(f"{read.slug}: {len(read.themes)} themes, {read.opens} to {read.closes}: in order")


@consultation.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def import_files(context: Context, files: tuple[Path, ...]) -> None:
    """Import consultation files; a changed one becomes a new version, an unchanged one stays as it is."""
    for file in files:
        read = read_consultation(file)
        with context.store.write() as session:
            version = consultation_versions.import_consultation(session, read)
            click.echo(f"{read.slug}: version {version.number}")


COMMANDS: list[click.Command] = [person, consultation]
