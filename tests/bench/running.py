"""Processes of a gateway that is measured, and its settings."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SETTINGS = """
town = "ville-exemple"
public_url = "{public_url}"
languages = ["fr", "en"]
database_url = "{database}"
[web]
port = {port}
[twilio]
account_sid = "{account}"
auth_tokens = ["{token}"]
receives = "{number}"
sender = "{number}"
"""


@contextmanager
def process(module: str, *arguments: str, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """One of our modules as a process, until the end of the block."""
    running = subprocess.Popen(
        [sys.executable, "-m", module, *arguments], env={**os.environ, **(env or {})}, stderr=subprocess.DEVNULL
    )
    try:
        yield running
    finally:
        running.terminate()
        running.wait(15)
