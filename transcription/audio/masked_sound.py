"""Copies of recordings: with a tone over parts, so that nothing said there is left; and as every telephone plays them.

In the latter a voice can be altered, so that it is not known by ear.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable
from io import BufferedRandom
from pathlib import Path

from transcription.audio.sound import Decoded, SpeechLimits, decode_sound
from transcription.base.programs import run_program
from transcription.base.values import EngineCrashed

MASKED_SOUND_TYPE = "audio/mpeg"
RATE = 16_000
"""Samples a second of the copy: all there is in a telephone's speech, and most of a voice."""
AROUND = 0.15
"""Seconds covered before and after a word: engines know where a word begins to about a tenth of a second."""
_TONE_HERTZ, _LOUDNESS = 1000, 3000
_FADE = 80
"""Samples over which the tone swells and fades, so that it does not crack."""

TELEPHONE_RATE = 16_000
"""Samples a second: a telephone carries half of it, a page plays all."""
LOWER, HIGHER = 0.78, 1.28
"""By how much an altered voice is shifted, its resonances with it: some four semitones down, or up."""

Span = tuple[float, float]
"""Seconds in the recording: from, to."""


def mask_sound(path: Path, spans: Iterable[Span], workdir: Path, limits: SpeechLimits | None = None) -> Path:
    """An MP3 file in ``workdir``: the recording in one channel, a tone over each span, what is known of it left out.

    Raises what ``decode`` does, and ``EngineCrashed`` where the copy cannot be written.
    """
    limits = limits or SpeechLimits()
    pcm, masked = workdir / f"{path.name}.pcm", workdir / f"{path.name}-masked.mp3"
    decode_sound(path, pcm, RATE, limits)
    with pcm.open("r+b") as samples:
        for start, end in spans:
            _cover(samples, start - AROUND, end + AROUND, pcm.stat().st_size // 2)
    if not _write_mp3(pcm, masked, RATE, ("-b:a", "64k"), limits):
        raise EngineCrashed("ffmpeg could not write a masked copy.")
    return masked


def _cover(samples: BufferedRandom, start: float, end: float, count: int) -> None:
    first, last = max(0, round(start * RATE)), min(count, round(end * RATE))
    if last <= first:
        return
    samples.seek(2 * first)
    samples.write(_tone(last - first).tobytes())


def _tone(count: int) -> array[int]:
    step = 2 * math.pi * _TONE_HERTZ / RATE
    swell = (min(1.0, at / _FADE, (count - at) / _FADE) for at in range(count))
    return array("h", (round(_LOUDNESS * loud * math.sin(step * at)) for at, loud in enumerate(swell)))


def make_telephone_sound(
    path: Path, workdir: Path, limits: SpeechLimits | None = None, *, longest: float, shift: float = 1.0
) -> tuple[Path | None, Decoded]:
    """An MP3 in one channel, as loud as the others, nothing known of where it was recorded; and what it was.

    None is made of what lasts more than ``longest`` seconds. ``shift`` other than 1 alters the voice at the same
    speed. Raises what ``decode_sound`` does, and ``EngineCrashed`` where it cannot be written.
    """
    limits = limits or SpeechLimits()
    pcm, made = workdir / f"{path.name}.pcm", workdir / f"{path.name}-made.mp3"
    decoded = decode_sound(path, pcm, TELEPHONE_RATE, limits)
    if decoded.seconds > longest:
        pcm.unlink()
        return None, decoded
    filters = ["loudnorm=I=-19:TP=-2", f"aresample={TELEPHONE_RATE}"]
    if shift != 1.0:
        filters = [
            f"asetrate={round(TELEPHONE_RATE * shift)}",
            f"aresample={TELEPHONE_RATE}",
            f"atempo={1 / shift:.4f}",
            *filters,
        ]
    if not _write_mp3(pcm, made, TELEPHONE_RATE, ("-af", ",".join(filters), "-b:a", "32k"), limits):
        raise EngineCrashed("ffmpeg could not write sound for telephones.")
    return made, decoded


def _write_mp3(pcm: Path, target: Path, rate: int, options: Iterable[str], limits: SpeechLimits) -> bool:
    """Encode samples in one channel and remove them; nothing but the sound is kept. Whether that could be done."""
    finished = run_program(
        [
            *("ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-loglevel", "error", "-threads", "1"),
            *("-f", "s16le", "-ar", str(rate), "-ac", "1", "-i", f"file:{pcm.absolute()}"),
            *("-map_metadata", "-1", *options, "-f", "mp3", "-y", f"file:{target.absolute()}"),
        ],
        seconds=limits.open_seconds,
        memory_mb=limits.memory_mb,
        reads=[pcm],
        writes=[target.parent],
    )
    pcm.unlink()
    return not finished.code and target.is_file()
