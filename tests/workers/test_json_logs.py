"""Logs as objects: complete, parsable, and with no more of anybody's words than logs for people."""

import json
import logging
import sys

import pytest

from workers.runtime.process_setup import JsonFormatter

WORDS = "Yvonne, 06 12 34 56 78"


def logged(message: str, *values: object, error: bool = False) -> dict[str, object]:
    record = logging.LogRecord(
        "inbox.jobs", logging.WARNING, __file__, 1, message, values, sys.exc_info() if error else None
    )
    line = JsonFormatter().format(record)
    assert "\n" not in line
    found: dict[str, object] = json.loads(line)
    return found


@pytest.mark.parametrize(
    ("message", "values", "said"),
    [
        ("%d steps are overdue", (3,), "3 steps are overdue"),
        ('« é » and "quotes"\nand a line', (), '« é » and "quotes"\nand a line'),
        ("a lone surrogate \udc80", (), "a lone surrogate \udc80"),
    ],
)
def test_a_line_is_an_object(message: str, values: tuple[object, ...], said: str):
    found = logged(message, *values)
    assert (found["message"], found["level"], found["logger"]) == (said, "warning", "inbox.jobs")
    assert str(found["time"]).endswith("+00:00")


def test_an_error_is_told_by_kind_and_place():
    try:
        raise ValueError(WORDS)
    except ValueError:
        found = logged("failed", error=True)
    assert str(found["error"]).startswith("ValueError at test_json_logs.py:")
    assert "Yvonne" not in json.dumps(found)
