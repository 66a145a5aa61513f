"""Speech models: which there are, which is best, and how one is installed — all of it, or nothing."""

import hashlib
import http.server
import io
import random
import shutil
import stat
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from tests.transcription.sounds import DEMO_MODEL, needs_voice
from transcription.audio.speech_models import (
    PACKAGED,
    SpeechModel,
    best_for,
    describe_model,
    install_model,
    installed_models,
    language_in_name,
    model_for,
)
from transcription.base.model_download import FOLDER
from transcription.base.values import EngineMissing, ModelError
from transcription.engine_probes import must_hear

FILES = {"am/final.mdl": b"model", "conf/mfcc.conf": b"--sample-frequency=8000\n", "graph/HCLG.fst": b"graph"}
NAME = "vosk-model-small-fr-0.22"


def zipped(names: dict[str, bytes], folder: str = f"{NAME}/") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in names.items():
            # Without its own date it has the present one, and is another archive two seconds later.
            archive.writestr(zipfile.ZipInfo(folder + name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def linked() -> bytes:
    """A zip file with a symbolic link in it."""
    buffer = io.BytesIO(zipped(FILES))
    with zipfile.ZipFile(buffer, "a") as archive:
        link = zipfile.ZipInfo(f"{NAME}/passwords")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return buffer.getvalue()


def damaged() -> bytes:
    """A zip file in which one stored byte is not what its checksum says."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in FILES.items():
            archive.writestr(f"{NAME}/{name}", content)
    return buffer.getvalue().replace(b"graphPK", b"grapePK", 1)


@pytest.fixture
def models_dir(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / f"{NAME}.zip"
    path.write_bytes(zipped(FILES))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / NAME
    for name, content in FILES.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def names_in(models_dir: Path) -> list[str]:
    """Everything that is there, hidden leftovers too."""
    return sorted(path.name for path in models_dir.iterdir()) if models_dir.exists() else []


def test_a_zip_file_is_installed_with_progress(archive: Path, models_dir: Path):
    told: list[tuple[int, int | None]] = []
    model = install_model(archive, models_dir, progress=lambda done, total: told.append((done, total)))
    assert model == SpeechModel(
        name=NAME, path=models_dir / NAME, language="fr", rate=8000, size=sum(map(len, FILES.values()))
    )
    assert model in installed_models(models_dir)
    assert told[-1] == (model.size, model.size)
    assert names_in(models_dir) == [NAME]


def test_a_zip_file_without_a_folder_takes_its_own_name(tmp_path: Path, models_dir: Path):
    path = tmp_path / f"{NAME}.zip"
    path.write_bytes(zipped(FILES, folder=""))
    assert install_model(path, models_dir).name == NAME


def test_a_folder_is_copied(folder: Path, models_dir: Path):
    model = install_model(folder, models_dir)
    shutil.rmtree(folder)
    assert (model.path / "am/final.mdl").read_bytes() == b"model"


def test_the_checksum_is_compared(archive: Path, models_dir: Path):
    right = hashlib.sha256(archive.read_bytes()).hexdigest()
    assert install_model(archive, models_dir, sha256=right.upper()).name == NAME


def test_a_name_that_says_no_language_is_told_it(tmp_path: Path, models_dir: Path):
    path = tmp_path / "brezhoneg.zip"
    path.write_bytes(zipped(FILES, folder="brezhoneg/"))
    assert install_model(path, models_dir, language="br").language == "br"


def test_an_installed_model_is_replaced_only_when_asked(archive: Path, models_dir: Path):
    install_model(archive, models_dir)
    with pytest.raises(ModelError, match="already installed"):
        install_model(archive, models_dir)
    archive.write_bytes(zipped({**FILES, "am/final.mdl": b"newer model"}))
    model = install_model(archive, models_dir, replace=True)
    assert (model.path / "am/final.mdl").read_bytes() == b"newer model"
    assert names_in(models_dir) == [NAME]


def test_a_folder_is_replaced_only_when_asked(folder: Path, models_dir: Path):
    install_model(folder, models_dir)
    assert install_model(folder, models_dir, replace=True).name == NAME
    assert names_in(models_dir) == [NAME]


REFUSED: dict[str, tuple[Callable[[], bytes], dict[str, object], str]] = {
    "no zip file": (lambda: b"<html>Not found</html>", {}, "no sound zip"),
    "a zip file cut short": (lambda: zipped(FILES)[:-40], {}, "no sound zip"),
    "a zip file with a wrong byte": (damaged, {}, "no sound zip"),
    "a path out of the folder": (lambda: zipped({**FILES, "../../evil": b""}), {}, "unsafe"),
    "a path from the root": (lambda: zipped({"/etc/evil": b""}, folder=""), {}, "unsafe"),
    "a Windows path": (lambda: zipped({**FILES, "..\\..\\evil": b""}), {}, "unsafe"),
    "a symbolic link": (linked, {}, "unsafe"),
    "no model": (lambda: zipped({"README": b"hello"}), {}, "no speech model"),
    "a wrong checksum": (lambda: zipped(FILES), {"sha256": "0" * 64}, "checksum"),
    "too large": (lambda: zipped({**FILES, "big": bytes(5000)}), {"max_bytes": 4000}, "more than"),
    "no language": (lambda: zipped(FILES, folder="unnamed/"), {}, "language"),
    "a strange language": (lambda: zipped(FILES), {"language": "../fr"}, "language"),
}


@pytest.mark.parametrize(("content", "options", "words"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_installed_leaves_nothing(content, options, words: str, tmp_path: Path, models_dir: Path):
    path = tmp_path / "download.zip"
    path.write_bytes(content())
    with pytest.raises(ModelError, match=words) as caught:
        install_model(path, models_dir, **options)
    assert caught.value.remedy
    assert names_in(models_dir) == []
    assert not (tmp_path / "evil").exists()


def test_a_path_that_is_not_there(models_dir: Path, tmp_path: Path):
    with pytest.raises(ModelError, match="no file or folder"):
        install_model(tmp_path / "nowhere.zip", models_dir)


LARGE = zipped({**FILES, "graph/Gr.fst": random.Random(5).randbytes(400_000)})


class _Publisher(http.server.BaseHTTPRequestHandler):
    """Serves a model whole, from where it is asked, cut short, or not at all."""

    asked: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        content = LARGE if "large" in self.path else zipped(FILES)
        if "missing" in self.path:
            self.send_error(404)
            return
        asked = self.headers.get("Range")
        self.asked.append(asked)
        if asked and "whole" not in self.path:
            content = content[int(asked.removeprefix("bytes=").removesuffix("-")) :]
            self.send_response(206 if content else 416)
        else:
            self.send_response(200)
        if "unknown" not in self.path:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if "cut" in self.path else content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Say nothing."""


@pytest.fixture
def publisher() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Publisher) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("path", [f"{NAME}.zip", f"unknown/{NAME}.zip"], ids=["size known", "size unknown"])
def test_a_model_is_downloaded(path: str, publisher: str, models_dir: Path):
    digest = hashlib.sha256(zipped(FILES)).hexdigest()
    assert install_model(f"{publisher}/{path}", models_dir, sha256=digest).name == NAME
    assert names_in(models_dir) == [NAME]


@pytest.mark.parametrize("sha256", [None, "0" * 64], ids=["without a checksum", "with another one"])
def test_a_model_from_an_address_is_taken_with_its_checksum_only(sha256, publisher: str, models_dir: Path):
    with pytest.raises(ModelError, match="checksum"):
        install_model(f"{publisher}/{NAME}.zip", models_dir, sha256=sha256)
    assert names_in(models_dir) == []


@pytest.mark.parametrize(
    ("path", "words"),
    [("missing.zip", "could not be downloaded"), (f"cut/{NAME}.zip", "could not be downloaded|broke off")],
    ids=["missing", "cut short"],
)
def test_a_failed_download_leaves_nothing_that_looks_like_a_model(
    path: str, words: str, publisher: str, models_dir: Path
):
    with pytest.raises(ModelError, match=words):
        install_model(f"{publisher}/{path}", models_dir, sha256="0" * 64)
    assert names_in(models_dir) == []


def test_what_came_before_a_download_broke_off_is_not_fetched_again(publisher: str, models_dir: Path):
    digest = hashlib.sha256(LARGE).hexdigest()
    with pytest.raises(ModelError, match=r"could not be downloaded|broke off"):
        install_model(f"{publisher}/large/cut/{NAME}.zip", models_dir, sha256=digest)
    assert [model.demo for model in installed_models(models_dir)] == [True]
    kept = (models_dir / FOLDER / digest).stat().st_size
    assert 100_000 < kept < len(LARGE)
    _Publisher.asked.clear()
    assert install_model(f"{publisher}/large/{NAME}.zip", models_dir, sha256=digest).size > 400_000
    assert _Publisher.asked == [f"bytes={kept}-"]
    assert names_in(models_dir) == [NAME]


@pytest.mark.parametrize("path", [f"{NAME}.zip", f"whole/{NAME}.zip"], ids=["from there", "only from the beginning"])
@pytest.mark.parametrize("left", [1, 100, len(zipped(FILES))], ids=["a byte", "a part", "all"])
def test_a_download_goes_on_where_it_broke_off(left: int, path: str, publisher: str, models_dir: Path):
    content = zipped(FILES)
    digest = hashlib.sha256(content).hexdigest()
    (models_dir / FOLDER).mkdir(parents=True)
    (models_dir / FOLDER / digest).write_bytes(content[:left])
    _Publisher.asked.clear()
    assert install_model(f"{publisher}/{path}", models_dir, sha256=digest).name == NAME
    assert _Publisher.asked == [f"bytes={left}-"]
    assert names_in(models_dir) == [NAME]


def test_what_an_earlier_try_left_false_is_fetched_anew(publisher: str, models_dir: Path):
    content = zipped(FILES)
    digest = hashlib.sha256(content).hexdigest()
    (models_dir / FOLDER).mkdir(parents=True)
    (models_dir / FOLDER / digest).write_bytes(b"of another time" + bytes(200))
    with pytest.raises(ModelError, match="checksum"):
        install_model(f"{publisher}/{NAME}.zip", models_dir, sha256=digest)
    assert install_model(f"{publisher}/{NAME}.zip", models_dir, sha256=digest).name == NAME


def _refusing(model: SpeechModel) -> None:
    assert (model.name, model.language, model.path.is_dir()) == (NAME, "fr", True)
    raise ModelError("It hears nothing.", "Choose another model.")


def test_a_model_that_is_no_use_does_not_take_the_place_of_the_old_one(archive: Path, models_dir: Path, tmp_path: Path):
    install_model(archive, models_dir)
    newer = tmp_path / "newer" / f"{NAME}.zip"
    newer.parent.mkdir()
    newer.write_bytes(zipped(FILES | {"graph/HCLG.fst": b"another graph"}))
    with pytest.raises(ModelError, match="hears nothing"):
        install_model(newer, models_dir, replace=True, attempt=_refusing)
    assert (models_dir / NAME / "graph/HCLG.fst").read_bytes() == b"graph"
    tried: list[SpeechModel] = []
    install_model(newer, models_dir, replace=True, attempt=tried.append)
    assert (models_dir / NAME / "graph/HCLG.fst").read_bytes() == b"another graph"
    assert names_in(models_dir) == [NAME]
    assert len(tried) == 1


def test_a_model_that_does_not_load_is_refused_before_it_takes_a_place(archive: Path, models_dir: Path):
    with pytest.raises(ModelError, match="is no use here"):
        install_model(archive, models_dir, attempt=must_hear("fr"))
    assert names_in(models_dir) == []


@needs_voice
def test_a_model_that_hears_its_sentence_takes_its_place(models_dir: Path):
    told: list[str] = []
    assert install_model(DEMO_MODEL.path, models_dir, attempt=must_hear("fr", told.append)).name == DEMO_MODEL.name
    assert "it heard" in told[0]


LANGUAGES = {
    "vosk-model-small-fr-0.22": "fr",
    "vosk-model-fr-0.22": "fr",
    "vosk-model-en-us-0.22-lgraph": "en",
    "vosk-model-small-pt-0.3": "pt",
    "vosk-fr-demo": "fr",
    "model": "",
    "": "",
}


@pytest.mark.parametrize(("name", "language"), LANGUAGES.items())
def test_the_language_stands_in_the_name(name: str, language: str):
    assert language_in_name(name) == language


def test_a_model_that_states_no_rate_wants_sixteen_thousand(folder: Path):
    (folder / "conf/mfcc.conf").write_text("--num-ceps=30\n")
    assert describe_model(folder).rate == 16_000


def test_the_first_layout_of_models_is_known_too(tmp_path: Path):
    flat = tmp_path / "vosk-model-en-old"
    flat.mkdir()
    (flat / "final.mdl").write_bytes(b"model")
    (flat / "mfcc.conf").write_text("--sample-frequency=8000\n")
    assert [model.name for model in installed_models(tmp_path) if not model.demo] == ["vosk-model-en-old"]


def test_the_demo_model_comes_along_and_is_announced(models_dir: Path):
    [demo] = installed_models(models_dir)
    assert (demo.name, demo.language, demo.rate, demo.demo) == ("vosk-fr-demo", "fr", 8000, True)
    assert demo.path == PACKAGED / "vosk-fr-demo"


def _model(name: str, size: int, *, language: str = "fr", demo: bool = False) -> SpeechModel:
    return SpeechModel(name, Path(name), language, 16_000, size, demo)


BEST = {
    "none": ([], None),
    "only another language": ([_model("en", 9, language="en")], None),
    "the only one": ([_model("a", 1)], "a"),
    "the larger": ([_model("a", 1), _model("b", 2)], "b"),
    "a real one before a demo": ([_model("demo", 9, demo=True), _model("a", 1)], "a"),
    "a demo before none": ([_model("demo", 9, demo=True), _model("en", 9, language="en")], "demo"),
}


@pytest.mark.parametrize(("models", "name"), BEST.values(), ids=BEST)
def test_the_best_model_is_chosen(models: list[SpeechModel], name: str | None):
    best = best_for("fr", models)
    assert (best.name if best else None) == name


def test_no_model_for_a_language_names_the_remedy(models_dir: Path):
    with pytest.raises(EngineMissing) as caught:
        model_for("br", models_dir)
    assert "portevoix models install" in caught.value.remedy
    assert caught.value.retryable
