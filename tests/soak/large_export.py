"""Writes many rows as one kind of file, in a process that has loaded nothing else, and tells the memory it held."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from config.settings.loader import Settings
from inbox.export import csv_export
from inbox.export.json_lines_export import KEYS, NUMBERS, json_objects
from inbox.export.ods_export import ods_pieces
from inbox.export.parquet_export import parquet_pieces
from inbox.export.xlsx_export import xlsx_pieces
from inbox.listings.filters import ContributionFilter
from inbox.reports.report_quotations import MODERATED
from inbox.storage.database import Store


def open_town(here: Path) -> Store:
    """The town's store in a folder."""
    settings = Settings(data_dir=here / "data", keys_dir=here / "keys")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return Store.open(settings)


def write(here: Path, kind: str, most: int) -> None:
    """Write so many rows, the town's again and again, and tell the most memory held meanwhile, in MB."""
    words, store = csv_export.spreadsheet_words("fr"), open_town(here)

    def batches() -> Iterator[list[list[str]]]:
        left = most
        while left:
            with store.read() as session:
                every = csv_export.spreadsheet_batches(
                    session, ContributionFilter(consultation="rues-et-places"), MODERATED, "fr", Settings().zone
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
    # Not what getrusage says: that is at least what the process held that started this one.
    held = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    print(int(held.split()[1]) // 1024)


if __name__ == "__main__":
    write(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
