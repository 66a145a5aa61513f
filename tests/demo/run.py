"""``make demo``: residents speak, the gateway listens, a table shows what was understood.

Ends with 1 unless every contribution arrived, was read, is in the inbox, and its resident knows its reference.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from tests.demo.answering import answer_all, answers_table
from tests.demo.phrases import PHRASES, spoken_language
from tests.demo.play import Demo
from tests.demo.report import show_door, show_result, table_values
from tests.demo.samples import HERE, read_samples
from tests.demo.screen import Screen
from tests.demo.stage import GatewayStopped, Stage, StageError
from tests.standins.dovecot import DovecotMissing


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; 0 when all went well, 130 when it was interrupted."""
    given = _parser().parse_args(arguments)
    language = spoken_language(os.environ)
    screen, words = Screen(), PHRASES[language]
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        return _run(given, screen, language)
    except GatewayStopped as error:
        screen.tell(words["gone"], "red", "bold")
        screen.say(str(error))
    except (StageError, DovecotMissing, ValueError, OSError) as error:
        screen.tell(f"make demo: {error}", "red")
    except KeyboardInterrupt:
        return 130
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.demo.run", description=__doc__)
    parser.add_argument("--once", action="store_true", help="stop after the table")
    parser.add_argument("--json", type=Path, help="also write the table to this file")
    parser.add_argument("--data", type=Path, default=Path("demo-data"), help="the folder it runs in")
    parser.add_argument("--samples", type=Path, default=HERE / "samples.toml", help="what residents say")
    parser.add_argument("--port", type=int, help="where the inbox is served (8080, or any free port)")
    return parser


def _run(given: argparse.Namespace, screen: Screen, language: str) -> int:
    samples = read_samples(given.samples)
    started = time.monotonic()
    screen.say(screen.style.paint(PHRASES[language]["title"], "bold"))
    screen.tell(PHRASES[language]["subtitle"], "dim")
    screen.say()
    with Stage(given.data, samples, given.port) as stage:
        demo = Demo(stage, screen, language)
        problems = demo.play()
        show_result(demo, problems, time.monotonic() - started)
        problems += _answer(demo)
        if given.json is not None:
            given.json.write_text(json.dumps(table_values(demo), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        if not given.once:
            show_door(screen, demo)
            _stay(demo)
    return 1 if problems else 0


def _answer(demo: Demo) -> list[str]:
    """The town answers, and the table shows how it came; what is missing."""
    told, missing = answer_all(demo)
    demo.screen.say()
    demo.screen.tell(demo.words["answering"], "bold")
    for line in answers_table(demo, told):
        demo.screen.say(line)
    for problem in missing:
        demo.screen.tell(problem, "red")
    return missing


def _stay(demo: Demo) -> None:
    """Stay up until somebody interrupts, or the gateway ends on its own."""
    try:
        while True:
            time.sleep(1)
            demo.stage.check_gateway()
    except KeyboardInterrupt:
        # A second Ctrl-C would leave half of the processes behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        demo.screen.say()
        demo.screen.tell(demo.words["stopping"], "dim")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
