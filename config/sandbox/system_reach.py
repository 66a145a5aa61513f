"""What every limited child may read: programs and libraries, this interpreter, our own code; no file of a town's."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from config.sandbox.landlock import READ, START

_PROGRAMS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
_FILES = (
    *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/ld.so.preload", "/etc/alternatives"),
    *("/etc/fonts", "/var/cache/fontconfig", "/etc/magic", "/etc/magic.mime", "/etc/localtime", "/etc/locale.alias"),
    *("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/filesystems", "/proc/sys/vm", "/sys/devices/system/cpu"),
    *("/dev/zero", "/dev/random", "/dev/urandom"),
)
_NOWHERE = "w/dev/null"
_NAMING_DATA = ("TESSDATA_PREFIX", "FONTCONFIG_PATH", "LD_LIBRARY_PATH")
"""Variables that lead a program to data and libraries which lie elsewhere."""
_OF_AN_ENVIRONMENT = ("bin", "lib", "lib64", "pyvenv.cfg")
"""Of a folder that holds an interpreter: it may hold a town's data, too."""


def system_reach(surroundings: Mapping[str, str]) -> list[str]:
    """Entries as ``landlock.restrict`` takes them, for a child with these environment variables."""
    named = [path for name in _NAMING_DATA for path in surroundings.get(name, "").split(":") if path.startswith("/")]
    return [*_always(tuple(sys.path)), *(READ + path for path in named)]


def _code_folders(path: tuple[str, ...]) -> list[Path]:
    """The packages on the path outside of the interpreter's own folders: ours, when they are not installed."""
    installed = tuple(_interpreter())
    folders = dict.fromkeys(Path(entry or os.curdir).resolve() for entry in path)
    return [
        package
        for folder in folders
        if folder.is_dir() and not any(folder.is_relative_to(one) for one in installed)
        for package in sorted(folder.iterdir())
        if (package / "__init__.py").is_file()
    ]


@cache
def _always(path: tuple[str, ...]) -> tuple[str, ...]:
    code = [*_interpreter(), *_code_folders(path)]
    return (
        *(START + path for path in _PROGRAMS),
        *(START + str(path) for path in dict.fromkeys(code)),
        *(READ + path for path in _FILES),
        _NOWHERE,
    )


def _interpreter() -> Iterator[Path]:
    for prefix in dict.fromkeys((sys.prefix, sys.base_prefix, sys.exec_prefix)):
        for name in _OF_AN_ENVIRONMENT:
            if (path := Path(prefix) / name).exists():
                yield path
                yield path.resolve()
