"""``forms``: the paper forms of a consultation."""

from __future__ import annotations

from pathlib import Path

import click

from channels.paper.form_kinds import FormVariant, SheetSize
from config.wording.consultation import read_consultation
from gateway.base.terminal_language import translate
from gateway.commands.command_context import CommandContext
from gateway.printing.print_run import (
    MOST_COPIES,
    PrintOrder,
    print_card_run,
    print_run,
    render_poster,
    render_trial_sheet,
)
from inbox.consultations import consultation_versions

_language = click.option("--language", default="", help="One of the consultation's; its usual one where not given.")
_output = click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The PDF to write; named after the consultation where not given.",
)


@click.group("forms")
def forms() -> None:
    """Paper forms: print them with their numbers.

    What a form asks stands in the consultation file, under [form]; docs/forms.md explains it.
    """


@forms.command("print")
@click.argument("consultation", required=False)
@click.option(
    "--copies",
    type=click.IntRange(0, MOST_COPIES),
    default=10,
    show_default=True,
    help="How many, each with a number of its own on its slip; 0: one sheet without a number, to be photocopied.",
)
@click.option(
    "--variant",
    type=click.Choice([one.value for one in FormVariant]),
    default=FormVariant.STANDARD.value,
    show_default=True,
    help="large-print for weak eyes, pictograms with a picture for each theme, reply to be sent by post, prepaid.",
)
@click.option(
    "--size",
    type=click.Choice([one.value for one in SheetSize]),
    default=SheetSize.A4.value,
    show_default=True,
    help="a5: two on an A4 sheet, printed on both sides, turned over the short edge, and cut.",
)
@click.option(
    "--test-sheet",
    is_flag=True,
    help="Instead of copies, one sheet filled in with known marks: scanned, its batch says whether the copier is fine.",
)
@_language
@_output
@click.pass_obj
def print_command(
    context: CommandContext,
    consultation: str | None,
    copies: int,
    variant: str,
    size: str,
    test_sheet: bool,
    language: str,
    output: Path | None,
) -> None:
    """Print forms as a PDF, to be put beside a box.

    CONSULTATION is its short name; the settings' first where not given. Print on both sides, at 100 %,
    not "fitted to the page". What is printed is kept, so that it can be read however late it comes back.
    """
    slug = consultation or _first(context)
    order = PrintOrder(slug, language, FormVariant(variant), SheetSize(size), copies)
    run = render_trial_sheet(context.store, order) if test_sheet else print_run(context.store, order)
    target = output or Path(run.name)
    target.write_bytes(run.pdf)
    if test_sheet:
        click.echo(translate("{}: a test sheet; scan it, and look at its batch", target))
        return
    made = translate("{} copies", len(run.references)) if run.references else translate("one sheet to be photocopied")
    click.echo(translate("{}: {}, {} KB", target, made, len(run.pdf) // 1024 + 1))


@forms.command("poster")
@click.argument("consultation", required=False)
@_language
@_output
@click.pass_obj
def poster_command(context: CommandContext, consultation: str | None, language: str, output: Path | None) -> None:
    """Print a poster: the question, the telephone number, and a QR code that calls it.

    CONSULTATION is its short name; the settings' first where not given. Where the consultation file
    has a poster_link, the code opens that instead.
    """
    run = render_poster(context.store, consultation or _first(context), language)
    target = output or Path(run.name)
    target.write_bytes(run.pdf)
    click.echo(translate("{}: a poster, {} KB", target, len(run.pdf) // 1024 + 1))


@forms.command("cards")
@click.argument("consultation", required=False)
@click.option("--copies", type=click.IntRange(1, MOST_COPIES), default=10, show_default=True, help="How many.")
@_language
@_output
@click.pass_obj
def cards_command(
    context: CommandContext, consultation: str | None, copies: int, language: str, output: Path | None
) -> None:
    """Print numbered cards, ten on an A4 sheet, to be cut: who calls keys the number on the card.

    CONSULTATION is its short name; the settings' first where not given. The message bears the card's number, by
    which its caller hears later what became of it.
    """
    run = print_card_run(context.store, PrintOrder(consultation or _first(context), language, copies=copies))
    target = output or Path(run.name)
    target.write_bytes(run.pdf)
    click.echo(translate("{}: {} cards, {} KB", target, len(run.references), len(run.pdf) // 1024 + 1))


def _first(context: CommandContext) -> str:
    files = context.settings.consultation_files
    if not files:
        raise click.UsageError(translate("name the consultation; `portevoix consultation list` shows them"))
    consultation = read_consultation(files[0])
    with context.store.write() as session:
        consultation_versions.import_file(session, consultation)
    return consultation.slug


COMMANDS: list[click.Command] = [forms]
