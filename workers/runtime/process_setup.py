"""What every process of the gateway begins with: settings, a private umask, logs without personal data, an end."""

import gc
import json
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from types import FrameType, TracebackType

from config.settings.loader import Settings

COLLECTED_AFTER = 10_000, 20, 20
"""How many objects more than before there are when garbage is collected (gc.set_threshold): rows come by the thousand,
and the usual 700 has a quarter of a long list's time go into looking at them."""
OUR_ROOMS = ("__main__", "config", "channels", "transcription", "inbox", "gateway", "workers")
_LOG_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"

type_and_places = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class PlainFormatter(logging.Formatter):
    """Says which error happened and where, never what it said: messages quote addresses and texts."""

    def formatException(self, ei: type_and_places) -> str:  # noqa: N802 — logging's name
        """The error's type and the places it passed through, innermost last."""
        kind, _, trace = ei
        return f"{kind.__name__} at {traceback_places(trace)}" if kind else ""


class JsonFormatter(PlainFormatter):
    """The same as an object a line, for programs that gather logs; no more of anybody's words than the other."""

    def format(self, record: logging.LogRecord) -> str:
        """Time (RFC 3339), level, name, message, process, and what happened where."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "pid": record.process,
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def traceback_places(trace: TracebackType | None) -> str:
    """``module.py:12 > other.py:3``, the last six places of a traceback."""
    frames = traceback.extract_tb(trace)[-6:]
    return " > ".join(f"{os.path.basename(frame.filename)}:{frame.lineno}" for frame in frames)  # noqa: PTH119 — text


def log_to_stderr(level: str, form: str = "text") -> None:
    """Log our rooms at ``level`` and everybody else's warnings, as ``text`` or as ``json``."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else PlainFormatter(_LOG_FORMAT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for room in OUR_ROOMS:
        logging.getLogger(room).setLevel(level.upper())


class _HandedDown:
    def __init__(self) -> None:
        self.settings: Settings | None = None


_handed_down = _HandedDown()


def share_settings(settings: Settings) -> None:
    """What is forked from here on begins with these settings, and neither reads them nor checks the keys again."""
    _handed_down.settings = settings


def are_keys_checked() -> bool:
    """Whether who handed the settings down has seen that the keys are those of the database."""
    return _handed_down.settings is not None


def settings_at_start(load: Callable[[], Settings]) -> Settings:
    """The settings that were handed down, else those that ``load`` finds in force."""
    return _handed_down.settings or load()


def begin_process(load: Callable[[], Settings]) -> Settings:
    """Prepare this process, started by the supervisor, and return the settings it works by."""
    os.umask(0o077)
    gc.set_threshold(*COLLECTED_AFTER)
    settings = settings_at_start(load)
    log_to_stderr(settings.log_level, settings.monitoring.log_format)
    sys.excepthook = _log_unforeseen
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return settings


def _log_unforeseen(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger(__name__).critical("this process ends", exc_info=(kind, error, trace))


def _end(_signum: int, _frame: FrameType | None) -> None:
    # Whatever is being done is inside a transaction, so leaving in the middle undoes it.
    raise SystemExit(0)
