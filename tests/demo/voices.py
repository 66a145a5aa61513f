"""Speech as it leaves an answering machine: espeak-ng, then a telephone line.

The line is a band of 300 to 3400 Hz at 8 kHz (ITU-T G.712), mu-law (G.711) and a little noise; the provider hands
out WAV files of 16 bits. The same sample always gives the same bytes.
"""

from __future__ import annotations

import io
import subprocess
import wave
import zlib

import numpy as np
import numpy.typing as npt

from tests.demo.samples import Call

RATE = 8000
_BAND = "highpass=f=300,lowpass=f=3400"
_MU = 255.0

Sound = npt.NDArray[np.float64]


def telephone_wav(call: Call) -> bytes:
    """The WAV file (8 kHz, mono, 16 bits) of a call."""
    spoken = _into_band(_speak(call))
    pause = np.zeros(RATE * 7 // 10)
    sound = np.concatenate([pause, 0.5 * spoken / max(1e-9, float(np.abs(spoken).max())), pause])
    loudness = float(np.sqrt(np.mean(np.square(spoken)))) * 0.5 / max(1e-9, float(np.abs(spoken).max()))
    noise = np.random.default_rng(zlib.crc32(call.name.encode())).standard_normal(sound.size)
    return _wav(_mu_law(sound + noise * loudness * 10 ** (-call.noise_db / 20)))


def _speak(call: Call) -> bytes:
    command = ["espeak-ng", "-v", call.voice, "-s", str(call.speed), "-p", str(call.pitch), "--stdout", call.says]
    return subprocess.run(command, capture_output=True, check=True, timeout=30).stdout


def _into_band(wav: bytes) -> Sound:
    command = ["ffmpeg", "-v", "error", "-i", "-", "-af", _BAND, "-ar", str(RATE), "-ac", "1", "-f", "s16le", "-"]
    raw = subprocess.run(command, input=wav, capture_output=True, check=True, timeout=30).stdout
    return np.frombuffer(raw, dtype="<i2").astype(np.float64) / 32768


def _mu_law(sound: Sound) -> Sound:
    """What 8 bits of mu-law leave of a sound between -1 and 1."""
    clipped = np.clip(sound, -1, 1)
    squeezed = np.sign(clipped) * np.log1p(_MU * np.abs(clipped)) / np.log1p(_MU)
    coarse = np.round(squeezed * 127) / 127
    stretched: Sound = np.sign(coarse) * np.expm1(np.abs(coarse) * np.log1p(_MU)) / _MU
    return stretched


def _wav(sound: Sound) -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((sound * 32767).astype("<i2").tobytes())
    return target.getvalue()
