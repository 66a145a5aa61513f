"""``make bench``: what our steps cost over the bare engines they stand on.

Every row is the median of five interleaved pairs after a warm-up. Absolute seconds depend on
the machine; ratios are what to compare.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import sys
import tempfile
import wave
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

from channels.values import Address, IncomingText
from config.consultation import read_consultation
from config.names import AddressKind
from config.settings import Settings
from gateway.doors import Posted, take_in_text
from inbox import consultations
from inbox.migrations import migrate
from inbox.store import Store
from tests.bench.pairs import ROUNDS, Pair, measure
from tests.demo.samples import Call, Page
from tests.demo.sheets import scanned
from tests.demo.voices import telephone_wav
from transcription import models
from transcription.pages import open_pages
from transcription.print import read_print
from transcription.speech import read_speech
from transcription.speech_engine import SpeechEngine

SAYS = (
    "bonjour je voudrais plus de bancs dans le jardin public pour que les personnes âgées puissent se reposer "
    "il y a trop de bruit le soir à cause des scooters "
    "et les trottoirs sont trop étroits pour passer avec une poussette"
)
TEXTS = 100


@contextlib.contextmanager
def speech_pairs(folder: Path) -> Iterator[list[Pair]]:
    """Our whole speech step against Vosk alone on the decoded sound, both with the model loaded."""
    import vosk

    vosk.SetLogLevel(-1)
    model = models.best_for("fr", models.installed(folder / "models"))
    assert model is not None
    bare_model = vosk.Model(str(model.path))
    once = telephone_wav(Call(name="bench", sender="+33639980099", says=SAYS))
    short, long = folder / "short.wav", folder / "long.wav"
    short.write_bytes(once)
    with wave.open(str(short)) as one, wave.open(str(long), "wb") as many:
        many.setparams(one.getparams())
        frames = one.readframes(one.getnframes())
        times = round(300 / (one.getnframes() / one.getframerate()))
        for _ in range(times):
            many.writeframes(frames)

    def bare(path: Path) -> None:
        recogniser = vosk.KaldiRecognizer(bare_model, model.rate)
        recogniser.SetWords(True)
        with wave.open(str(path)) as sound:
            while piece := sound.readframes(4000):
                recogniser.AcceptWaveform(piece)
        json.loads(recogniser.FinalResult())

    with SpeechEngine(model) as engine:
        yield [
            Pair(name, lambda path=path: read_speech(path, model, engine=engine), lambda path=path: bare(path), note)
            for name, path, note in (
                ("speech, 5 minutes", long, "decode, voice detection, Vosk ÷ Vosk on the decoded sound"),
                ("speech, one message", short, "the same; starting the decoder weighs most here"),
            )
        ]


def print_pair(folder: Path) -> Pair:
    """Our whole reading of a page against Tesseract alone on the same picture."""
    sentence = "Les poubelles débordent tous les samedis après le marché. Il faudrait des bacs plus grands. "
    page = Page(name="bench", door="folder", file="tiff", title="Boîte à idées", says=sentence * 12, skew=1.2, noise=8)
    file = folder / "page.tiff"
    file.write_bytes(scanned(page))

    def ours() -> None:
        with tempfile.TemporaryDirectory(dir=folder) as work:
            for image in open_pages(file, Path(work)):
                read_print(image)

    def bare() -> None:
        environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
        command = ["tesseract", str(file), "-", "-l", "fra+eng", "tsv"]
        subprocess.run(command, env=environment, capture_output=True, check=True)

    return Pair("print, one page", ours, bare, "open, straighten, read ÷ tesseract on the scan as it is")


def text_pair(folder: Path) -> Pair:
    """A hundred texts to durable intakes, each in its own transaction, against files with fsync and rename."""
    settings = Settings(data_dir=folder / "data", keys_dir=folder / "keys", town="bench")
    store = Store.open(settings)
    migrate(store.engine)
    with store.write() as session:
        consultations.import_consultation(session, read_consultation(settings.consultation_files[0]))
    text = IncomingText(
        account="AC" + "0" * 32,
        external_id="",
        sender=Address(AddressKind.PHONE, "+33639980098"),
        addressed_to="+33298000000",
        body="Il faudrait plus de bancs rue de Siam",
    )
    body = urlencode({"Body": text.body, "From": "+33639980098"}).encode()

    def ours() -> None:
        for _ in range(TEXTS):
            with store.write() as session:
                # Everybody writes once: texts of one person in a row would be joined.
                sender = Address(AddressKind.PHONE, f"+336{secrets.randbelow(10**8):08}")
                one = replace(text, external_id="SM" + secrets.token_hex(16), sender=sender)
                take_in_text(session, settings, one, Posted(body, {"path": "/hooks/sms"}))

    target = folder / "files"
    target.mkdir()

    def bare() -> None:
        for _ in range(TEXTS):
            name = secrets.token_hex(16)
            with (target / f".{name}").open("wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            (target / f".{name}").rename(target / name)
            handle = os.open(target, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)

    return Pair(f"{TEXTS} texts", ours, bare, "intake, contribution, reference, receipt queued ÷ a file, fsync, rename")


def main() -> None:
    """Measure every pair and print a table."""
    rounds = int(os.environ.get("ROUNDS", ROUNDS))
    print(f"{'':24}{'ours':>9}{'bare':>9}{'ratio':>8}   least–most of {rounds} pairs")
    with tempfile.TemporaryDirectory(prefix="portevoix-bench-") as name:
        folder = Path(name)
        with speech_pairs(folder) as pairs:
            for pair in [*pairs, print_pair(folder), text_pair(folder)]:
                result = measure(pair, rounds)
                print(
                    f"{pair.name:24}{result.ours:8.2f}s{result.bare:8.2f}s{result.ratio:8.2f}"
                    f"   {result.least:.2f}–{result.most:.2f}   {pair.note}"
                )
                sys.stdout.flush()


if __name__ == "__main__":
    main()
