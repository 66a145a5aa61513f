"""What a telephone sends is read for what it is, by the real engines: a photographed page, voice memos of each kind."""

import shutil
import subprocess
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from config.enums import Channel, Reading, StepKind, TextOrigin
from inbox.contributions.text_versions import current_text
from inbox.listings.ledger import count_ledger
from inbox.models import Contribution, Part
from tests.demo.samples import Call, Photo
from tests.demo.sheets import photographed
from tests.demo.voices import telephone_wav
from tests.fixtures_mail import take_in_mail
from tests.workers.test_runners import do_all
from transcription.base.values import Doubt
from workers.runtime.worker_context import WorkerContext

SAID = "il faudrait planter des arbres sur la place du marché"
WRITTEN = "Un passage piéton devant la pharmacie."


def a_mail(content: bytes, kind: str, name: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = "Lea <lea@maison.example>", "avis@ville.example"
    message.set_content("Envoyé de mon iPhone\n")
    main, _, sub = kind.partition("/")
    message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def memo(folder: Path, name: str) -> bytes:
    """A recording as telephones encode it, by the name's ending."""
    path = folder / name
    wav = telephone_wav(Call(name="memo", sender="+33639980052", says=SAID))
    subprocess.run(["ffmpeg", "-v", "error", "-i", "-", str(path)], input=wav, check=True, timeout=60)
    return path.read_bytes()


MEMOS = {
    "an iPhone's": ("Nouvel enregistrement 3.m4a", "audio/x-m4a", "audio/mp4"),
    "WhatsApp's": ("PTT-20260312-WA0001.opus", "application/octet-stream", "audio/ogg"),
    "a dictaphone's": ("VOICE_001.MP3", "audio/mp3", "audio/mpeg"),
}


@pytest.mark.parametrize(("name", "claimed", "played"), MEMOS.values(), ids=MEMOS)
def test_a_voice_memo_is_heard(workshop: WorkerContext, tmp_path: Path, name: str, claimed: str, played: str) -> None:
    for program in ("espeak-ng", "ffmpeg"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed: make setup")
    text, medium = read(workshop, a_mail(memo(tmp_path, name), claimed, name), StepKind.READ_SPEECH)
    assert SAID in text.lower()
    assert medium == played


def test_a_photographed_page_is_read(workshop: WorkerContext) -> None:
    if shutil.which("tesseract") is None:
        pytest.skip("tesseract is not installed: make setup")
    picture = photographed(Photo(title="Bonjour", says=WRITTEN), "page")
    text, medium = read(workshop, a_mail(picture, "application/octet-stream", "IMG_2041"), StepKind.READ_PAGES)
    assert text.split() == ["Bonjour", *WRITTEN.split()]
    assert medium == "image/jpeg"


def read(here: WorkerContext, raw: bytes, kind: StepKind) -> tuple[str, str]:
    """Take a mail in and read it; its contribution's text, and what its file is shown as."""
    with here.store.write() as session:
        take_in_mail(session, account="avis", raw=raw, digest="d", addressed_to="avis@ville.example")
    do_all(here, StepKind.TAKE_APART)
    do_all(here, kind)
    with here.store.read() as session:
        part = session.scalars(select(Part)).one()
        # A compressed breath may come out as a word before the first: then it is marked, and a person listens.
        assert part.channel is Channel.EMAIL
        assert part.reading is Reading.READ or part.reading_reason == Doubt.PERHAPS_NOISE.value
        assert count_ledger(session).balanced
        wording = current_text(session, session.scalars(select(Contribution)).one())
        assert wording is not None
        assert wording.origin is TextOrigin.MACHINE
        return wording.body, part.media[0].content_type
