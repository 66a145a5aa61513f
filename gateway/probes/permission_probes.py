"""Who else may read what the gateway keeps, who may reach its Redis, and whether its logs are kept short."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from redis import Redis
from redis.exceptions import RedisError

from config.probe import Probe, Unavailable
from config.settings.loader import FILE_NAME, Settings

MOST_LOG_BYTES = 50_000_000
"""Ten times what the supervisor lets a log grow to before it turns it."""
SECONDS = 5.0
_MOST_NAMED = 5


def permission_probes(settings: Settings) -> list[Probe]:
    """One for the keys, one for all else, one for the logs."""
    return [
        Probe(
            "keys",
            "open what residents said",
            lambda: _keys(settings),
            "chmod 700 the folder and 600 what is in it, as the user the gateway runs as; keep it outside data_dir",
        ),
        Probe(
            "permissions",
            "keep others on this machine out",
            lambda: _permissions(settings),
            "chmod 700 these folders and 600 these files, as the user the gateway runs as",
        ),
        Probe(
            "logs",
            "are turned before they fill the disk",
            lambda: _logs(settings.data_dir / "logs"),
            "have “portevoix up” run, which turns them; remove what is too old, and write them nowhere else",
        ),
    ]


def others_may(path: Path, shared: int = 0) -> bool:
    """Whether anybody but the owner, or the group of what is ``shared``, may do anything with it."""
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077 & ~shared)


def _keys(settings: Settings) -> str:
    """How many keys there are; unavailable when others may read them, or they lie within the data."""
    folder = settings.keys_dir
    if folder.resolve().is_relative_to(settings.data_dir.resolve()):
        raise Unavailable(f"{folder} lies in the data directory, and so in whatever copies that")
    if not folder.is_dir():
        return f"{folder}, made at the first start"
    # A folder with the set-group-ID bit says itself that its group shares it: docs/systemd.
    shared = 0o070 if folder.stat().st_mode & stat.S_ISGID else 0
    _refuse(path for path in (folder, *sorted(folder.iterdir())) if others_may(path, shared))
    return f"{folder}, {sum(path.suffix == '.key' for path in folder.iterdir())} keys"


def _permissions(settings: Settings) -> str:
    """Names what others may read; what a folder of one's own holds nobody else reaches."""
    _refuse(path for path in _private(settings) if others_may(path))
    return "nobody else reads data, settings or backups"


def _private(settings: Settings) -> Iterator[Path]:
    for folder in (settings.data_dir, settings.backups.folder):
        if not folder.is_dir():
            continue
        if others_may(folder):
            yield folder
            yield from sorted(path for path in folder.iterdir() if path.is_file() and not path.is_symlink())
    # It may hold the provider's token, and passwords of mailboxes.
    if (file := settings.folder / FILE_NAME).is_file():
        yield file


def _refuse(open_to_others: Iterable[Path]) -> None:
    found = list(open_to_others)
    if found:
        named = [*map(str, found[:_MOST_NAMED]), *(["…"] if len(found) > _MOST_NAMED else [])]
        raise Unavailable(f"others may read {', '.join(named)}")


def _logs(folder: Path) -> str:
    """How much they take; unavailable where one grew on and on."""
    sizes: dict[str, int] = {}
    for path in folder.glob("*.log*") if folder.is_dir() else ():
        with suppress(FileNotFoundError):
            sizes[path.name] = path.stat().st_size
    if grown := sorted(name for name, size in sizes.items() if size > MOST_LOG_BYTES):
        raise Unavailable(f"nobody turns {', '.join(grown)}")
    return f"{folder}, {sum(sizes.values()) / 1e6:.0f} MB"


def check_guarded(address: str) -> None:
    """Raise ``Unavailable`` where a Redis that is reached over a network, be it this machine's, wants no password."""
    parts = urlsplit(address)
    if parts.scheme not in ("redis", "rediss"):
        return
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    connection = Redis.from_url(bare, socket_connect_timeout=SECONDS, socket_timeout=SECONDS)
    try:
        connection.ping()
    except RedisError:
        return  # it refuses whoever has no password
    finally:
        connection.close()
    raise Unavailable("it lets in whoever has no password")
