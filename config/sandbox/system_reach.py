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
_HERE = Path(__file__).resolve().parents[2]
_NAMING_DATA = ("TESSDATA_PREFIX", "FONTCONFIG_PATH", "LD_LIBRARY_PATH")
"""Variables that lead a program to data and libraries which lie elsewhere."""
_OF_AN_ENVIRONMENT = ("bin", "lib", "lib64", "pyvenv.cfg")
"""Of a folder that holds an interpreter: it may hold a town's data, too."""


def system_reach(surroundings: Mapping[str, str]) -> list[str]:
    """Entries as ``landlock.restrict_files`` takes them, for a child with these environment variables."""
    named = [path for name in _NAMING_DATA for path in surroundings.get(name, "").split(":") if path.startswith("/")]
    return [*_always(tuple(sys.path)), *(READ + path for path in named)]


def code_folders() -> tuple[Path, ...]:
    """The packages on the path outside of the interpreter's own folders: ours, when they are not installed."""
    return _code_folders(tuple(sys.path))


@cache
def _code_folders(path: tuple[str, ...]) -> tuple[Path, ...]:
    installed = tuple(_interpreter())
    folders = dict.fromkeys([*(Path(entry or os.curdir).resolve() for entry in path), _HERE])
    outside = [folder for folder in folders if not any(folder.is_relative_to(one) for one in installed)]
    loaded = [Path(one.__path__[0]) for name, one in sys.modules.items() if "." not in name and _is_package(one)]
    # What is installed to be edited where it lies stands on no path: what is loaded tells where it is.
    within = [one for one in loaded if not any(one.is_relative_to(inside) for inside in installed)]
    return tuple(dict.fromkeys([*(package for folder in outside for package in _packages(folder)), *within]))


def _packages(folder: Path) -> list[Path]:
    try:
        return [one for one in sorted(folder.iterdir()) if (one / "__init__.py").is_file()]
    except OSError:  # within a confinement it may not be looked through; what is loaded is known all the same
        return []


def _is_package(module: object) -> bool:
    return bool(getattr(module, "__path__", None)) and isinstance(getattr(module, "__path__", None), list)


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
