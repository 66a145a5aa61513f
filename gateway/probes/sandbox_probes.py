"""What keeps a hostile file from doing harm on this machine: which layers of the sandbox its kernel allows."""

from __future__ import annotations

from config.probe import Probe, Unavailable, program_version
from config.sandbox import bubblewrap, landlock, seccomp
from config.sandbox.layers import BubblewrapUse
from config.settings.loader import Settings


def sandbox_probes(settings: Settings) -> list[Probe]:
    """One for each layer; docs/sandbox.md says what is in reach without it."""
    return [
        Probe(
            "Landlock",
            "Keeps keys, settings and other files out of reach of what reads a file.",
            _landlock,
            "run a kernel of 5.13 or later with landlock in its list of lsm=; from 6.12 on it bounds signals, too",
        ),
        Probe(
            "seccomp",
            "Keeps network and kernel out of reach of what reads a file.",
            _seccomp,
            "run a kernel with CONFIG_SECCOMP_FILTER on x86_64 or aarch64",
        ),
        Probe(
            "bubblewrap",
            "Lets what reads a file see nothing else at all.",
            lambda: _bubblewrap(settings.sandbox.bubblewrap),
            "apt-get install bubblewrap; where it is refused namespaces, docs/sandbox.md says what to allow; or set "
            "sandbox.bubblewrap to off, to do without",
        ),
    ]


def _landlock() -> str:
    known = landlock.landlock_version()
    if known == 0:
        raise Unavailable("this kernel has none")
    if known < landlock.SIGNALS_BOUNDED:
        return f"version {known}, which bounds no signals: seccomp does"
    return f"version {known}"


def _seccomp() -> str:
    if not seccomp.is_available():
        raise Unavailable("this kernel has none, or its processor is not known here")
    return "filters system calls"


def _bubblewrap(use: BubblewrapUse) -> str:
    if use is BubblewrapUse.OFF:
        return "is off in the settings"
    if why_not := bubblewrap.why_bubblewrap_fails():
        raise Unavailable(
            why_not if use is BubblewrapUse.AUTO else f"{why_not}, and the settings demand it: no file is read"
        )
    return program_version(["bwrap", "--version"])
