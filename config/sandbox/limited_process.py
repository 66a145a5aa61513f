"""Anything hostile or external runs in a child process with limits on time, memory, output and processes.

What it may reach beside the system's programs and libraries is said at each call, and is nothing by default: no file
of a town's, no network, no other process (``config.sandbox.confinement``, ``config.sandbox.bubblewrap``).

Safe to call from any thread: nothing of ours runs between fork and exec. A child sees
no environment variable of ours but what a program needs to start, so no secrets either.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.sandbox import bubblewrap, warm_pool
from config.sandbox.child_endings import (
    Crashed,
    Finished,
    Interrupted,
    LimitedError,
    NotInstalled,
    RaisedInside,
    TooMuchMemory,
    TooMuchOutput,
    TooSlow,
    child_ending_of,
)
from config.sandbox.child_talk import ChildTalk
from config.sandbox.landlock import READ, START, WRITE
from config.sandbox.layers import BubblewrapUse, current_sandbox_layers
from config.sandbox.system_reach import code_folders, system_reach
from config.sandbox.warm_pool import WarmProgram

__all__ = [
    "Crashed",
    "Finished",
    "Interrupted",
    "LimitedError",
    "NotInstalled",
    "RaisedInside",
    "TooMuchMemory",
    "TooMuchOutput",
    "TooSlow",
    "call_limited",
    "run_limited",
]

_SUPERVISOR = Path(__file__).with_name("limited_child.py")
_CONFIG = Path(__file__).parents[1]
_CALLED = f"""
import sys
for name, folder in (("config", {str(_CONFIG)!r}), ("config.sandbox", {str(_CONFIG / "sandbox")!r})):
    sys.modules[name] = type(sys)(name)
    sys.modules[name].__path__ = [folder]
from config.sandbox import limited_call
limited_call.main()
"""
_PASSED_ON = ("PATH", "TZ", "LD_LIBRARY_PATH", "TESSDATA_PREFIX", "FONTCONFIG_PATH")
_GRACE_SECONDS = 10.0


def run_limited(
    argv: Sequence[str | Path],
    *,
    seconds: float,
    memory_mb: int,
    output_mb: float = 64,
    file_mb: int = 4096,
    processes: int = 64,
    stdin: bytes | None = None,
    reads: Sequence[Path] = (),
    writes: Sequence[Path] = (),
    env: Mapping[str, str] | None = None,
) -> Finished:
    """Run a program to its end, or kill it with everything it started and raise a ``LimitedError``.

    ``seconds`` is time on the wall; ``memory_mb`` bounds each process' address space and all of them
    together; ``output_mb`` the standard output, ``file_mb`` each file it writes. Files and folders it may read, and
    folders it may write in, the first of which it starts in. ``env`` is added to a minimal environment. A non-zero
    exit code is for the caller to judge.
    """
    surroundings = _environment(env, writes)
    program = Path(argv[0]).name
    found = shutil.which(argv[0], path=surroundings.get("PATH"))
    if found is None:
        raise NotInstalled(program, "is not installed")
    reach = [*_reach(surroundings, reads, writes), START + found, START + os.path.realpath(found)]
    costs = _Costs(seconds, memory_mb, output_mb, file_mb, processes)
    warm = warm_pool.current_warm_pool()
    start = WarmProgram(tuple(map(str, argv)), tuple(reach), surroundings, _start_folder(reach))
    # What lies elsewhere, a warm parent within bubblewrap does not see.
    is_of_system = any(Path(found).is_relative_to(one[1:]) for one in system_reach(surroundings) if one[0] == START)
    if warm is not None and is_of_system and warm.serves([*reads, *writes]) and warm.takes(start):
        return warm.run(start, stdin or b"", _limits(costs, outcome_fd=0, parent=0), seconds, output_mb)
    return _run(argv, reach, reach, costs, stdin, surroundings)


@dataclass(frozen=True, slots=True)
class _Costs:
    """What a child may cost, as ``run_limited`` takes it."""

    seconds: float
    memory_mb: int
    output_mb: float
    file_mb: int
    processes: int = 64


def _run(
    argv: Sequence[str | Path],
    there: Sequence[str],
    confined_to: Sequence[str],
    costs: _Costs,
    stdin: bytes | None,
    surroundings: Mapping[str, str],
) -> Finished:
    """Run a program where ``there`` exists, confined to some of it unless it confines itself."""
    program = Path(argv[0]).name
    outcome_read, outcome_write = os.pipe()
    try:
        inside = _is_wrapped(program)
        limits = _limits(costs, outcome_write, parent=0 if inside else os.getpid())
        keeper = [sys.executable, "-I", "-S", str(_SUPERVISOR), _in_short(limits), *confined_to, "--", *map(str, argv)]
        started = time.monotonic()
        child = subprocess.Popen(
            bubblewrap.bubblewrap_command(keeper, there) if inside else keeper,
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=_start_folder(there),
            env=surroundings,
            pass_fds=(outcome_write,),
            start_new_session=True,
        )
    except BaseException:
        os.close(outcome_read)
        raise
    finally:
        os.close(outcome_write)
    try:
        with child, os.fdopen(outcome_read, "rb") as outcome:
            talk = ChildTalk(program, (child.stdin, child.stdout, child.stderr), stdin, costs.output_mb)
            try:
                talk.until(started + costs.seconds)
                _wait(child, program, started + costs.seconds, talk.stderr)
            finally:
                _stop(child)
            return child_ending_of(program, outcome.read(), bytes(talk.stdout), talk.stderr, time.monotonic() - started)
    except subprocess.TimeoutExpired as error:  # pragma: no cover — the keeper itself hangs
        raise Crashed(program, "could not be ended") from error


def call_limited(
    function: str,
    argument: Any,
    *,
    seconds: float,
    memory_mb: int,
    output_mb: float = 64,
    file_mb: int = 4096,
    reads: Sequence[Path] = (),
    writes: Sequence[Path] = (),
    starts: bool = False,
    env: Mapping[str, str] | None = None,
) -> Any:
    """Call ``package.module:function`` with one JSON-able argument in a child process; its JSON-able result.

    ``reads`` and ``writes`` as for ``run_limited``; ``starts``: it may start other programs, within the same limits.
    What it says is plain data: nothing of it is run here. Whatever it raises becomes ``RaisedInside``;
    ``MemoryError`` becomes ``TooMuchMemory``.
    """
    surroundings = _environment({"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **(env or {})}, writes)
    reach = _reach(surroundings, reads, writes)
    if starts:
        reach += [START + folder for folder in surroundings["PATH"].split(":") if folder.startswith("/")]
    layers = current_sandbox_layers()
    request = {
        "function": function,
        "argument": argument,
        "path": [entry or str(Path.cwd()) for entry in sys.path],
        "packages": {folder.name: str(folder) for folder in code_folders()},
        "env": surroundings,
        "reach": reach,
        "starts": starts,
        "layers": {"landlock": layers.landlock, "seccomp": layers.seccomp},
    }
    costs = _Costs(seconds, memory_mb, output_mb, file_mb)
    asked = json.dumps(request).encode()
    warm = warm_pool.current_warm_pool()
    if warm is not None and warm.serves([*reads, *writes]):
        limits = _limits(costs, outcome_fd=0, parent=0)
        done = warm.call(function, asked, limits, _start_folder(reach), costs.seconds, costs.output_mb)
    else:
        done = _run([sys.executable, "-c", _CALLED], reach, (), costs, asked, surroundings)
    try:
        answer = json.loads(done.stdout)
    except ValueError as error:
        raise Crashed(function, f"gave no answer (exit code {done.code})", done.stderr) from error
    if "result" in answer:
        return answer["result"]
    if answer["kind"] == "MemoryError":
        raise TooMuchMemory(function, "wanted too much memory", done.stderr)
    raise RaisedInside(function, answer["kind"], answer["error"], done.stderr)


def _in_short(limits: Mapping[str, int]) -> str:
    """The limits as the keeper reads them."""
    return ",".join(f"{name}={value}" for name, value in limits.items())


def _environment(extra: Mapping[str, str] | None, writes: Sequence[Path]) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    temporary = {"TMPDIR": str(writes[0])} if writes else {}
    return {"PATH": os.defpath, "HOME": "/", **kept, **temporary, "LC_ALL": "C.UTF-8", **(extra or {})}


def _reach(surroundings: Mapping[str, str], reads: Sequence[Path], writes: Sequence[Path]) -> list[str]:
    """Everything a child reaches; its own files come last, the folders it writes in first among them."""
    own = [*(WRITE + str(path.absolute()) for path in writes), *(READ + str(path.absolute()) for path in reads)]
    return [*system_reach(surroundings), *own]


def _start_folder(reach: Sequence[str]) -> str:
    return next((entry[1:] for entry in reach if entry[0] == WRITE and not entry.startswith("w/dev/")), "/")


def _is_wrapped(program: str) -> bool:
    """Whether a child starts within bubblewrap; raises ``NotInstalled`` where that is demanded and does not work."""
    if current_sandbox_layers().bubblewrap is BubblewrapUse.REQUIRED and (why_not := bubblewrap.why_bubblewrap_fails()):
        raise NotInstalled(program, f"is not started without bubblewrap, which the settings demand ({why_not})")
    return bubblewrap.is_bubblewrap_used()


def _limits(costs: _Costs, outcome_fd: int, parent: int) -> dict[str, int]:
    layers = current_sandbox_layers()
    return {
        "memory_mb": costs.memory_mb,
        "file_mb": costs.file_mb,
        "processes": costs.processes,
        # The clock on the wall decides; this ends a program whose keeper was killed.
        "cpu_seconds": int(costs.seconds * (os.cpu_count() or 1)) + 5,
        "outcome_fd": outcome_fd,
        "parent": parent,
        "landlock": int(layers.landlock),
        "seccomp": int(layers.seccomp),
    }


def _wait(child: subprocess.Popen[bytes], program: str, deadline: float, stderr: bytes) -> None:
    """A program may close its outputs and go on; so the outputs' end is not its own."""
    try:
        child.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired as error:
        raise TooSlow(program, "took too long", stderr) from error


def _stop(child: subprocess.Popen[bytes]) -> None:
    """Have the keeper kill everything below it; then make sure of the keeper."""
    if child.poll() is not None:
        return
    child.terminate()
    try:
        child.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait(_GRACE_SECONDS)
