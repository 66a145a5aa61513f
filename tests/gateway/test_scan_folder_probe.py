"""What the doctor says of a scan folder: what lies in it and is not taken in is named, so that nothing is forgotten."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from config.probe import run_probe
from config.settings.loader import Settings
from config.settings.sections.scan_folder_section import ScanFolder
from gateway.probes.doctor import all_probes

LONG_AGO = time.time() - 3 * 86_400

LYING: dict[str, tuple[dict[str, bool], bool, str]] = {
    "nothing": ({}, True, ""),
    "what a system leaves": ({"Thumbs.db": True, ".DS_Store": True}, True, "left alone: .DS_Store, Thumbs.db"),
    "something that is being written": ({"scan.pdf.PART": False}, True, "left alone: scan.pdf.PART"),
    "something that nobody finished": ({"scan.pdf.PART": True}, False, "not taken in: scan.pdf.PART"),
    "a lock that was forgotten": ({"~$lettre.docx": True}, True, "left alone: ~$lettre.docx"),
    "a folder within it": ({"2026-11/": True}, False, "not taken in: 2026-11"),
    "a scan that waits": ({"scan.pdf": True}, True, ""),
}


@pytest.mark.parametrize(("lying", "fine", "said"), LYING.values(), ids=LYING)
def test_a_scan_folder(tmp_path: Path, lying: dict[str, bool], fine: bool, said: str) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    for name, is_old in lying.items():
        path = scans / name
        path.mkdir() if name.endswith("/") else path.write_bytes(b"x")
        if is_old:
            os.utime(path, (LONG_AGO, LONG_AGO))
    settings = Settings(folder=tmp_path, scan_folders=(ScanFolder(path=scans, centre="bellevue"),))
    (probe,) = [
        one for one in all_probes(settings, lambda: pytest.fail("no store is needed")) if "bellevue" in one.name
    ]
    found = run_probe(probe)
    assert found.ok == fine
    assert said in (found.version if fine else found.problem)


def test_a_scan_folder_that_is_not_there(tmp_path: Path) -> None:
    settings = Settings(folder=tmp_path, scan_folders=(ScanFolder(path=tmp_path / "none", centre="bellevue"),))
    (probe,) = [
        one for one in all_probes(settings, lambda: pytest.fail("no store is needed")) if "bellevue" in one.name
    ]
    assert not run_probe(probe).ok
