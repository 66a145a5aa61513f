"""What ``make test`` leaves out: further cases of its kinds, and thousands of examples instead of dozens."""

from __future__ import annotations

import os
import subprocess
import sys

MINUTES = 60
DRAWN = ("tests/gateway/test_forgeries.py", "tests/inbox/test_histories.py", "tests/channels/test_conservation.py")
"""The tests whose examples are drawn: run whole, with the profile that draws 2000."""


def cases() -> None:
    """Run both by pytest."""
    _pytest("--soak")
    _pytest(*DRAWN, profile="soak")


def _pytest(*arguments: str, profile: str = "dev") -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--quiet", "--numprocesses", "auto", "--dist", "loadfile", *arguments],
        env={**os.environ, "HYPOTHESIS_PROFILE": profile},
        timeout=MINUTES * 60,
        check=False,
    )
    assert done.returncode == 0, "a case did not hold"
