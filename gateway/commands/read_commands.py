"""Trying the reading on one's own files: ``read``; and the speech models: ``models``."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from config.wording.consultation import Consultation, read_consultation
from gateway.base.terminal_language import translate
from gateway.commands.command_context import CommandContext
from gateway.reading.readers import MediumReading, PartReading, Readers, read_file
from inbox.listings.filters import DOUBTFUL_BELOW
from transcription.audio import model_catalogue
from transcription.audio import speech_models as models
from transcription.base.values import PlacedWord
from transcription.engine_probes import check_model, must_hear


@click.command("read")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print text, words, confidence, places and themes as JSON.")
@click.option("--language", help="Language of the recordings, e.g. fr; the settings' language where not given.")
@click.option(
    "--consultation",
    "consultation_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The consultation file whose themes are suggested; the first of the settings where not given.",
)
@click.option("--pages-per-form", type=click.IntRange(1, 20), default=1, help="How many pages of a scan are one form.")
@click.pass_obj
def read(
    context: CommandContext,
    files: tuple[Path, ...],
    as_json: bool,
    language: str | None,
    consultation_file: Path | None,
    pages_per_form: int,
) -> None:
    """Read a recording, scan, photo, PDF or .eml through the gateway's own pipeline; nothing is stored.

    Doubtful words are followed by a question mark in brackets. Ends with 1 when a file could not be read.
    """
    consultation = _consultation(context, consultation_file)
    answers = []
    with Readers(context.settings) as readers:
        for file in files:
            parts = read_file(
                readers,
                file,
                consultation,
                language=language or context.settings.language,
                pages_per_form=pages_per_form,
            )
            answers.append((file, parts))
            if not as_json:
                _print(file, parts)
    if as_json:
        click.echo(json.dumps([_as_dict(file, parts) for file, parts in answers], ensure_ascii=False, indent=2))
    if any(part.problem for _, parts in answers for part in parts):
        sys.exit(1)


def _consultation(context: CommandContext, file: Path | None) -> Consultation | None:
    if file is not None:
        return read_consultation(file)
    files = context.settings.consultation_files
    return read_consultation(files[0]) if files else None


def _print(file: Path, parts: list[PartReading]) -> None:
    click.echo(click.style(str(file), bold=True))
    for part in parts:
        confidence = "" if part.confidence is None else translate(", confidence {:.2f}", part.confidence)
        click.echo(f"  {part.key} ({part.channel.value}, {part.seconds:.1f} s{confidence})")
        for line in _marked(part).splitlines():
            click.echo(f"    {line}")
        for passage in part.passages:
            beginning = " ".join((part.body or "")[passage.start : passage.end].split())[:40]
            click.echo(f"    [{passage.kind.replace('_', ' ')}: {beginning} …]")
        for apart in part.aside:
            because = translate(", because of: {}", apart.evidence.replace("_", " ")) if apart.evidence else ""
            click.echo(translate("    [{}, set apart: {} characters{}]", apart.kind, len(apart.text), because))
        if part.not_contribution:
            click.echo(translate("    not a contribution: {}", part.not_contribution.value.replace("_", " ")))
        for theme in part.themes:
            click.echo(translate("    theme {}, because of: {}", theme.theme_key, ", ".join(theme.words)))
        if told := " ".join(filter(None, (part.problem, part.doubt))):
            click.echo(click.style(f"    {told}", fg="yellow"))


def _marked(part: PartReading) -> str:
    pieces = [part.body] if part.body else []
    for medium in part.media:
        for transcript in medium.transcripts:
            lines: dict[Any, list[str]] = {}
            for word in transcript.words:
                line = (word.page, word.line) if isinstance(word, PlacedWord) else 0
                lines.setdefault(line, []).append(word.text + (" [?]" if word.confidence < DOUBTFUL_BELOW else ""))
            pieces += [" ".join(words) for words in lines.values()]
    return "\n".join(pieces)


def _as_dict(file: Path, parts: list[PartReading]) -> dict[str, Any]:
    return {"file": str(file), "parts": [_part_as_dict(part) for part in parts]}


def _part_as_dict(part: PartReading) -> dict[str, Any]:
    return {
        "part": part.key,
        "channel": part.channel.value,
        "text": part.text,
        "confidence": part.confidence,
        "themes": [{"theme": theme.theme_key, "because": list(theme.words)} for theme in part.themes],
        "set_apart": [apart._asdict() for apart in part.aside],
        "passages": [
            passage._asdict() | {"text": (part.body or "")[passage.start : passage.end]} for passage in part.passages
        ],
        "not_contribution": part.not_contribution.value if part.not_contribution else None,
        "problem": part.problem,
        "doubt": part.doubt,
        "seconds": round(part.seconds, 3),
        "media": [_medium_as_dict(medium) for medium in part.media],
    }


def _medium_as_dict(medium: MediumReading) -> dict[str, Any]:
    return {
        "kind": medium.kind.value,
        "name": medium.name,
        "problem": medium.problem,
        "engines": [f"{read.engine} {read.model}" for read in medium.transcripts],
        "words": [word.as_json() for read in medium.transcripts for word in read.words],
        "sheets": [sheet for read in medium.transcripts if (sheet := read.sheet_as_json()) is not None],
    }


@click.group("models")
def speech_models() -> None:
    """List, install and check speech models."""


@speech_models.command("list")
@click.option("--known", is_flag=True, help="Show the models that could be installed, and what this machine carries.")
@click.pass_obj
def list_models(context: CommandContext, known: bool) -> None:
    """List the installed speech models, or those that are known, and say what each is good for."""
    if known:
        _print_known(context.settings.models_dir)
        return
    for model in models.installed_models(context.settings.models_dir):
        language = "many" if model.language == models.MANY else model.language
        click.echo(
            translate(
                "{:<32} {:<5} {:<8} {} Hz  {:.0f} MB",
                model.name,
                language,
                model.engine,
                model.rate,
                model.size / 1000000.0,
            )
        )
        if model.demo:
            click.echo(
                translate("    demo model: understands synthetic voices, not people. A town installs a public one:")
            )
            click.echo(
                translate(
                    "    `portevoix models list --known` shows them, `portevoix models install NAME` installs one"
                )
            )


def _print_known(models_dir: Path) -> None:
    there = {model.name for model in models.installed_models(models_dir)}
    memory = model_catalogue.free_memory_mb()
    for model in model_catalogue.known_models():
        languages = ", ".join(model.languages)
        click.echo(
            translate("{:<32} {:<5} {:<8} {} MB, {}", model.name, languages, model.engine, model.size, model.licence)
        )
        click.echo(translate("    wrong words in 100: {}", model.errors))
        fits = model_catalogue.fits(model, memory)
        carries = translate("this machine carries it") if fits else translate("too large for this machine now")
        notes = [translate("{} MB of memory: {}", model.memory, carries)]
        notes += [] if model.checked else [translate("no checksum is published: give the one you trust with --sha256")]
        notes += [translate("installed")] if model.name in there else []
        click.echo(f"    {'; '.join(notes)}")


@speech_models.command("install")
@click.argument("source")
@click.option("--sha256", help="Refuse the file when its checksum is another.")
@click.option("--replace", is_flag=True, help="Take the place of an installed model of the same name.")
@click.pass_obj
def install_model(context: CommandContext, source: str, sha256: str | None, replace: bool) -> None:
    """Install a speech model from SOURCE: a name that `models list --known` shows, a folder, a .zip, or its URL.

    What an earlier try fetched is gone on with. The model hears a sentence before it takes its place: one that is no
    use here is not installed, and the one it was to replace stays.
    """
    shown = {"percent": -1}

    def progress(done: int, total: int | None) -> None:
        percent = int(100 * done / total) if total else -1
        if percent != shown["percent"] and sys.stderr.isatty():
            click.echo(f"\r{percent:3d} %" if total else f"\r{done / 1e6:7.1f} MB", nl=False, err=True)
            shown["percent"] = percent

    known = None if Path(source).exists() else model_catalogue.known_model(source)
    where, attempt = (
        context.settings.models_dir,
        must_hear(context.settings.language, lambda note: click.echo(f"\nok: {note}")),
    )
    if known is not None:
        click.echo(translate("Fetching {} ({} MB) …", known.name, known.size), err=True)
        model = model_catalogue.install_known(known, where, progress, sha256=sha256, replace=replace, attempt=attempt)
    else:
        model = models.install_model(source, where, sha256=sha256, progress=progress, replace=replace, attempt=attempt)
    language = translate("many languages") if model.language == models.MANY else model.language
    click.echo(translate("\ninstalled {} ({}, {} Hz)", model.name, language, model.rate))
    if model.engine == "whisper":
        click.echo(translate('let it listen with engine = "whisper", or "both", under [speech] in the settings'))


@speech_models.command("check")
@click.argument("name", required=False)
@click.pass_obj
def check_models(context: CommandContext, name: str | None) -> None:
    """Load a model, or all of them, and let it hear a known sentence."""
    chosen = [m for m in models.installed_models(context.settings.models_dir) if name in (None, m.name)]
    if not chosen:
        raise click.ClickException(translate("no model is called {}; `portevoix models list` shows them", name))
    failed = False
    for model in chosen:
        result = check_model(model, context.settings.language)
        failed |= not result.ok
        click.echo(f"{model.name}: {'ok' if result.ok else translate('FAILED')}, {result.note}")
    if failed:
        sys.exit(1)


COMMANDS: list[click.Command] = [read, speech_models]
