"""Twenty towns' reports counted again and opened in LibreOffice; twenty thousand cells of a spreadsheet compared there.

Without LibreOffice (``soffice``) the second half is skipped, and says so.
"""

from __future__ import annotations

import csv
import random
import shutil
import subprocess
import tempfile
from pathlib import Path

from inbox.export.ods_export import ods_pieces
from inbox.export.xlsx_export import xlsx_pieces
from inbox.migrations import migrate
from inbox.storage.database import Store
from tests.fixtures_store import StoreFolders
from tests.inbox.reports.test_faithful import CHECKS, PAGE, shown_of
from tests.inbox.reports.test_spreadsheets import SAID, expected
from tests.inbox.reports.towns import town_of

TOWNS = 20
CELLS = 20_000
SECONDS = 300


def reports() -> None:
    """Every check on every town; then every document and spreadsheet through LibreOffice."""
    with tempfile.TemporaryDirectory(prefix="portevoix-reports-") as folder:
        documents = _towns(Path(folder))
        print(f"  {TOWNS} towns: every figure, quotation, link and campaign holds", flush=True)
        office = shutil.which("soffice")
        if office is None:
            print("  LibreOffice is not installed: no file was opened in it")
            return
        for document in documents:
            _converted(office, document, "pdf")
        print(f"  {len(documents)} documents opened", flush=True)
        for kind, make in (("xlsx", xlsx_pieces), ("ods", ods_pieces)):
            print(f"  {_compare(office, Path(folder), kind, make)} cells of {kind} are what was said", flush=True)


def _towns(folder: Path) -> list[Path]:
    written = []
    for seed in range(100, 100 + TOWNS):
        here = folder / str(seed)
        here.mkdir()
        store = Store.open(StoreFolders(f"sqlite:///{here}/town.sqlite", here, here / "keys"))
        migrate(store.engine)
        town = town_of(store, seed, voices=20 + 4 * (seed - 100))
        shown = shown_of(town, here)
        for check in CHECKS:
            check(shown)
        if seed % 5 == 0:
            for kind in ("docx", "odt", "html"):
                written.append(here / f"report.{kind}")
                written[-1].write_bytes(shown.client.get(f"{PAGE}/document.{kind}").data)
        store.close()
    return written


def _converted(office: str, file: Path, to: str) -> Path:
    """What LibreOffice makes of a file; a word of warning or error fails."""
    done = subprocess.run(
        [
            office,
            f"-env:UserInstallation=file://{file.parent}/office",
            "--headless",
            "--convert-to",
            to,
            "--outdir",
            file.parent / "out",
            file,
        ],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    )
    told = f"{done.stdout}\n{done.stderr}".lower()
    assert "error" not in told, told
    made = file.parent / "out" / f"{file.stem}.{to.split(':')[0]}"
    assert made.stat().st_size > 0
    return made


def _compare(office: str, folder: Path, kind: str, make) -> int:  # type: ignore[no-untyped-def]
    dice = random.Random(6)
    # LibreOffice leaves the tabs of an ODS cell out when it opens it.
    gone = "\t" if kind == "ods" else "\0"
    known = {name: said for name, said in SAID.items() if name not in ("long", "surrogate")}
    said = [
        [dice.choice([*known.values()]) + dice.choice(["", " é", " 中", " 🙂"]), str(dice.randrange(10**6))]
        for _ in range(CELLS // 2)
    ]
    file = folder / f"cells.{kind}"
    file.write_bytes(b"".join(make(("said", "count"), iter(said), "cells", "cut {length}")))
    # 44,34,76: commas, quotation marks, UTF-8; cells as they are, not as they are shown.
    text = _converted(office, file, "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false").read_text("utf-8")
    _head, *rows = csv.reader(text.splitlines(keepends=True))
    for number, (wanted, found) in enumerate(zip(said, rows, strict=True)):
        assert [expected(one).replace(gone, "") for one in wanted] == found, (number, wanted, found)
    return 2 * len(rows)
