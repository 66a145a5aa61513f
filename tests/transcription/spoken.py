"""Clips of synthetic speech, the same for the same seed: what residents say, in many voices, as telephones carry it.

Spoken by espeak-ng from the parts of sentences below, all of whose words the demo model knows.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np

VOICES = tuple(
    f"{accent}{variant}"
    for accent in ("fr", "fr-be", "fr-ch")
    for variant in ("", *(f"+f{n}" for n in range(1, 6)), *(f"+m{n}" for n in range(1, 8)))
)
_GREETINGS = ("bonjour", "bonjour madame", "oui bonjour", "bonsoir", "bonjour à tous", "allô bonjour")
_CLAIMS = (
    "je vous appelle parce que {} est {}",
    "je voudrais vous dire que {} est {}",
    "je voulais signaler que {} est {}",
    "mon voisin trouve que {} est {}",
    "je constate que {} est encore {}",
)
_THINGS = (
    ("le lampadaire devant chez moi", "éteint"),
    ("le trottoir devant l'école", "trop étroit"),
    ("la piste cyclable", "dangereuse"),
    ("la bibliothèque", "fermée le lundi"),
    ("le banc près de l'arrêt de bus", "cassé"),
    ("la fontaine sur la place du marché", "sale"),
    ("le parc", "superbe"),
    ("l'ascenseur de la gare", "bloqué"),
    ("la poubelle rue de siam", "pleine"),
    ("le passage piéton rue jean jaurès", "mal placé"),
    ("la cantine", "trop chère"),
    ("l'aire de jeux", "inondée"),
)
_SINCE = ("depuis deux semaines", "depuis hier", "depuis un mois", "tous les jours", "depuis longtemps", "")
_WISHES = (
    "il faudrait planter des arbres",
    "je voudrais plus de bancs à l'ombre",
    "les bus ne passent pas assez souvent",
    "on a peur de traverser",
    "les scooters font trop de bruit le soir",
    "il faudrait un médecin dans notre quartier",
    "est ce que vous pourriez réparer le toboggan",
    "ma mère ne peut pas monter sur le trottoir",
    "les poubelles débordent depuis une semaine",
    "je propose d'ouvrir un café pour les retraités",
)
_GOODBYES = ("merci", "merci beaucoup", "au revoir", "merci de me rappeler", "bonne journée", "je vous remercie")

# What happens to the sound between a mouth and our door: ffmpeg's filters and the codec of the file.
CLEAN = (".wav", ("-ar", "8000"))
CONDITIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "PCM": CLEAN,
    "mu-law": (".wav", ("-ar", "8000", "-c:a", "pcm_mulaw")),
    "A-law": (".wav", ("-ar", "8000", "-c:a", "pcm_alaw")),
    "MP3": (".mp3", ("-ar", "8000", "-c:a", "libmp3lame", "-b:a", "16k")),
    "GSM": (".wav", ("-ar", "8000", "-c:a", "libgsm_ms")),
    "Opus": (".ogg", ("-ar", "8000", "-c:a", "libopus", "-b:a", "12k")),
    "telephone band": (".wav", ("-af", "highpass=f=300,lowpass=f=3400", "-ar", "8000", "-c:a", "pcm_mulaw")),
    "soft": (".wav", ("-af", "volume=-25dB", "-ar", "8000", "-c:a", "pcm_mulaw")),
}
NOISES = {
    "hiss": "anoisesrc=c=white:a=0.01:r=8000:d=120:seed=5",
    "street": "anoisesrc=c=brown:a=0.08:r=8000:d=120:seed=6",
    "hum": "sine=f=100:r=8000:d=120,volume=0.25",
}


@dataclass(frozen=True)
class Clip:
    """A sentence and who says it how; ``carrier`` and ``noise`` are names of ``CONDITIONS`` and ``NOISES``."""

    says: str
    voice: str
    speed: int
    pitch: int
    carrier: str = "PCM"
    noise: str = ""

    def write(self, path: Path) -> Path:
        """Speak it into a file named ``path`` and a fitting suffix."""
        spoken = path.with_suffix(".spoken.wav")
        voice = ["-v", self.voice, "-s", str(self.speed), "-p", str(self.pitch)]
        subprocess.run(["espeak-ng", *voice, "-w", str(spoken), self.says], check=True, timeout=60)
        suffix, options = CONDITIONS[self.carrier]
        target = path.with_suffix(suffix)
        mixed: tuple[str, ...] = ()
        if self.noise:
            mix = f"{NOISES[self.noise]}[n];[0:a]aresample=8000[s];[s][n]amix=inputs=2:duration=first:normalize=0"
            mixed = ("-filter_complex", mix)
            # One stream can have only one kind of filter; the band is a codec's matter then.
            options = tuple(option for option in options if not option.startswith(("-af", "highpass", "volume")))
        command = ["ffmpeg", "-y", "-loglevel", "error", "-i", str(spoken), *mixed, *options, str(target)]
        subprocess.run(command, check=True, timeout=60)
        spoken.unlink()
        return target


def clips(count: int, seed: int = 20) -> list[Clip]:
    """So many clean clips of one to three sentences."""
    random = np.random.default_rng(seed)

    def one_of(choices: Sequence[str]) -> str:
        return choices[int(random.integers(len(choices)))]

    found = []
    for _ in range(count):
        thing = _THINGS[random.integers(len(_THINGS))]
        parts = [one_of(_GREETINGS), one_of(_CLAIMS).format(*thing), one_of(_SINCE), one_of(_WISHES), one_of(_GOODBYES)]
        kept = [part for part in parts if part and random.random() < 0.75] or parts[:2]
        found.append(
            Clip(
                says=" ".join(kept),
                voice=one_of(VOICES),
                speed=int(random.integers(125, 175)),
                pitch=int(random.integers(30, 70)),
            )
        )
    return found


def alone(seed: int = 30) -> list[Clip]:
    """« oui » and « non » by themselves: every voice through every codec, and over a hum and a hiss.

    How fast and how high each is said is drawn by the seed.
    """
    random = np.random.default_rng(seed)
    ways = [*((carrier, "") for carrier in CONDITIONS), ("mu-law", "hum"), ("mu-law", "hiss")]
    return [
        Clip(word, voice, int(random.integers(115, 170)), int(random.integers(30, 70)), carrier, noise)
        for word, voice, (carrier, noise) in product(("oui", "non"), VOICES, ways)
    ]


def carried(plain: Sequence[Clip]) -> list[Clip]:
    """The same sentences, codecs and noises dealt out in turn."""
    noises = ("", *NOISES)
    carriers = list(CONDITIONS)
    return [
        replace(clip, carrier=carriers[number % len(carriers)], noise=noises[number // len(carriers) % len(noises)])
        for number, clip in enumerate(plain)
    ]


def write_all(wanted: Sequence[Clip], folder: Path) -> list[Path]:
    """Each clip in a file of its own, in their order."""
    with ThreadPoolExecutor(max_workers=2) as two:
        return list(two.map(lambda pair: pair[1].write(folder / f"clip-{pair[0]:04d}"), enumerate(wanted)))
