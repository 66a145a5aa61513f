"""50,000 contributions made sense of and shown as a report; 500,000 rows written as each kind of file, and read back.

``VOICES`` and ``ROWS`` in the environment make them other numbers. What is judged is the time the processor works,
which other work on the machine does not lengthen, and the most memory that a process of its own held while it wrote.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from xml.etree import ElementTree

from inbox.migrations import migrate
from inbox.storage.database import Store
from tests.bench.town import SLUG, fill
from tests.inbox.reports.test_faithful import signed_in
from tests.soak.large_export import open_town
from tests.soak.public import publish_all
from workers.tasks.making_sense import SenseMaker

VOICES, ROWS = int(os.environ.get("VOICES", "50000")), int(os.environ.get("ROWS", "500000"))
MOST_SENSING, MOST_PAGE, MOST_MB = 600.0, 1.0, 200
KINDS = ("csv", "jsonl", "parquet", "xlsx", "ods")
ASKED = 40


def large() -> None:
    """Fill a town, then measure; fails where a promise is not kept."""
    with tempfile.TemporaryDirectory(prefix="portevoix-large-") as name:
        here, wrong = Path(name), list[str]()
        store = open_town(here)
        migrate(store.engine)
        town = fill(store, VOICES)
        publish_all(store)
        first, again = _sensing(store), _sensing(store)
        print(f"  {VOICES} made sense of: {first:.0f} s of work, and with nothing new {again:.1f} s", flush=True)
        client = signed_in(store, here, town.people["elu"])
        page = _page(client.get, f"/reports/{SLUG}")
        print(f"  report page: {page:.2f} s of work (p95 of {ASKED})", flush=True)
        wrong += ["sensing"] if first > MOST_SENSING else []
        wrong += ["report page"] if page > MOST_PAGE else []
        store.close()
        for kind in KINDS:
            file = here / f"rows.{kind}"
            done = subprocess.run(
                [sys.executable, "-m", "tests.soak.large_export", name, kind, str(ROWS)],
                check=True,
                capture_output=True,
                text=True,
            )
            most, back = int(done.stdout), _read_back(file)
            print(
                f"  {kind}: {file.stat().st_size / 1e6:.0f} MB on disk, at most {most} MB held, {back} rows", flush=True
            )
            wrong += [kind] if most > MOST_MB or back != ROWS else []
        assert not wrong, f"too much: {', '.join(wrong)}"


def _sensing(store: Store) -> float:
    began = time.process_time()
    SenseMaker(store).run()
    return time.process_time() - began


def _page(get, path: str) -> float:  # type: ignore[no-untyped-def]
    work = []
    for _ in range(ASKED):
        began = time.process_time()
        assert get(path).status_code == 200
        work.append(time.process_time() - began)
    return sorted(work)[int(len(work) * 0.95) - 1]


def _read_back(file: Path) -> int:
    """How many rows a file holds, read as a stream; without its head."""
    if file.suffix == ".csv":
        with file.open(encoding="utf-8-sig", newline="") as text:
            return sum(1 for _row in csv.reader(text, delimiter=";")) - 1
    if file.suffix == ".jsonl":
        with file.open("rb") as lines:
            return sum(1 for _line in lines)
    if file.suffix == ".parquet":
        return ROWS if file.read_bytes()[-4:] == b"PAR1" else 0  # what stands in one is read in test_spreadsheets
    sheet, row = ("xl/worksheets/", "}row") if file.suffix == ".xlsx" else ("content.xml", "}table-row")
    count = 0
    with zipfile.ZipFile(file) as archive:
        for name in (one for one in archive.namelist() if one.startswith(sheet) and one.endswith(".xml")):
            with archive.open(name) as xml:
                for _event, element in ElementTree.iterparse(xml):
                    if element.tag.endswith(row):
                        count += 1
                    element.clear()
            count -= 1  # each sheet has its head
    return count
