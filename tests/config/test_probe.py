"""Probes: a finding in one line, whatever the check does."""

from __future__ import annotations

import sys

import pytest

from config.probe import Probe, ProbeResult, Unavailable, program_version, run_probe


def answers() -> str:
    return "4.2"


def is_missing() -> str:
    raise Unavailable("the model is not there")


def is_broken() -> str:
    raise RuntimeError("two\nlines")


FINDINGS = [
    ("there", answers, ProbeResult("thing", "Reads.", True, version="4.2"), "thing 4.2"),
    (
        "missing",
        is_missing,
        ProbeResult("thing", "Reads.", False, problem="the model is not there", remedy="install it"),
        "thing: the model is not there. Reads. To do: install it",
    ),
    (
        "broken",
        is_broken,
        ProbeResult("thing", "Reads.", False, problem="two lines", remedy="install it"),
        "thing: two lines. Reads. To do: install it",
    ),
]


@pytest.mark.parametrize(("check", "result", "line"), [row[1:] for row in FINDINGS], ids=[row[0] for row in FINDINGS])
def test_a_probe_that_is(check, result, line):
    found = run_probe(Probe("thing", "Reads.", check, "install it"))
    assert (found, found.line) == (result, line)


PRINTED = [
    ("ffmpeg version 5.1.6-0+deb12u1 Copyright (c) 2000", "stdout", "5.1.6-0+deb12u1"),
    ("tesseract 5.3.0\n leptonica-1.82.0", "stdout", "5.3.0"),
    ("Redis server v=7.0.15 sha=00000000:0", "stdout", "7.0.15"),
    ("tool 3.4.3", "stderr", "3.4.3"),
    ("no number here", "stdout", "no number here"),
]


@pytest.mark.parametrize(("printed", "where", "version"), PRINTED, ids=[row[2] for row in PRINTED])
def test_versions_are_found_in_what_programs_print(printed, where, version):
    assert program_version([sys.executable, "-c", f"import sys; sys.{where}.write({printed!r})"]) == version


BAD = [
    ("missing", ["no-such-program-anywhere", "--version"], "no-such-program-anywhere is not installed"),
    ("refusing", ["false"], "false does not run (exit code 1)"),
]


@pytest.mark.parametrize(("argv", "problem"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_a_program_that_does_not_run_is_unavailable(argv, problem):
    with pytest.raises(Unavailable) as caught:
        program_version(argv)
    assert str(caught.value) == problem
