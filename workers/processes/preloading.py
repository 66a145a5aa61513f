"""What all processes need, loaded once before they are forked, so that they share its memory.

A child gets a page of its own as soon as it writes into one. What is new in it should therefore lie together, and not
be strewn over what is old: the holes that loading leaves are filled beforehand. Each child is 8 MB smaller by that.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import platform
from collections.abc import Iterable

_LARGEST_HOLE, _SMALLEST_HOLE = 60_000, 24
"""Bytes. Larger pieces come from elsewhere (mallopt(3), M_MMAP_THRESHOLD)."""
_OVERHEAD = 32
"""Bytes that lie between two pieces at most where one was cut off after the other."""
_IN_A_ROW = 3
"""So many pieces one after the other, and there is no hole of this size left."""


def preload_modules(modules: Iterable[str]) -> None:
    """Import modules, and make ready to fork; from one thread only."""
    for module in dict.fromkeys(modules):
        importlib.import_module(module)
    gc.collect()
    if platform.libc_ver()[0] == "glibc":
        _fill_holes()
    # What the collector never looks at again stays shared: it writes into what it looks at.
    gc.freeze()


def _fill_holes() -> None:
    """Take every free piece of memory between others, for good: a few MB, which are there already."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    libc.malloc.argtypes = [ctypes.c_size_t]
    libc.malloc_trim(0)
    size = _LARGEST_HOLE
    while size >= _SMALLEST_HOLE:
        last, in_a_row = 0, 0
        while in_a_row < _IN_A_ROW:
            at = libc.malloc(size) or 0
            in_a_row = in_a_row + 1 if 0 < at - last <= size + _OVERHEAD else 0
            last = at
        size = min(size * 4 // 5, size - 16)
