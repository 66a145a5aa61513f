"""Files that nobody scanned, one of each kind: each ends with a reason or its pages, in bounded time and memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.hostile import MOST_MB, MOST_SECONDS, tried
from tests.transcription.hostile_scans import HOSTILE, ONE_OF_EACH_KIND


@pytest.mark.parametrize("name", ONE_OF_EACH_KIND)
def test_a_hostile_file_is_refused_or_cut_short(tmp_path: Path, name: str) -> None:
    told = tried(name, tmp_path)
    assert not str(told["said"]).startswith("CRASHED"), told
    assert float(str(told["mb"])) < MOST_MB
    assert float(str(told["seconds"])) <= MOST_SECONDS + 1


def test_there_are_sixty_of_them() -> None:
    assert len(HOSTILE) >= 60
    assert set(ONE_OF_EACH_KIND) <= HOSTILE.keys()
