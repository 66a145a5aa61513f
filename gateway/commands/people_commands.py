"""Staff on the command line: ``person``."""

import click

from config.enums import Role
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
from inbox.models.column_types import utc_now


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


COMMANDS: list[click.Command] = [person]
