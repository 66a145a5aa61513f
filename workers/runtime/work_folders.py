"""The private folders in which steps read media in the clear: made here, and recognised here by their names."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inbox.jobs.steps import Lease

_NAME = re.compile(r"step-(\d+)-(\d+)-")


@contextmanager
def work_folder(parent: Path, lease: Lease) -> Iterator[Path]:
    """A private folder for media in the clear; the sweeper removes what a killed worker leaves, by its name."""
    folder = Path(tempfile.mkdtemp(prefix=f"step-{lease.step_id}-{lease.token}-", dir=parent))
    before = tempfile.tempdir, os.environ.get("TMPDIR")
    # Readers and the programs they start make temporary files of their own: these belong in here too.
    tempfile.tempdir, os.environ["TMPDIR"] = str(folder), str(folder)
    try:
        yield folder
    finally:
        tempfile.tempdir = before[0]
        if before[1] is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before[1]
        shutil.rmtree(folder, ignore_errors=True)


def lease_of_folder(folder: Path) -> tuple[int, int] | None:
    """The step's id and the lease's token for which a folder was made; None for what is no such folder."""
    named = _NAME.match(folder.name)
    return None if named is None else (int(named[1]), int(named[2]))
