"""Limited children taken over by an attacker: each layer by itself, and all of them."""

from __future__ import annotations

import os
import socket
import struct
import sys
from pathlib import Path

import pytest

from config.sandbox import bubblewrap, landlock, seccomp
from config.sandbox.layers import BubblewrapUse, SandboxLayers, current_sandbox_layers, set_sandbox_layers
from config.sandbox.limited_process import NotInstalled, call_limited, run_limited
from config.sandbox.system_calls import ALLOWED, JUDGED, MACHINES, system_call_numbers

ROOM = {"seconds": 30.0, "memory_mb": 500}
needs_landlock = pytest.mark.skipif(landlock.landlock_version() == 0, reason="this kernel has no Landlock")
needs_signal_scope = pytest.mark.skipif(
    landlock.landlock_version() < landlock.SIGNALS_BOUNDED, reason="this kernel's Landlock bounds no signals"
)
needs_seccomp = pytest.mark.skipif(not seccomp.is_available(), reason="this kernel has no seccomp filters")
needs_bubblewrap = pytest.mark.skipif(bubblewrap.why_bubblewrap_fails() != "", reason=bubblewrap.why_bubblewrap_fails())
on_x86 = pytest.mark.skipif(os.uname().machine != "x86_64", reason="the attack knows x86_64's numbers")


@pytest.fixture
def targets(tmp_path):
    """An installation in small: keys, settings, database, another's recording, Redis, a door, and its own folder."""
    house = tmp_path / "house"
    house.mkdir()
    files = {}
    for name in ("keys", "settings", "database", "media"):
        path = house / name
        path.write_text("secret")
        Path(f"{path}.spare").write_text("secret")
        files[name] = str(path)
    writes = tmp_path / "own"
    writes.mkdir()
    redis, door = socket.socket(socket.AF_UNIX), socket.socket()
    redis.bind(str(house / "redis.sock"))
    door.bind(("127.0.0.1", 0))
    for one in (redis, door):
        one.listen(50)
    yield {
        "files": files,
        "folder": str(house),
        "writes": str(writes),
        "socket": str(house / "redis.sock"),
        "port": door.getsockname()[1],
        "parent": os.getpid(),
    }
    redis.close()
    door.close()


@pytest.fixture
def layers():
    before = current_sandbox_layers()
    yield set_sandbox_layers
    set_sandbox_layers(before)


def reached(targets, **more) -> set[str]:
    return set(
        call_limited("tests.config.taken_over:report", targets, writes=[Path(targets["writes"])], **ROOM, **more)
    )


BY_ITSELF = [
    pytest.param(
        SandboxLayers(BubblewrapUse.OFF, landlock=True, seccomp=False),
        {
            "read",
            "write",
            "remove",
            "make a file beside",
            "list the folder",
            "start a program",
            "memory",
            "environment",
        },
        marks=needs_landlock,
        id="Landlock",
    ),
    pytest.param(
        SandboxLayers(BubblewrapUse.OFF, landlock=True, seccomp=False),
        {"signal", "environment of others", "command lines of others"},
        marks=needs_signal_scope,
        id="Landlock that bounds signals",
    ),
    pytest.param(
        SandboxLayers(BubblewrapUse.OFF, landlock=False, seccomp=True),
        {"chmod", "link", "symbolic", "Redis", "TCP", "UDP", "raw", "signal", "priority", "start a", "call"},
        marks=[needs_seccomp, on_x86],
        id="seccomp",
    ),
    pytest.param(
        SandboxLayers(BubblewrapUse.REQUIRED, landlock=False, seccomp=False),
        {"read", "write", "remove", "chmod", "link", "list", "make", "Redis", "TCP", "memory", "environment"},
        marks=needs_bubblewrap,
        id="bubblewrap",
    ),
]


@pytest.mark.parametrize(("chosen", "held"), BY_ITSELF)
def test_each_layer_holds_by_itself(chosen, held, targets, layers):
    layers(SandboxLayers(BubblewrapUse.OFF, landlock=False, seccomp=False))
    without = reached(targets)
    layers(chosen)
    within = reached(targets)
    for beginning in held:
        assert {name for name in without if name.startswith(beginning)}, f"{beginning}: the attack does not work at all"
        assert not {name for name in within if name.startswith(beginning)}


@needs_landlock
@needs_seccomp
@on_x86
@pytest.mark.parametrize("use", [BubblewrapUse.OFF, pytest.param(BubblewrapUse.REQUIRED, marks=needs_bubblewrap)])
def test_nothing_is_in_reach_of_all_layers(use, targets, layers):
    layers(SandboxLayers(use))
    assert reached(targets) == set()


@needs_landlock
@needs_seccomp
@on_x86
def test_a_child_that_starts_programs_reaches_nothing_else(targets, layers):
    layers(SandboxLayers(BubblewrapUse.OFF))
    assert reached(targets, starts=True) == {"start a program", "start a process"}


@needs_landlock
@needs_seccomp
@on_x86
@pytest.mark.parametrize("use", [BubblewrapUse.OFF, pytest.param(BubblewrapUse.REQUIRED, marks=needs_bubblewrap)])
def test_a_program_reaches_nothing_but_other_programs(use, targets, layers):
    layers(SandboxLayers(use))
    code = f"from tests.config.taken_over import main; main({targets!r})"
    root = str(Path(__file__).parents[2])
    done = run_limited([sys.executable, "-c", f"import sys; sys.path.append({root!r}); {code}"],
                       writes=[Path(targets["writes"])], reads=[Path(root)], **ROOM)  # fmt: skip
    assert done.stdout == b'{"start a program": "0", "start a process": "forked"}', done


def test_what_is_in_reach_can_be_used(tmp_path, layers):
    given, own = tmp_path / "given", tmp_path / "own"
    given.write_text("words")
    own.mkdir()
    for use in (BubblewrapUse.OFF, BubblewrapUse.AUTO):
        layers(SandboxLayers(use))
        done = run_limited(["sh", "-c", f"cat {given} > copy; cat copy"], reads=[given], writes=[own], **ROOM)
        assert (done.stdout, (own / "copy").read_text()) == (b"words", "words")


def test_where_bubblewrap_is_demanded_and_missing_nothing_is_read(layers, monkeypatch):
    layers(SandboxLayers(BubblewrapUse.REQUIRED))
    monkeypatch.setattr(bubblewrap, "why_bubblewrap_fails", lambda: "bwrap is not installed")
    with pytest.raises(NotInstalled, match="bwrap is not installed"):
        run_limited(["true"], **ROOM)


# --- the tables -----------------------------------------------------------------------------------


@pytest.mark.parametrize("machine", MACHINES)
def test_no_call_stands_twice_in_the_tables(machine):
    allowed, judged = system_call_numbers(ALLOWED, machine), system_call_numbers(JUDGED, machine)
    every = [*allowed.values(), *judged.values()]
    assert len(every) == len(set(every))
    assert max(every) <= 462
    assert not {"socket", "connect", "ptrace", "mount", "bpf", "io_uring_setup"} & {*allowed, *judged}


def run_filter(program: bytes, number: int, arch: int, arguments: tuple[int, ...] = ()) -> int:
    """What a filter says to a call: the few instructions of BPF that it is made of, done here for any processor."""
    data = struct.pack("=IIQ6Q", number, arch, 0, *arguments, *([0] * (6 - len(arguments))))
    code = [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]
    at = held = 0
    compare = {0x15: int.__eq__, 0x25: int.__gt__, 0x35: int.__ge__, 0x45: lambda a, b: bool(a & b)}
    while True:
        kind, yes, no, value = code[at]
        at += 1
        if kind == 0x20:
            (held,) = struct.unpack_from("=I", data, value)
        elif kind == 0x06:
            return value
        else:
            at += yes if compare[kind](held, value) else no


ALLOW, EPERM, ENOSYS, KILL = 0x7FFF0000, 0x50001, 0x50026, 0x80000000
X86, ARM = 0xC000003E, 0xC00000B7
CALLS = [
    ("read", "x86_64", X86, 0, (), ALLOW),
    ("read", "aarch64", ARM, 63, (), ALLOW),
    ("socket", "x86_64", X86, 41, (), EPERM),
    ("socket", "aarch64", ARM, 198, (), EPERM),
    ("ptrace", "aarch64", ARM, 117, (), EPERM),
    ("mount", "aarch64", ARM, 40, (), EPERM),
    ("execve", "aarch64", ARM, 221, (), EPERM),
    ("clone3", "aarch64", ARM, 435, (), ENOSYS),
    ("a thread", "x86_64", X86, 56, (0x3D0F00,), ALLOW),
    ("a process", "x86_64", X86, 56, (0x01200011,), EPERM),
    ("a process", "aarch64", ARM, 220, (17,), EPERM),
    ("a process by its old name", "x86_64", X86, 57, (), EPERM),
    ("a user namespace", "x86_64", X86, 56, (0x10000000,), EPERM),
    ("a network namespace", "aarch64", ARM, 220, (0x40000011,), EPERM),
    ("its own signal", "x86_64", X86, 62, (77, 9), ALLOW),
    ("another's signal", "x86_64", X86, 62, (78, 9), EPERM),
    ("everybody's signal", "aarch64", ARM, 129, (0xFFFFFFFF, 9), EPERM),
    ("its own limits", "x86_64", X86, 302, (0,), ALLOW),
    ("another's limits", "x86_64", X86, 302, (78,), EPERM),
    ("typing into a terminal", "x86_64", X86, 16, (0, 0x5412), EPERM),
    ("asking a terminal", "x86_64", X86, 16, (0, 0x5401), ALLOW),
    ("a call of the future", "x86_64", X86, 700, (), ENOSYS),
    ("x86's calls of 32 bits", "x86_64", 0x40000003, 0, (), KILL),
    ("x32's calls", "x86_64", X86, 0x40000000, (), KILL),
    ("arm's calls of 32 bits", "aarch64", 0x40000028, 3, (), KILL),
]


@pytest.mark.parametrize(("machine", "arch", "number", "arguments", "said"), [row[1:] for row in CALLS],
                         ids=[row[0] for row in CALLS])  # fmt: skip
def test_the_filter_says_to(machine, arch, number, arguments, said):
    program = seccomp.filter_program(machine, starts=False, signals_to=77)
    assert run_filter(program, number, arch, arguments) == said
