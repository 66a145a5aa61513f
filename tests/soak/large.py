"""50,000 contributions made sense of and shown as a report; 500,000 rows written as each kind of file, and read back.

``VOICES`` and ``ROWS`` in the environment make them other numbers. What is judged is the time the processor works,
which other work on the machine does not lengthen, and the most memory that a process of its own held while it wrote.
"""

from __future__ import annotations

import csv
import os
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from xml.etree import ElementTree

from config.settings.loader import Settings
from inbox.export import csv_export
from inbox.export.json_lines_export import KEYS, NUMBERS, json_objects
from inbox.export.ods_export import ods_pieces
from inbox.export.parquet_export import parquet_pieces
from inbox.export.xlsx_export import xlsx_pieces
from inbox.listings.filters import ContributionFilter
from inbox.migrations import migrate
from inbox.reports.report_quotations import MODERATED
from inbox.storage.database import Store
from tests.bench.town import SLUG, fill
from tests.inbox.reports.test_faithful import signed_in
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
        store = _open(here)
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
                [sys.executable, "-m", "tests.soak.large", name, kind], check=True, capture_output=True, text=True
            )
            most, back = int(done.stdout), _read_back(file)
            print(
                f"  {kind}: {file.stat().st_size / 1e6:.0f} MB on disk, at most {most} MB held, {back} rows", flush=True
            )
            wrong += [kind] if most > MOST_MB or back != ROWS else []
        assert not wrong, f"too much: {', '.join(wrong)}"


def _open(here: Path) -> Store:
    settings = Settings(data_dir=here / "data", keys_dir=here / "keys")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return Store.open(settings)


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


def _write(here: Path, kind: str) -> None:
    """Write so many rows, the town's again and again, and tell the most memory held meanwhile, in MB."""
    words, store = csv_export.spreadsheet_words("fr"), _open(here)

    def batches() -> Iterator[list[list[str]]]:
        left = ROWS
        while left:
            with store.read() as session:
                every = csv_export.spreadsheet_batches(
                    session, ContributionFilter(consultation=SLUG), MODERATED, "fr", Settings().zone
                )
                for batch in every:
                    some = list(islice(batch, left))
                    left -= len(some)
                    yield some

    def rows() -> Iterator[list[str]]:
        return (row for batch in batches() for row in batch)

    pieces = {
        "csv": lambda: csv_export.csv_pieces(words.columns, batches(), words),
        "jsonl": lambda: json_objects(KEYS, batches()),
        "parquet": lambda: parquet_pieces(KEYS, batches(), NUMBERS),
        "xlsx": lambda: xlsx_pieces(words.columns, rows(), "Export", words.cut),
        "ods": lambda: ods_pieces(words.columns, rows(), "Export", words.cut),
    }[kind]()
    with (here / f"rows.{kind}").open("wb") as file:
        file.writelines(pieces)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


if __name__ == "__main__":
    _write(Path(sys.argv[1]), sys.argv[2])
