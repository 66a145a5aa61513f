"""Which containers of sound and film are opened: all that the installed ffmpeg knows and that hold what they play."""

from __future__ import annotations

from functools import cache

from transcription.base.programs import run_program

_NAMING_OTHERS = frozenset(
    (
        *("concat", "concatf", "hls", "applehttp", "dash", "imf", "mlv", "webm_dash_manifest", "sdp", "rtsp", "rtp"),
        *("sap", "mpjpeg", "avisynth", "vapoursynth", "vobsub", "image2", "image2pipe", "lavfi", "ffmetadata"),
    )
)
"""Playlists and their like: what they name would be another file of this machine, or of the network."""
_LETTERS_AS_FILM = frozenset(("tty", "bin", "xbin", "adf", "idf"))
_PICTURE = "_pipe"
"""How ffmpeg's readers of single pictures end."""
_SECONDS, _MEMORY_MB = 20.0, 1000


@cache
def opened_containers() -> str:
    """The names for ffmpeg's ``-format_whitelist``; raises ``EngineMissing`` where there is no ffmpeg."""
    listed = run_program(
        ["ffmpeg", "-hide_banner", "-demuxers"], seconds=_SECONDS, memory_mb=_MEMORY_MB
    ).stdout.decode()
    # " D  matroska,webm   Matroska / WebM", after a heading that ends with "--" (" ---" since ffmpeg 7).
    lines = [line.split(maxsplit=2) for line in listed.rpartition("--\n")[2].splitlines()]
    entries = [line[1] for line in lines if len(line) > 1 and not line[1].endswith(_PICTURE)]
    left_out = _NAMING_OTHERS | _LETTERS_AS_FILM
    return ",".join(entry for entry in entries if not left_out.intersection(entry.split(",")))
