"""``texts``: every sentence residents hear and read, as they get it, with its price."""

from __future__ import annotations

from pathlib import Path

import click

from config.wording.consultation import Consultation, read_consultation
from config.wording.gsm7 import Segments
from config.wording.message_catalog import preview_texts
from gateway.commands.command_context import CommandContext


@click.command("texts")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--language", help="One language only; each of the consultation's where not given.")
@click.option("--sms", is_flag=True, help="Only text messages.")
@click.pass_obj
def show_texts(context: CommandContext, file: Path | None, language: str | None, sms: bool) -> None:
    """Show every text as a resident gets it, with its segments and their price (texting.segment_price).

    FILE is a consultation file; the settings' own where it is not named.
    """
    for path in (file,) if file else context.settings.consultation_files:
        consultation = read_consultation(path)
        for spoken in (language,) if language else consultation.languages:
            click.echo(f"{consultation.slug} ({spoken})")
            _show(consultation, spoken, context.settings.texting.segment_price, sms_only=sms)


def _show(consultation: Consultation, language: str, segment_price: float, *, sms_only: bool) -> None:
    for shown in preview_texts(consultation, language):
        if shown.price is None and sms_only:
            continue
        click.echo(f"\n{shown.key}: {shown.when}")
        for line in shown.text.strip().splitlines():
            click.echo(f"  {line}")
        if shown.price is not None:
            click.echo(f"  [{price_in_words(shown.price, segment_price)}]")
    click.echo("")


def price_in_words(price: Segments, segment_price: float) -> str:
    """What a text message costs: ``1 segment, GSM-7, 148 characters, 0.070 €``."""
    words = [f"{price.count} segment{'s' if price.count > 1 else ''}", price.encoding, f"{price.units} characters"]
    if segment_price:
        words.append(f"{price.count * segment_price:.3f} €")
    if price.costly:
        words.append(f"dearer because of {' '.join(price.costly)}")
    return ", ".join(words)


COMMANDS: list[click.Command] = [show_texts]
