"""Which layers of the sandbox limited children get: the base where the kernel has it, bubblewrap as it is set.

One choice for a whole process, set at its start: what reads a file knows no settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class BubblewrapUse(StrEnum):
    """Whether children are put into namespaces of their own by bubblewrap."""

    AUTO = "auto"
    """Where it works."""
    OFF = "off"
    REQUIRED = "required"
    """Where it does not work, nothing is read."""


@dataclass(frozen=True)
class SandboxLayers:
    """The layers that are wanted. Only tests leave out one of the base, to see what another holds by itself."""

    bubblewrap: BubblewrapUse = BubblewrapUse.AUTO
    landlock: bool = True
    seccomp: bool = True


class _Chosen:
    def __init__(self) -> None:
        self.layers = SandboxLayers()


_chosen = _Chosen()


def set_sandbox_layers(layers: SandboxLayers) -> None:
    """From now on, limited children of this process get these."""
    _chosen.layers = layers


def current_sandbox_layers() -> SandboxLayers:
    """What limited children of this process get."""
    return _chosen.layers
