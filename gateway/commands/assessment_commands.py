"""The data-protection impact assessment: ``assessment``."""

import click

from config.wording.consultation import Consultation
from gateway.commands.command_context import CommandContext
from gateway.documents.impact_assessment import LANGUAGES, impact_assessment
from inbox.consultations import consultation_versions
from inbox.models.column_types import utc_now


@click.command()
@click.option("--language", type=click.Choice(LANGUAGES), help="Its language; the settings' where not given.")
@click.pass_obj
def assessment(context: CommandContext, language: str | None) -> None:
    """Print a data-protection impact assessment filled from the settings, to be completed.

    What only the town can say is marked in it. It is Markdown: write it to a file, and open that in a word processor.
    """
    settings = context.settings
    with context.store.read() as session:
        versions = consultation_versions.current_versions_newest_first(session)
        asked: list[Consultation] = [consultation_versions.as_consultation(one) for one in versions]
    chosen = language or (settings.language if settings.language in LANGUAGES else LANGUAGES[0])
    click.echo(impact_assessment(settings, asked, chosen, utc_now().astimezone(settings.zone).date()), nl=False)


COMMANDS: list[click.Command] = [assessment]
