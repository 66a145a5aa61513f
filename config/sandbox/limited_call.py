"""Runs one function in a child process of its own: ``config.sandbox.limited_process.call_limited``'s other half.

Reads ``{"function", "argument", "path", "packages", "env", "reach", "starts", "layers"}`` as JSON from standard input
and writes ``{"result"}`` or ``{"error", "kind"}`` to standard output. The function's own code is loaded first; then
the process gives up everything but its reach, and only then does the function see its argument.
"""

import importlib
import importlib.abc
import importlib.util
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from config.sandbox.confinement import confine
from config.sandbox.layers import BubblewrapUse, SandboxLayers, set_sandbox_layers


def main() -> None:
    """Run the function, and tell what came of it."""
    request = json.load(sys.stdin)
    # Libraries print what they like; only the answer goes to the real standard output.
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.path[:] = request["path"]
    sys.meta_path.append(_Packages(request["packages"]))
    os.environ.clear()
    os.environ.update(request["env"])
    tempfile.tempdir = None
    try:
        module, _, name = request["function"].partition(":")
        function = getattr(importlib.import_module(module), name)
        _confine(request)
        told = json.dumps({"result": function(request["argument"])})
    except Exception as error:  # noqa: BLE001  whatever it is, the caller gets it as a value
        told = json.dumps({"error": str(error), "kind": type(error).__name__})
    with answer:
        answer.write(told)


class _Packages(importlib.abc.MetaPathFinder):
    """Finds packages by where they are, in folders that may not be looked through."""

    def __init__(self, folders: dict[str, str]) -> None:
        self._folders = folders

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where a package of the top level is, if it is known."""
        del path, target  # none of these has either
        folder = self._folders.get(fullname)
        if folder is None:
            return None
        return importlib.util.spec_from_file_location(
            fullname, f"{folder}/__init__.py", submodule_search_locations=[folder]
        )


def _confine(request: dict[str, Any]) -> None:
    layers = SandboxLayers(BubblewrapUse.OFF, **request["layers"])
    if layers.landlock or layers.seccomp:
        confine(
            request["reach"],
            starts=request["starts"],
            with_landlock=layers.landlock,
            with_seccomp=layers.seccomp,
        )
    # What this starts stays within all of that; namespaces of its own it could not make.
    set_sandbox_layers(layers)


if __name__ == "__main__":
    main()
