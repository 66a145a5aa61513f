"""Runs one program under limits and leaves nothing of it behind.

Started by ``config.sandbox.limited_process``; ``config.sandbox.warm_parent`` keeps its children in the same way.

Stays between the caller and the program as its *subreaper* (prctl(2)): whatever the program
forks, even what detaches itself into another session, stays below this process and is
killed when the program ends, the time is over, or the caller dies. Only what of the
standard library is quickly imported, because a short recording is heard in a tenth of a second:
neither ``json`` nor ``pathlib``, and it is started with ``python -I -S``.

Arguments: the limits as ``name=number,…``, its reach (``landlock.restrict_files``), ``--``, then the program's
command line. Outcome: a word and what goes with it on the descriptor named in the limits: ``code 0``, ``stopped
memory``, ``errno 2``.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys
import time

# Started in isolation it knows no path to what is ours, and within a confinement it may not look for any.
_HERE = os.path.dirname(os.path.abspath(__file__))
for _name, _folder in (("config", os.path.dirname(_HERE)), ("config.sandbox", _HERE)):
    if _name not in sys.modules:
        sys.modules[_name] = type(sys)(_name)
        sys.modules[_name].__path__ = [_folder]

from config.sandbox.confinement import confine  # noqa: E402  only now it can be found

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_MIB = 1024 * 1024
_LOOK_SECONDS = 0.2


def _prctl(option: int, value: int) -> None:
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{task}/children") as children:
                found += map(int, children.read().split())
    return found


def _descendants() -> list[int]:
    found, below = [], _children(os.getpid())
    while below:
        found += below
        below = [grandchild for child in below for grandchild in _children(child)]
    return found


def _resident_mb(pids: list[int]) -> float:
    pages = 0
    for pid in pids:
        with contextlib.suppress(OSError, IndexError), open(f"/proc/{pid}/statm") as sizes:
            pages += int(sizes.read().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / _MIB


def _reap() -> dict[int, int]:
    """Every child that has ended, the adopted ones too, with its wait status."""
    ended = {}
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            ended[pid] = status
    return ended


def _kill_all() -> None:
    """Kill until nothing is left. Stopped first, so that nobody forks faster than this kills."""
    for _ in range(500):
        living = _descendants()
        for signum in (signal.SIGSTOP, signal.SIGKILL):
            for pid in living:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signum)
        _reap()
        if not _descendants():
            return
        time.sleep(0.01)


def _bound(kind: int, most: int) -> None:
    hard = resource.getrlimit(kind)[1]
    # At the hard limit of processor time the kernel kills without saying why (getrlimit(2)), so it comes later.
    harder = most + 5 if kind == resource.RLIMIT_CPU else most
    if hard != resource.RLIM_INFINITY:
        harder = min(harder, hard)
    resource.setrlimit(kind, (min(most, harder), harder))


def apply_own_limits(limits: dict[str, int], mapped_mb: int = 0) -> None:
    """Set this forked child's limits; ``mapped_mb`` is what it has mapped already, of what its parent loaded."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for ignored_by_python in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(ignored_by_python, signal.SIG_DFL)
    os.nice(10)
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as score:
        score.write("1000")  # when memory is short, this one goes first
    for kind, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, (limits["memory_mb"] + mapped_mb) * _MIB),
        (resource.RLIMIT_FSIZE, limits["file_mb"] * _MIB),
        (resource.RLIMIT_CPU, limits["cpu_seconds"]),
    ):
        _bound(kind, most)


def _become(argv: list[str], limits: dict[str, int], reach: list[str], problem: int) -> None:
    """In the forked child: set the limits, give up everything else, then become the program; never returns."""
    try:
        apply_own_limits(limits)
        if reach:
            confine(reach, starts=True, with_landlock=bool(limits["landlock"]), with_seccomp=bool(limits["seccomp"]))
        os.execvp(argv[0], argv)  # noqa: S606  no shell is wanted
    except OSError as error:
        os.write(problem, str(error.errno).encode())
    finally:
        os._exit(127)


def _watch(program: int, limits: dict[str, int]) -> str:
    """Wait for the program's end, looking after memory and processes meanwhile."""
    while True:
        received = signal.sigtimedwait({signal.SIGCHLD, signal.SIGTERM}, _LOOK_SECONDS)
        ended = _reap()
        if program in ended:
            status = ended[program]
            return f"code {os.waitstatus_to_exitcode(status)}"
        if received is not None and received.si_signo == signal.SIGTERM:
            return "stopped by the caller"
        living = _descendants()
        if len(living) > limits["processes"]:
            return "stopped processes"
        if _resident_mb(living) > limits["memory_mb"]:
            return "stopped memory"


def become_keeper() -> None:
    """Make this process the keeper of whatever it starts from now on."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGTERM})
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def close_program_pipes() -> None:
    """The program's own pipes must close when it ends, so its keeper has them no more."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)


def supervise_program(program: int, limits: dict[str, int], outcome_fd: int, problem: str = "") -> None:
    """Wait for the program's end or bring it about, leave nothing behind, and tell the outcome, or the problem."""
    outcome = _watch(program, limits)
    _kill_all()
    os.write(outcome_fd, (problem or outcome).encode())


def main() -> None:
    """Run the program, tell the outcome, leave nothing behind."""
    limits = {name: int(value) for name, _, value in (one.partition("=") for one in sys.argv[1].split(","))}
    become_keeper()
    if limits["parent"] and os.getppid() != limits["parent"]:
        return  # the caller died before the call above; nobody waits for this
    end = sys.argv.index("--")
    outcome_fd = limits["outcome_fd"]
    os.set_inheritable(outcome_fd, False)
    problem_read, problem_write = os.pipe()  # closed by a successful exec
    program = os.fork()
    if program == 0:
        os.close(problem_read)
        _become(sys.argv[end + 1 :], limits, sys.argv[2:end], problem_write)
    os.close(problem_write)
    close_program_pipes()
    problem = os.read(problem_read, 32)
    supervise_program(program, limits, outcome_fd, f"errno {int(problem)}" if problem else "")


if __name__ == "__main__":
    main()
