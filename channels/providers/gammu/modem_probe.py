"""What ``portevoix doctor`` asks about the modem: its folders, and whether the daemon does its work."""

from __future__ import annotations

import os
import time

from channels.providers.gammu.folders import ERROR, INBOX, OUTBOX, SENT, SET_ASIDE, GammuFolders
from channels.providers.gammu.outbox import own_texts
from config.probe import Probe, Unavailable

WAITS_TOO_LONG = 600.0
"""Seconds after which the daemon should have sent a text of the outbox."""


def modem_probe(folders: GammuFolders) -> Probe:
    """Whether the folders are there, and the daemon sends what lies in them."""
    remedy = "install and start gammu-smsd, let the gateway's user write into its folders, and see docs/gammu.md"
    return Probe("USB modem", "brings and sends texts", lambda: _look(folders), remedy)


def _look(folders: GammuFolders) -> str:
    for name in (INBOX, OUTBOX, SENT, ERROR):
        if not os.access(folder := folders.of(name), os.R_OK | os.W_OK | os.X_OK):
            raise Unavailable(f"{folder} cannot be read and written")
    waiting = list(own_texts(folders.of(OUTBOX)))
    if any(time.time() - one.file.stat().st_mtime > WAITS_TOO_LONG for one in waiting):
        raise Unavailable(f"{len(waiting)} texts wait in the outbox, the oldest for too long")
    aside = folders.of(SET_ASIDE)
    if aside.is_dir() and (left := len(list(aside.iterdir()))):
        raise Unavailable(f"{left} files in {aside} could not be taken in: a person must look at them")
    return f"{len(waiting)} texts wait to be sent"
