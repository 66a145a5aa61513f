"""Any recording to one file of mono samples, and whether all of it was there."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from transcription.audio.audio_tracks import Track, mix_tracks
from transcription.audio.truncated_sound import is_endless, is_truncated
from transcription.audio.voice_activity import SAMPLE_BYTES
from transcription.base.containers import opened_containers
from transcription.base.programs import run_program
from transcription.base.values import Doubt, Unread, Unreadable

_LEAST_SECONDS = 0.1
_MOST_TRACKS = 8
_MOST_CHANNELS = 8

USUAL_SECONDS = 420.0
"""Seven minutes: longer recordings may take longer, with Whisper on a busy machine as long as they last."""

_ONE_CHANNEL = re.compile(rb"^ *Stream #0:\d.*: Audio: .*, (?:mono|1 channels)[, (].*$", re.MULTILINE)
_STREAM = re.compile(rb"^ *Stream #0:\d.*: (?:Audio|Video): ", re.MULTILINE)
_DURATION = re.compile(rb"^ *Duration: (\d+):(\d\d):(\d\d\.\d+)", re.MULTILINE)
_GUESSED = b"Estimating duration from bitrate"
_CUT = (
    b"partial file",
    b"Packet corrupt",
    b"File ended prematurely",
    b"ncomplete frame",
    b"runcated",
    b"/output error",
)
"""What ffmpeg says, to its standard error only, when a file ends before its last frame does."""
_BROKEN = (b"Error while decoding", b"Error submitting packet")
_NO_INDEX = b"moov atom not found"
_MISSING_SECONDS = 0.5
_MISSING_SHARE = 0.02
"""What may be missing of the length that a file declares: encoders pad, and round."""


@dataclass(frozen=True, slots=True)
class SpeechLimits:
    """What one recording may cost.

    Seconds and MB to decode it, how many seconds of it are listened to, and how many seconds that
    may take of one that is not longer than ``USUAL_SECONDS``. ``voice_detection`` off hears it all, tones and silence
    included; otherwise silences longer than ``pause_seconds`` are skipped.
    """

    open_seconds: float = 120.0
    memory_mb: int = 2000
    recording_seconds: float = 3660.0
    speech_seconds: float = 900.0
    voice_detection: bool = True
    pause_seconds: float = 3.0

    def speech_seconds_for(self, seconds: float) -> float:
        """How long listening to a recording of so many seconds may take."""
        return self.speech_seconds * max(1.0, seconds / USUAL_SECONDS)


@dataclass(frozen=True, slots=True)
class Decoded:
    """How long the sound is, in seconds, and what is the matter with it."""

    seconds: float
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class _AudioTrack:
    channels: int
    seconds: float | None
    """Its length as the file declares it."""


def decode_sound(path: Path, pcm: Path, rate: int, limits: SpeechLimits) -> Decoded:
    """Write the recording's sound to ``pcm`` as mono 16-bit samples at ``rate``.

    Raises ``Unreadable`` when there is none, and what ``programs.run_program`` raises.
    """
    if path.stat().st_size == 0:
        raise Unreadable(Unread.EMPTY)
    code, said = _decoded(path, 0, 1, pcm, rate, limits)
    about = said.partition(b"\nOutput #")[0]
    declared = _length(about)
    if b": Audio: " in about and not (_ONE_CHANNEL.search(about) and len(_STREAM.findall(about)) == 1):
        # Most recordings are one channel; of any other the tracks are asked for, since they may cancel out.
        tracks = _tracks(path, limits)
        declared = max((track.seconds for track in tracks if track.seconds), default=None)
        if len(tracks) > 1 or tracks[0].channels > 1:
            code, said = _mixed(path, tracks, pcm, rate, limits)
    seconds = pcm.stat().st_size / (rate * SAMPLE_BYTES) if pcm.exists() else 0.0
    cut = (any(words in said for words in _CUT) and not is_endless(path)) or is_truncated(path)
    if seconds < _LEAST_SECONDS:
        raise Unreadable(_why_no_sound(code, said, cut=cut))
    if seconds > limits.recording_seconds:
        return Decoded(seconds, (Doubt.CUT_SHORT,))
    unknown = _GUESSED in said or declared is None
    cut = cut or not (unknown or _is_as_long(seconds, declared or 0))
    damaged = code or any(words in said for words in _BROKEN)
    doubt = Doubt.END_MISSING if cut else Doubt.PARTLY_DAMAGED if damaged else None
    return Decoded(round(seconds, 3), (doubt,) if doubt else ())


def _is_as_long(seconds: float, declared: float) -> bool:
    """Whether the sound is as long as its file declares, but for what encoders pad and round."""
    return declared - seconds <= max(_MISSING_SECONDS, _MISSING_SHARE * declared)


def _decoded(path: Path, track: int, channels: int, pcm: Path, rate: int, limits: SpeechLimits) -> tuple[int, bytes]:
    """Decode one track to so many interleaved channels; ffmpeg's exit code and what it said."""
    finished = run_program(
        [
            *("ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-threads", "1"),
            *_input(path),
            *("-map", f"0:a:{track}", "-vn", "-sn", "-dn", "-ac", str(channels), "-ar", str(rate)),
            *("-t", str(limits.recording_seconds + 1), "-f", "s16le", "-y", f"file:{pcm.absolute()}"),
        ],
        seconds=limits.open_seconds,
        memory_mb=limits.memory_mb,
        reads=[path],
        writes=[pcm.parent],
    )
    return finished.code, finished.stderr


def _input(path: Path) -> list[str]:
    """Containers that hold what they play: playlists would let a file name other files of this machine."""
    return [
        *("-protocol_whitelist", "file", "-format_whitelist", opened_containers()),
        *("-i", f"file:{path.absolute()}"),
    ]


def _length(about: bytes) -> float | None:
    """The seconds that the file declares."""
    found = _DURATION.search(about)
    if found is None:
        return None
    hours, minutes, seconds = map(float, found.groups())
    return 3600 * hours + 60 * minutes + seconds


def _tracks(path: Path, limits: SpeechLimits) -> list[_AudioTrack]:
    """The tracks of sound, at least one."""
    wanted = "stream=codec_type,channels,duration:stream_tags=DURATION:format=duration"
    finished = run_program(
        [
            *("ffprobe", "-v", "error", "-of", "json", "-show_entries", wanted),
            *_input(path),
        ],
        seconds=limits.open_seconds,
        memory_mb=limits.memory_mb,
        reads=[path],
    )
    try:
        said = json.loads(finished.stdout)
    except ValueError:
        said = {}
    streams = said.get("streams", [])
    audio = [stream for stream in streams if stream.get("codec_type") == "audio"]
    whole = said.get("format", {}).get("duration") if len(audio) == len(streams) else None
    tracks = [
        _AudioTrack(
            min(_MOST_CHANNELS if len(audio) == 1 else 2, max(1, int(stream.get("channels", 1)))),
            _seconds(stream.get("duration") or stream.get("tags", {}).get("DURATION") or whole),
        )
        for stream in audio[:_MOST_TRACKS]
    ]
    return tracks or [_AudioTrack(1, None)]


def _seconds(said: str | None) -> float | None:
    """A length as ffprobe gives it: ``5.876`` or ``00:00:05.876``."""
    try:
        return sum(float(piece) * 60.0**place for place, piece in enumerate(reversed((said or "").split(":"))))
    except ValueError:
        return None


def _mixed(path: Path, tracks: list[_AudioTrack], pcm: Path, rate: int, limits: SpeechLimits) -> tuple[int, bytes]:
    """Decode every track and mix them; a track that cannot be decoded is told of by the code."""
    files = [pcm.with_name(f"track-{number}.pcm") for number in range(len(tracks))]
    done = [
        _decoded(path, number, track.channels, file, rate, limits)
        for number, (track, file) in enumerate(zip(tracks, files, strict=True))
    ]
    found = [
        Track(file, track.channels)
        for track, file in zip(tracks, files, strict=True)
        if file.exists() and file.stat().st_size
    ]
    if found:
        mix_tracks(found, pcm, rate)
    for file in files:
        file.unlink(missing_ok=True)
    return max(code for code, _ in done), b"\n".join(said for _, said in done)


def _why_no_sound(code: int, said: bytes, *, cut: bool) -> Unread:
    """What ffmpeg's complaint means; it says the same for a text file and for a destroyed recording."""
    if _NO_INDEX in said or (cut and b": Audio: " in said):
        return Unread.END_MISSING
    if code == 0 or b"matches no streams" in said:
        return Unread.NO_SOUND
    foreign = b"Invalid data found" in said or b"whitelist" in said
    return Unread.NOT_A_RECORDING if foreign else Unread.BROKEN
