"""Invented contributions: ``sample``."""

import click

from config.settings.schema import PACKAGED_CONSULTATIONS
from config.wording.consultation import Consultation, read_consultation
from gateway.base.terminal_language import translate
from gateway.commands.command_context import CommandContext
from gateway.sample.fill_store import ACCOUNT, fill_store
from inbox.consultations import consultation_versions
from inbox.records import intake_lookup

EXAMPLE = "rues-et-places"


@click.command("sample")
@click.option("--contributions", type=click.IntRange(1, 100_000), default=200, show_default=True, help="How many.")
@click.option(
    "--media",
    type=click.IntRange(0),
    default=150,
    show_default=True,
    help="How many recordings and pages with their originals; those of the others are gone, as after retention.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Another number invents another town.")
@click.option("--consultation", "slug", default=EXAMPLE, show_default=True, help="The slug of a consultation.")
@click.option("--sure", is_flag=True, help="Do so even where real contributions have arrived.")
@click.pass_obj
def sample(context: CommandContext, contributions: int, media: int, seed: int, slug: str, sure: bool) -> None:
    """Fill an installation with invented contributions of all channels, to practise and to look at.

    Nobody in them exists; their telephone numbers are kept for fiction. The same seed invents the same.
    """
    with context.store.read() as session:
        is_used = intake_lookup.has_other_accounts(session, ACCOUNT)
    if is_used and not sure:
        raise click.ClickException(
            translate(
                "real contributions have arrived here, among which invented ones could be mistaken; "
                "take an empty data directory, or say --sure"
            )
        )
    consultation = sample_consultation(context, slug)
    with click.progressbar(length=contributions, label=translate("inventing")) as bar:
        fill_store(
            context.store,
            consultation,
            contributions,
            seed=seed,
            media=media,
            told=lambda done: bar.update(done - bar.pos),
        )
    click.echo(translate("{} contributions to {}; sign in to see them (portevoix person add)", contributions, slug))


def sample_consultation(context: CommandContext, slug: str = EXAMPLE) -> Consultation:
    """The consultation as it stands; the packaged example is imported where it is not there yet."""
    packaged = read_consultation(PACKAGED_CONSULTATIONS / f"{EXAMPLE}.toml")
    with context.store.write() as session:
        version = consultation_versions.current_version(session, slug)
        if version is None and slug == EXAMPLE:
            version = consultation_versions.import_consultation(session, packaged)
        if version is None:
            raise click.ClickException(translate("there is no consultation {}; import its file first", slug))
        return consultation_versions.as_consultation(version)


COMMANDS: list[click.Command] = [sample]
