"""Is it installed, which version, what to do: the shape of every probe that ``portevoix doctor`` runs."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from config.sandbox.limited_process import LimitedError, NotInstalled, run_limited

_SECONDS = 20
_MEMORY_MB = 2000
_VERSION = re.compile(r"\bv?(\d+(?:\.\d+)+[\w.+~-]*)")


class Unavailable(Exception):
    """What a check raises when its subject is not usable: the problem, in one line."""


@dataclass(frozen=True)
class Probe:
    """An outside part: ``check`` returns its version or raises; ``remedy`` is what to install or set."""

    name: str
    purpose: str
    check: Callable[[], str]
    remedy: str


@dataclass(frozen=True)
class ProbeResult:
    """What a probe found: ``version`` when ``ok``, else ``problem`` and the ``remedy`` against it."""

    name: str
    purpose: str
    ok: bool
    version: str = ""
    problem: str = ""
    remedy: str = ""

    @property
    def line(self) -> str:
        """One line for the terminal."""
        if self.ok:
            return f"{self.name} {self.version}".rstrip()
        return f"{self.name}: {self.problem}. {self.purpose} To do: {self.remedy}"


def run_probe(probe: Probe) -> ProbeResult:
    """Run a probe; whatever its check raises is a finding, never an error."""
    try:
        return ProbeResult(probe.name, probe.purpose, True, version=probe.check())
    except Exception as error:  # noqa: BLE001  the doctor looks at everything, whatever is wrong with it
        problem = " ".join(str(error).split()) or type(error).__name__
        return ProbeResult(probe.name, probe.purpose, False, problem=problem, remedy=probe.remedy)


def program_version(argv: Sequence[str]) -> str:
    """The version in the first lines a program prints, or ``Unavailable``; some print it on standard error."""
    try:
        done = run_limited(list(argv), seconds=_SECONDS, memory_mb=_MEMORY_MB, output_mb=1)
    except NotInstalled as error:
        raise Unavailable(f"{argv[0]} is not installed") from error
    except LimitedError as error:
        raise Unavailable(str(error)) from error
    said = (done.stdout + b"\n" + done.stderr).decode("utf-8", "replace")
    if done.code != 0:
        raise Unavailable(f"{argv[0]} does not run (exit code {done.code})")
    found = _VERSION.search(said)
    return found[1] if found else (said.strip().splitlines() or ["?"])[0][:80]
