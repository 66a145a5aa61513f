"""Speech models: folders of Vosk's or Whisper's kind, one or more per language, installed by an administrator."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import stat
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO
from urllib.parse import urlsplit

from transcription.base.model_download import Progress, copy_stream, download, forget, verify
from transcription.base.values import EngineMissing, ModelError

PACKAGED = Path(__file__).parents[1] / "models_packaged"

MAX_BYTES = 6 * 1024**3
"""The largest public Vosk models unpack to about 4 GB."""
MAX_FILES = 2_000
LEAST_CONFIDENCE = {"vosk": 0.5, "whisper": 0.4}
"""Of a model that says none, by its engine; Whisper's probabilities of right words are lower (measured)."""
MANY = "*"
"""The language of a model that knows many."""
WHISPER_RATE = 16_000
"""Hz; what all Whisper models were trained on."""

_INSTALL = "Install one with “portevoix models install”."

Attempt = Callable[["SpeechModel"], None]
"""Lets a model hear something before it takes its place; raises ``ModelError`` where it is no use here."""


@dataclass(frozen=True, slots=True)
class SpeechModel:
    """One installed model; ``rate`` is the sampling rate it wants in Hz, ``size`` its bytes on disk.

    ``language`` is ISO 639-1, or ``MANY``; ``engine`` is the engine that loads it, ``vosk`` or ``whisper``.

    Below ``least_confidence`` (a mean, 0–1) what it hears is not kept. Models differ in how sure
    they sound, so each may say its own in a ``model.toml`` beside its files.
    """

    name: str
    path: Path
    language: str
    rate: int
    size: int
    demo: bool = False
    least_confidence: float = LEAST_CONFIDENCE["vosk"]
    engine: str = "vosk"

    def hears(self, language: str) -> bool:
        """Whether the model knows a language (ISO 639-1)."""
        return self.language in (language, MANY)


def installed_models(models_dir: Path) -> list[SpeechModel]:
    """Every usable model in the directory and the packaged demo model, by name."""
    folders = [*_folders(models_dir), *_folders(PACKAGED)]
    return sorted((describe_model(f) for f in folders if is_model(f)), key=lambda model: (model.demo, model.name))


def best_for(language: str, models: Iterable[SpeechModel]) -> SpeechModel | None:
    """The model to hear this language with: a real one before a demo, the largest of several."""
    fitting = [model for model in models if model.hears(language)]
    return max(fitting, key=lambda model: (not model.demo, model.size), default=None)


def model_for(
    language: str, models_dir: Path, *, named: str = "", demo: bool = True, engine: str = "vosk"
) -> SpeechModel:
    """The installed model called ``named`` if it is the engine's, else ``best_for`` among the engine's own.

    Demo models are taken only if ``demo``. Raises ``EngineMissing`` when ``named`` is not there, or none hears this
    language.
    """
    found = installed_models(models_dir)
    if named:
        chosen = next((model for model in found if model.name == named), None)
        if chosen is None:
            raise EngineMissing(f"The speech model {named} is not installed.", _INSTALL)
        if chosen.engine == engine:
            return chosen
    own = (model for model in found if model.engine == engine and (demo or not model.demo))
    model = best_for(language, own)
    if model is None:
        whose = "" if engine == "vosk" else f" of {engine.title()}"
        raise EngineMissing(f"No speech model{whose} for the language “{language}” is installed.", _INSTALL)
    return model


PARTS = {
    "vosk": (("am/final.mdl", "conf/mfcc.conf"), ("final.mdl", "mfcc.conf")),
    "whisper": (("model.bin", "config.json", "tokenizer.json"),),
}
"""The files by which a model is known: Vosk's in its present layout or its first, flat one; Whisper's as CTranslate2
converts it."""


def engine_of(folder: Path) -> str | None:
    """Which engine loads the model in a folder; None where there is none."""
    for engine, layouts in PARTS.items():
        if any(all((folder / part).is_file() for part in layout) for layout in layouts):
            return engine
    return None


def is_model(folder: Path) -> bool:
    """Whether a folder has the parts that an engine loads."""
    return engine_of(folder) is not None


def describe_model(folder: Path) -> SpeechModel:
    """What the folder's files and its name say about the model in it."""
    engine = engine_of(folder) or "vosk"
    about = folder / "model.toml"
    said = tomllib.loads(about.read_text(encoding="utf-8")) if about.is_file() else {}
    return SpeechModel(
        name=folder.name,
        path=folder,
        language=str(said.get("language") or language_in_name(folder.name) or _language_of(folder, engine)),
        rate=WHISPER_RATE if engine == "whisper" else _rate(folder),
        size=sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()),
        demo=bool(said.get("demo", False)),
        least_confidence=float(said.get("least_confidence", LEAST_CONFIDENCE[engine])),
        engine=engine,
    )


def _language_of(folder: Path, engine: str) -> str:
    """What a Whisper model tells of its languages: only those that know several list them."""
    if engine != "whisper":
        return ""
    try:
        config = json.loads((folder / "config.json").read_bytes())
    except ValueError:
        return ""
    return MANY if config.get("lang_ids") else "en"


def language_in_name(name: str) -> str:
    """The language in a name like ``vosk-model-small-fr-0.22``; empty when there is none."""
    for token in name.lower().split("-"):
        if re.fullmatch(r"[a-z]{2}", token):
            return token
    return ""


def install_model(
    source: str | Path,
    models_dir: Path,
    sha256: str | None = None,
    progress: Progress | None = None,
    *,
    language: str | None = None,
    replace: bool = False,
    attempt: Attempt | None = None,
    max_bytes: int = MAX_BYTES,
) -> SpeechModel:
    """Install a model from a folder, a zip file or the address of one; all of it appears at once, or nothing.

    Everything is made beside its final place, tried there by ``attempt``, and moved last, so an interrupted or useless
    installation leaves nothing that looks like a model, and the one before in its place.
    """
    models_dir.mkdir(parents=True, exist_ok=True)
    report = progress or (lambda _done, _total: None)
    with tempfile.TemporaryDirectory(prefix=".incoming-", dir=models_dir) as work:
        folder, name = _unpacked(str(source), Path(work), models_dir, sha256, report, max_bytes)
        if (models_dir / name).exists() and not replace:
            raise ModelError(f"{name} is already installed.", "Ask to replace it, or remove its folder.")
        if language or not (language_in_name(name) or describe_model(folder).language):
            _say_language(folder, name, language)
        if attempt is not None:
            new = describe_model(folder)
            attempt(dataclasses.replace(new, name=name, language=language_in_name(name) or new.language))
        _move_in(folder, models_dir / name)
    return describe_model(models_dir / name)


def _folders(parent: Path) -> list[Path]:
    if not parent.is_dir():
        return []
    return [folder for folder in parent.iterdir() if folder.is_dir() and not folder.name.startswith(".")]


def _rate(folder: Path) -> int:
    """The sampling rate in Hz; Kaldi's own default for a model that states none is 16000 in Vosk's models."""
    for file in (folder / "conf/mfcc.conf", folder / "mfcc.conf"):
        if file.is_file():
            found = re.search(r"--sample-frequency=(\d+)", file.read_text(encoding="utf-8", errors="replace"))
            if found:
                return int(found.group(1))
    return 16_000


def _unpacked(
    source: str, work: Path, models_dir: Path, sha256: str | None, report: Progress, max_bytes: int
) -> tuple[Path, str]:
    """The model's files in the work folder, and the name it is to have."""
    target = work / "unpacked"
    is_fetched = urlsplit(source).scheme in ("http", "https")
    if is_fetched:
        archive = download(source, sha256, models_dir, report, max_bytes)
        name = PurePosixPath(urlsplit(source).path).stem
    else:
        archive = Path(source)
        name = archive.stem if archive.is_file() else archive.name
    if archive.is_dir():
        if sha256:
            raise ModelError("A checksum was given, but the source is a folder.", "Leave it out, or give the zip file.")
        _copy_folder(archive, target, report, max_bytes)
    elif archive.is_file():
        verify(archive, sha256)
        _unzip(archive, target, report, max_bytes)
        if is_fetched:
            forget(archive)
    else:
        raise ModelError(f"There is no file or folder {source}.", "Check the path.")
    folder = _model_in(target)
    return folder, _safe_name(folder.name if folder != target else name)


def _unzip(archive: Path, target: Path, report: Progress, max_bytes: int) -> None:
    try:
        with zipfile.ZipFile(archive) as zipped:
            entries = [entry for entry in zipped.infolist() if not entry.is_dir()]
            total = sum(entry.file_size for entry in entries)
            if len(entries) > MAX_FILES or total > max_bytes:
                raise ModelError("The zip file unpacks to more than a model may have.", "Choose a smaller model.")
            done = 0
            for entry in entries:
                path = target / _inside(entry)
                path.parent.mkdir(parents=True, exist_ok=True)
                with zipped.open(entry) as packed, path.open("wb") as file:
                    # The sizes in the directory may lie, so what is really unpacked counts.
                    done = copy_stream(_chunks(packed), file, report, total, max_bytes, done)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as problem:
        raise ModelError(f"This is no sound zip file: {problem}.", "Fetch it again from its publisher.") from None


def _chunks(packed: IO[bytes]) -> Iterable[bytes]:
    while chunk := packed.read(1 << 18):
        yield chunk


def _inside(entry: zipfile.ZipInfo) -> PurePosixPath:
    """The entry's path, which must stay inside the folder it is unpacked to."""
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    link = stat.S_ISLNK(entry.external_attr >> 16)
    if link or path.is_absolute() or ".." in path.parts or not path.parts or ":" in path.parts[0]:
        raise ModelError(f"The zip file holds an unsafe entry, {entry.filename!r}.", "Do not use this file.")
    return path


def _copy_folder(source: Path, target: Path, report: Progress, max_bytes: int) -> None:
    files = [file for file in sorted(source.rglob("*")) if file.is_file() and not file.is_symlink()]
    total = sum(file.stat().st_size for file in files)
    if len(files) > MAX_FILES or total > max_bytes:
        raise ModelError("The folder holds more than a model may have.", "Choose a smaller model.")
    done = 0
    for file in files:
        copy = target / file.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
        done += file.stat().st_size
        report(done, total)


def _model_in(target: Path) -> Path:
    """The folder that is the model: the unpacked one or, as in Vosk's own zip files, the one inside it."""
    for folder in (target, *_folders(target)):
        if is_model(folder):
            return folder
    raise ModelError(
        "There is no speech model in it: neither am/final.mdl nor model.bin with config.json and tokenizer.json.",
        "Choose a Vosk model, or a Whisper model converted for CTranslate2.",
    )


def _safe_name(name: str) -> str:
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-")
    return safe or "model"


def _say_language(folder: Path, name: str, language: str | None) -> None:
    """Note the language where neither the name nor the model says it."""
    if not language or not re.fullmatch(r"[a-z]{2,3}", language):
        raise ModelError(f"The name {name} does not say which language this is.", "Give the language, such as “fr”.")
    (folder / "model.toml").write_text(f'language = "{language}"\n', encoding="utf-8")


def _move_in(folder: Path, place: Path) -> None:
    if place.exists():
        # Moved aside into the work folder, which is deleted afterwards.
        place.rename(folder.parent / ".replaced" if folder.parent.name == "unpacked" else folder.with_name(".replaced"))
    folder.rename(place)
    descriptor = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
