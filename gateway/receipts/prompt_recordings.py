"""The town's own recordings of what callers hear: found by their names, and nothing else of that folder is given out.

``prompts_dir/fr/voice_greeting.mp3`` stands for every consultation, ``prompts_dir/rues-et-places/fr/…`` for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from config.wording.message_keys import TEXT_KEYS

FOR_ALL = "all"
"""Stands in addresses for the folder of every consultation."""

CONTENT_TYPES = {".mp3": "audio/mpeg", ".wav": "audio/wav"}
_BEGINNINGS = {".mp3": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa"), ".wav": (b"RIFF",)}
_SPOKEN = "|".join(key for key in TEXT_KEYS if key.startswith("voice_"))
_NAME = re.compile(rf"(?:(?:{_SPOKEN})(?:-[1-9])?|digit-[0-9])")
_LARGEST_BYTES = 10_000_000


def prompt_urls(folder: Path | None, slug: str, base: str) -> dict[str, str]:
    """Address by "fr/voice_greeting", below ``base``; a consultation's own recording comes before everybody's."""
    addresses = {}
    for whose in (FOR_ALL, slug):
        for name, path in prompt_files(folder, whose).items():
            # The provider keeps what it has fetched: another recording has another address.
            version = urlencode({"v": path.stat().st_mtime_ns // 1000})
            addresses[name] = f"{base}/prompts/{whose}/{name}{path.suffix}?{version}"
    return addresses


def prompt_files(folder: Path | None, whose: str) -> dict[str, Path]:
    """File by "fr/voice_greeting"; only sound, only under a text's name, and only what really lies in the folder."""
    if folder is None or not whose:
        return {}
    inside = folder.resolve()
    found = {}
    for language in _folders(folder if whose == FOR_ALL else folder / whose):
        for path in sorted(language.iterdir()):
            if _is_prompt(path) and path.resolve().is_relative_to(inside):
                found[f"{language.name}/{path.stem}"] = path
    return found


def misnamed_prompt_files(folder: Path) -> list[str]:
    """Sound files whose names belong to no text, so that nobody would ever hear them."""
    files = (path for kind in CONTENT_TYPES for path in folder.rglob(f"*{kind}"))
    return sorted(str(path.relative_to(folder)) for path in files if not _is_prompt(path))


def _folders(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (one for one in sorted(folder.iterdir()) if re.fullmatch(r"[a-z]{2,3}", one.name) and one.is_dir())


def _is_prompt(path: Path) -> bool:
    if path.suffix not in CONTENT_TYPES or not _NAME.fullmatch(path.stem) or not path.is_file():
        return False
    if path.stat().st_size > _LARGEST_BYTES:
        return False
    with path.open("rb") as file:
        return file.read(4).startswith(_BEGINNINGS[path.suffix])
