"""The demo's samples: complete, readable by the machines that read them, and nothing canned."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import Counter
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from vosk import KaldiRecognizer, Model, SetLogLevel

from config.enums import Channel
from tests.demo.desk import shows_number
from tests.demo.letters import letter
from tests.demo.phrases import CHANNELS, ENGLISH, FRENCH, in_words, spoken_language
from tests.demo.samples import Call, Page, Photo, Samples, read_samples, spoken_words
from tests.demo.sheets import photographed, scanned
from tests.demo.voices import telephone_wav

MODEL = Path(__file__).parents[2] / "transcription/models_packaged/vosk-fr-demo"
SAMPLES = read_samples()


def need(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed: make setup")


@pytest.fixture(scope="module")
def model() -> Model:
    SetLogLevel(-1)
    return Model(str(MODEL))


def hear(model: Model, wav: bytes) -> str:
    recogniser = KaldiRecognizer(model, 8000)
    recogniser.AcceptWaveform(wav[44:])
    return str(json.loads(recogniser.FinalResult())["text"])


def read(picture: Path) -> str:
    command = ["tesseract", str(picture), "-", "-l", "fra"]
    return " ".join(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def test_every_channel_speaks_at_least_twice() -> None:
    counts = Counter(sample.channel for sample in SAMPLES.all)
    assert set(counts) == set(Channel)
    assert min(counts.values()) >= 2


def test_the_model_knows_every_spoken_word() -> None:
    known = {line.split()[0] for line in (MODEL / "graph/words.txt").read_text(encoding="utf-8").splitlines()}
    unknown = {call.name: [word for word in spoken_words(call.says) if word not in known] for call in SAMPLES.call}
    assert unknown == {call.name: [] for call in SAMPLES.call}


@pytest.mark.parametrize("call", SAMPLES.call, ids=lambda call: call.name)
def test_voices_are_heard(model: Model, call: Call) -> None:
    need("espeak-ng")
    need("ffmpeg")
    wav = telephone_wav(call)
    assert wav == telephone_wav(call), "the same sample gives the same bytes"
    said, heard = spoken_words(call.says), hear(model, wav).split()
    assert sum((Counter(said) & Counter(heard)).values()) >= 0.85 * len(said), " ".join(heard)


def test_another_sentence_is_heard_otherwise(model: Model) -> None:
    need("espeak-ng")
    need("ffmpeg")
    other = SAMPLES.call[0].model_copy(update={"says": "la piscine est superbe mais elle ferme trop tôt"})
    assert "piscine" in hear(model, telephone_wav(other))


@pytest.mark.parametrize("page", SAMPLES.page, ids=lambda page: page.name)
def test_pages_are_read(page: Page, tmp_path: Path) -> None:
    need("tesseract")
    as_picture = tmp_path / "page.jpeg"
    as_picture.write_bytes(scanned(page.model_copy(update={"file": "jpeg"})))
    assert " ".join(page.says.split()) in read(as_picture)
    assert scanned(page) == scanned(page) or page.file == "pdf"  # a PDF says when it was made


def test_photos_are_read(tmp_path: Path) -> None:
    need("tesseract")
    (photo,) = [mail.photo for mail in SAMPLES.mail if mail.photo is not None]
    picture = tmp_path / "photo.jpeg"
    picture.write_bytes(photographed(photo, "photo"))
    assert " ".join(photo.says.split()) in read(picture)


def test_letters_quote_and_attach() -> None:
    mail = SAMPLES.mail[0].model_copy(update={"photo": Photo(says="Un mot"), "quotes": "La question\nLa mairie"})
    made = message_from_bytes(letter(mail, "a@b.example", "c@d.example").as_bytes(), policy=policy.default)
    assert isinstance(made, EmailMessage)
    body = made.get_body(("plain",))
    assert body is not None
    assert body.get_content().endswith("a écrit :\n\n> La question\n> La mairie\n")
    assert [part.get_content_type() for part in made.iter_attachments()] == ["image/jpeg"]


WRONG = [
    pytest.param({"text": [{"name": "a", "sender": "0612", "says": ["x"]}]}, "sender", id="a number without country"),
    pytest.param({"page": [{"name": "a", "says": "x", "skw": 1}]}, "skw", id="a misspelt field"),
    pytest.param(
        {"page": [{"name": "a", "says": "x"}, {"name": "a", "says": "y"}]}, "a occurs again", id="a name twice"
    ),
    pytest.param({}, "nobody", id="nothing at all"),
]


@pytest.mark.parametrize(("content", "named"), WRONG)
def test_wrong_samples_are_named(content: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        Samples.model_validate(content)


def test_both_languages_say_the_same_things() -> None:
    assert FRENCH.keys() == ENGLISH.keys()
    assert CHANNELS["fr"].keys() == CHANNELS["en"].keys() == set(Channel)
    fields = re.compile(r"\{\w+\}")
    assert {key: fields.findall(said) for key, said in FRENCH.items()} == {
        key: fields.findall(said) for key, said in ENGLISH.items()
    }


LOCALES = [
    pytest.param({}, "fr", id="none"),
    pytest.param({"LANG": "C.UTF-8"}, "fr", id="C"),
    pytest.param({"LANG": "en_GB.UTF-8"}, "en", id="English"),
    pytest.param({"LANG": "en_GB.UTF-8", "LC_ALL": "fr_FR.UTF-8"}, "fr", id="LC_ALL wins"),
    pytest.param({"LANG": "de_DE.UTF-8"}, "fr", id="neither"),
]


@pytest.mark.parametrize(("environment", "language"), LOCALES)
def test_language(environment: dict[str, str], language: str) -> None:
    assert spoken_language(environment) == language
    assert in_words(3.25, "fr") == "3,2 s"


NUMBERS = [
    pytest.param("No 482 915 307 : bien arrivé", True, id="grouped"),
    pytest.param("SUIVI 482915307.", True, id="plain"),
    pytest.param("482\u202f915\u00a0307", True, id="with other spaces"),
    pytest.param("Votre numéro : 4, 8, 2… 9, 1, 5… 3, 0, 7. Nous répétons", True, id="to be spoken"),
    pytest.param("1482 915 307", False, id="the end of a longer one"),
    pytest.param("482 915 308", False, id="another"),
]


@pytest.mark.parametrize(("text", "shown"), NUMBERS)
def test_shows_number(text: str, shown: bool) -> None:
    assert shows_number(text, "482915307") is shown
