"""Keeping it safe: ``backup``, ``restore``, ``migrate``, ``keys`` and ``erase``."""

import sys
from datetime import timedelta
from pathlib import Path

import click

from gateway.base import door_keys
from gateway.base.store_factory import open_store
from gateway.base.terminal_language import translate
from gateway.commands.command_context import CommandContext
from gateway.spool.spool_files import SpoolFolder
from inbox.administration import alerts, errands
from inbox.administration.errands import ErrandKind
from inbox.backup import key_generations
from inbox.backup.backups import create_backup, restore_from_backup
from inbox.backup.bound_values import bring_up_to_date
from inbox.erasure import erasure_requests
from inbox.erasure.erase import erase_contribution, scrub_deleted_words
from inbox.migrations import head, revision_of
from inbox.models.column_types import utc_now
from inbox.records import references
from inbox.storage.crypto import Keyring
from inbox.storage.database import Store
from inbox.storage.media_places import open_media

ALIVE_WITHIN = timedelta(seconds=60)
"""A process of the gateway is seen every ten seconds."""


def print_progress(what: str, done: int, total: int) -> None:
    """Say how far it is, on terminals only."""
    if sys.stderr.isatty():
        click.echo(translate("\r{}: {} of {}   ", what, done, total), nl=False, err=True)


@click.command("backup")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def make_backup(context: CommandContext, target: Path) -> None:
    """Write a sealed backup to the file TARGET while the gateway runs.

    The master keys are not in it: keep a copy of the keys directory apart, or the backup cannot be read.
    """
    manifest = create_backup(context.store, target, print_progress)
    with context.store.write() as session:
        errands.record_finished_errand(session, ErrandKind.BACKUP, {"said": "backup_made", "name": target.name})
    click.echo(
        translate(
            "{}: {} rows, {} files, {:.1f} MB", target, manifest.rows, manifest.files, target.stat().st_size / 1000000.0
        )
    )
    click.echo(translate("keep apart: {} (without its keys this backup is unreadable)", context.settings.keys_dir))


@click.command("restore")
@click.argument("archive", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def restore_backup(context: CommandContext, archive: Path) -> None:
    """Restore ARCHIVE into an empty data directory or database.

    What was erased since the backup was made is erased again before anybody can see it.
    """
    settings = context.settings
    keyring = Keyring.load_or_create(settings.keys_dir)
    restored = restore_from_backup(
        archive,
        url=settings.database.direct_url or settings.database_url,
        keyring=keyring,
        media=open_media(settings),
        progress=print_progress,
    )
    click.echo(translate("{} rows, {} files; {} erased again", restored.rows, restored.files, restored.erased_again))


@click.command("migrate")
@click.option("--bind", is_flag=True, help="Take values of versions that bound them to no place, although it was done.")
@click.pass_obj
def migrate_database(context: CommandContext, bind: bool) -> None:
    """Bring the database to the tables of this version; `portevoix up` does so by itself.

    It refuses while the gateway runs, whose processes would go on with the tables of the version before.
    """
    store = open_store(context.settings)
    before = revision_of(store.engine)
    if before == head() and not bind and store.keyring.are_values_bound:
        click.echo(translate("nothing to do: the database is at revision {}, which is this version's", before))
        return
    if before is not None and (alive := _alive(store)):
        raise click.ClickException(
            translate("the gateway is running ({}): stop it first, then migrate", ", ".join(alive))
        )
    bound = bring_up_to_date(store, again=bind)
    click.echo(
        translate(
            "from {} to revision {}", translate("revision {}", before) if before else translate("no tables"), head()
        )
    )
    if bound:
        click.echo(translate("{} sealed values bound to their places", bound))


def _alive(store: Store) -> list[str]:
    """The processes of the gateway that were seen a moment ago."""
    with store.read() as session:
        since = utc_now() - ALIVE_WITHIN
        return sorted(name for name, seen_at in alerts.heartbeat_times(session).items() if seen_at > since)


@click.group()
def keys() -> None:
    """The master keys that wrap every other key."""


@keys.command("rotate")
@click.option("--search", is_flag=True, help="Begin a new key of the search index instead; nothing has to be stopped.")
@click.pass_obj
def rotate_keys(context: CommandContext, search: bool) -> None:
    """Make a new master key and wrap every data key with it; nothing else is rewritten.

    Copy the keys folder afterwards: backups made from now on need the new key. The older key files are kept as long as
    the setting `backups.retire_keys_after_days` says, and then retired: backups of before cannot be opened then.
    """
    if search:
        generation = context.store.keyring.rotate_search()
        click.echo(translate("search key {}; the gateway now makes the index anew, within hours", generation))
        click.echo(translate("copy {} now", context.settings.keys_dir))
        return
    from_now_on, wrapped = context.store.rotate_keys()
    door_keys.follow_generation(context.settings.keys_dir, SpoolFolder(context.settings.spool_dir).halves())
    click.echo(translate("master key {}; {} data keys wrapped anew", from_now_on, wrapped))
    click.echo(translate("copy {} now: without it no backup opens that is made from now on", context.settings.keys_dir))


@keys.command("list")
@click.pass_obj
def list_keys(context: CommandContext) -> None:
    """Say which master keys there are, since when, and when each is retired."""
    days = context.settings.backups.retire_keys_after_days
    for one in key_generations.list_generations(context.store.keyring.folder):
        if one.replaced_at is None:
            end = translate("in use")
        else:
            last = (one.replaced_at + timedelta(days=days)).date() if days else translate("never")
            end = translate("replaced {}, retired {}", one.replaced_at.date(), last)
        click.echo(translate("{} made {}: {}", one.master_id, one.made_at.date(), end))


@keys.command("retire")
@click.option("--days", type=click.IntRange(0), help="Replaced at least so many days ago; else as the settings say.")
@click.confirmation_option(prompt="Backups made under these keys can never be opened again. Retire them?")
@click.pass_obj
def retire_keys(context: CommandContext, days: int | None) -> None:
    """Destroy master keys that were replaced, and with them every backup made under them; nothing living is lost."""
    after = context.settings.backups.retire_keys_after_days if days is None else days
    if days is None and not after:
        raise click.ClickException(translate("the settings say that keys are never retired: say after how many --days"))
    door_keys.follow_generation(context.settings.keys_dir, SpoolFolder(context.settings.spool_dir).halves())
    waiting = SpoolFolder(context.settings.spool_dir).masters()
    retired = key_generations.retire_master_keys(context.store, utc_now(), timedelta(days=after), waiting)
    click.echo(translate("retired: {}", ", ".join(retired) or translate("none")))


@click.command("erase")
@click.argument("reference")
@click.confirmation_option(prompt="This cannot be undone. Erase it?")
@click.pass_obj
def erase_reference(context: CommandContext, reference: str) -> None:
    """Erase the contribution with this reference: its recordings, pages, texts and address."""
    number = references.parse_reference(reference)
    if number is None:
        raise click.ClickException(translate("this is not a reference: nine digits, the last one checks the others"))
    with context.store.write() as session:
        contribution_id = references.contribution_of(session, number)
        if contribution_id is None:
            raise click.ClickException(translate("no contribution has this reference"))
        erase_contribution(session, contribution_id, by=None, reason="command line")
    scrub_deleted_words(context.store)
    click.echo(translate("erased"))


@click.command("keep")
@click.argument("reference")
@click.pass_obj
def keep_reference(context: CommandContext, reference: str) -> None:
    """Take back an erasure that a resident asked for by text, while it is not yet done."""
    number = references.parse_reference(reference)
    with context.store.write() as session:
        contribution_id = references.contribution_of(session, number) if number else None
        if contribution_id is None or not erasure_requests.cancel_erasure(session, contribution_id):
            raise click.ClickException(translate("no erasure is on its way for this reference"))
    click.echo(translate("it is kept"))


COMMANDS: list[click.Command] = [make_backup, restore_backup, migrate_database, keys, erase_reference, keep_reference]
