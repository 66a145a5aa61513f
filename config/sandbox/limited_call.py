"""Runs one function in a child process of its own: ``config.sandbox.limited_process.call_limited``'s other half.

Reads ``{"function", "argument", "path"}`` as JSON from standard input and writes
``{"result"}`` or ``{"error", "kind"}`` to standard output.
"""

import importlib
import json
import os
import sys


def main() -> None:
    """Run the function, and tell what came of it."""
    request = json.load(sys.stdin)
    # Libraries print what they like; only the answer goes to the real standard output.
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.path[:] = request["path"]
    try:
        module, _, name = request["function"].partition(":")
        outcome = {"result": getattr(importlib.import_module(module), name)(request["argument"])}
        told = json.dumps(outcome)
    except Exception as error:  # noqa: BLE001  whatever it is, the caller gets it as a value
        told = json.dumps({"error": str(error), "kind": type(error).__name__})
    with answer:
        answer.write(told)


if __name__ == "__main__":
    main()
