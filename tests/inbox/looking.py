"""Looks for a resident's words wherever they could be left."""

import base64
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import func, select

from inbox.contributions import search_index
from inbox.models import Arrival, ContributorAddress, DataKey, Medium, Message, Part, TextVersion, Transcript
from inbox.storage.database import Store

SECRET = "zygomatique quatrevingtdixsept"
OTHER = "banquettes moussues"


def bytes_of(*folders: Path) -> Iterable[tuple[Path, bytes]]:
    for folder in folders:
        for path in [folder] if folder.is_file() else folder.rglob("*"):
            if path.is_file():
                yield path, path.read_bytes().lower()


def spellings(words: str) -> list[bytes]:
    """Every form a word could stand in: as it is, in UTF-16, in base64 at each of its three offsets."""
    found = []
    for word in words.split():
        raw = word.encode()
        found += [raw, word.encode("utf-16-le"), *search_index.stems(word, "fr")[0].encode().split()]
        found += [base64.b64encode(b"\0" * n + raw)[4:-4].lower() for n in range(3)]
    return found


def assert_nowhere(words: str, *folders: Path) -> None:
    for path, content in bytes_of(*folders):
        for spelled in spellings(words):
            assert spelled not in content, f"{spelled!r} stands in {path}"


def sealed_columns(store: Store) -> int:
    """How many columns of ciphertext still hold anything."""
    count = 0
    with store.read() as session:
        for model in (Arrival, Part, Medium, Transcript, TextVersion, Message, ContributorAddress):
            for column in model.__table__.columns:
                if column.name.startswith("sealed_") or column.name == "locator":
                    count += session.scalar(select(func.count(column))) or 0
    return count


def living_keys(store: Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count(DataKey.id)).where(DataKey.wrapped.is_not(None))) or 0
