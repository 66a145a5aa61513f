"""How a speech engine's child process and its parent speak, and how each recording is heard in a fork of its own.

Standard input is a socket: a recording is a line with its name, with which an open file of mono 16-bit samples is
sent, a line ``[start, end]`` in bytes for each region, and ``null``. Standard output is kept for answers, each a line
of JSON.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import socket
import sys
from typing import IO, Any

SAMPLE_BYTES = 2
PARENT = os.getppid()
"""Whoever started this process; another one means that it is gone."""
_LOOK_SECONDS = 1.0
_LONGEST_ANSWER = 32 << 20


def take_over_stdout() -> IO[str]:
    """Keep stdout for answers; whatever a library prints goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def limit_memory(megabytes: int) -> None:
    """Give this process so much address space, and no core file."""
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def answer_line(answers: IO[str], value: dict[str, Any]) -> None:
    """Write one line to the parent."""
    answers.write(json.dumps(value) + "\n")
    answers.flush()


def next_recording(line: socket.socket) -> int | None:
    """The next recording's open file; None when there is nobody any more who sends one."""
    first, files, _, _ = socket.recv_fds(line, 1, 1)
    # Read singly, so that what follows is left to the fork.
    while first and line.recv(1) not in (b"\n", b""):
        pass
    return files[0] if files else None


def relay_answers(child: int, answer: int, answers: IO[str]) -> None:
    """Hand on what the fork tells; where it tells nothing, or nobody waits any more, this process ends as well."""
    said = b""
    while True:
        if not select.select([answer], [], [], _LOOK_SECONDS)[0]:
            if os.getppid() != PARENT:
                os.kill(child, signal.SIGKILL)
                sys.exit("the parent is gone")
            continue
        piece = os.read(answer, 1 << 16)
        if not piece:
            break
        said += piece
        if len(said) > _LONGEST_ANSWER:
            os.kill(child, signal.SIGKILL)
            break
    os.close(answer)
    _, status = os.waitpid(child, 0)
    if status or not said:
        sys.exit(f"hearing a recording ended with code {os.waitstatus_to_exitcode(status)}")
    answer_line(answers, json.loads(said))
