"""Every hostile scan through the reader of forms: refused or cut short with a reason, within 512 MB and 30 seconds."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.simulator.sheets import hundred_boxes
from tests.transcription.hostile_scans import HOSTILE
from transcription.base.values import TranscriptionError
from transcription.forms.scanned import open_scans
from transcription.pages.page_images import PageLimits

MOST_MB, MOST_SECONDS = 512, 30.0
_KILOBYTE = 1024
_OFTEN = 0.03
"""Seconds between two looks at what a file costs."""


def read_one(path: Path, workdir: Path) -> dict[str, object]:
    """What becomes of a file, and how long it took; to be asked in a process of its own."""
    began = time.monotonic()
    try:
        said = f"{len(open_scans(path, workdir, [hundred_boxes()], PageLimits(open_seconds=MOST_SECONDS)))} pages"
    except TranscriptionError as error:
        said = str(error)
    return {"said": said, "seconds": round(time.monotonic() - began, 1)}


def tried(name: str, folder: Path) -> dict[str, object]:
    """The same in a process of its own, so that what it costs is this file's alone."""
    path = folder / "scan"
    path.write_bytes(HOSTILE[name]())
    workdir = folder / "pages"
    workdir.mkdir(exist_ok=True)
    asked = [sys.executable, "-m", "tests.soak.hostile", str(path), str(workdir)]
    peak = 0
    with subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        while run.poll() is None:
            peak = max([peak, *map(_peak_of, _below(run.pid))])
            time.sleep(_OFTEN)
        out, errors = run.communicate()
    if run.returncode:
        return {"said": f"CRASHED {errors[-300:]}", "mb": peak // _KILOBYTE, "seconds": 0.0}
    told: dict[str, object] = json.loads(out)
    return told | {"mb": peak // _KILOBYTE}


def _below(pid: int) -> set[int]:
    """A process and all that it started, and they in turn."""
    parents = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(file.parent.name)] = int(file.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue  # it has just ended
    found = {pid}
    while more := {one for one, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _peak_of(pid: int) -> int:
    """The most memory that a process had, kilobytes; 0 where it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")), 0)


def hostile() -> None:
    """Print what becomes of each; none costs too much, none brings the reader down."""
    wrong = []
    for name in HOSTILE:
        with tempfile.TemporaryDirectory(prefix="portevoix-hostile-") as folder:
            told = tried(name, Path(folder))
        print(f"  {name}: {told['said']} ({told['mb']} MB, {told['seconds']} s)", flush=True)
        over = float(str(told["mb"])) > MOST_MB or float(str(told["seconds"])) > MOST_SECONDS + 1
        if over or str(told["said"]).startswith("CRASHED"):
            wrong.append(name)
    print(f"{len(HOSTILE)} hostile files, {len(wrong)} over the limits")
    assert not wrong, f"too costly, or not survived: {'; '.join(wrong)}"


if __name__ == "__main__":
    print(json.dumps(read_one(Path(sys.argv[1]), Path(sys.argv[2]))))
