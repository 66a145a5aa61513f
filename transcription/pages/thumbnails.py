"""Pages in small, by which a person finds the sheet of paper again; drawn in a limited child process."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from config.child_answers.own_files import ForeignFile, own_output_file
from transcription.base.programs import call_in_child
from transcription.base.values import TranscriptionError

THUMBNAIL_TYPE = "image/jpeg"
NOT_TURNED: Mapping[Path, int] = {}
_AT_ONCE = 32
"""Per child process, so that the time limit is one of pages and not of files."""


def draw_thumbnails(
    pages: Sequence[Path], workdir: Path, *, seconds: float, memory_mb: int, turns: Mapping[Path, int] = NOT_TURNED
) -> dict[Path, Path]:
    """A small picture of each page image, in ``workdir``, by its page; without those of which none could be made.

    ``turns`` has the quarter turns against the clock that make a page upright, where they are known.
    """
    drawn: dict[Path, Path] = {}
    workdir, pages = workdir.absolute(), [page.absolute() for page in pages]
    for first in range(0, len(pages), _AT_ONCE):
        asked = {
            "pages": [str(page) for page in pages[first : first + _AT_ONCE]],
            "turns": {str(page.absolute()): quarters for page, quarters in turns.items()},
            "workdir": str(workdir),
        }
        try:
            made = call_in_child(
                "transcription.pages.thumbnail_child:draw",
                asked,
                seconds=seconds,
                memory_mb=memory_mb,
                reads=pages[first : first + _AT_ONCE],
                writes=[workdir],
            )
        except TranscriptionError:
            continue  # the list is printed without them; the page itself is what counts
        drawn |= _own(made, workdir)
    return drawn


def _own(made: Mapping[str, str], workdir: Path) -> dict[Path, Path]:
    """The pictures that lie where they should."""
    own = {}
    for page, small in made.items():
        with contextlib.suppress(ForeignFile):
            own[Path(page)] = own_output_file(small, workdir)
    return own
