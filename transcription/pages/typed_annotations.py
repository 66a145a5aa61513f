"""What is typed in a file beside its drawn pages, put below the words that were read on the page."""

from __future__ import annotations

from dataclasses import replace

from transcription.base.values import Doubt, PlacedWord, Transcript
from transcription.pages.page_images import PageImage


def with_typed(read: Transcript, page: PageImage) -> Transcript:
    """A page's transcript with the notes and fields that its picture does not show, and with what a person must know.

    These words are certain, and have no place on the page: their box is the whole of it.
    """
    if not page.typed and not page.doubts:
        return read
    box = (0, 0, page.width, page.height)
    last = max((word.line for word in read.words if isinstance(word, PlacedWord)), default=-1)
    lines = [line.split() for typed in page.typed for line in typed.splitlines() if line.strip()]
    added = [PlacedWord(text, 1.0, box, last + 1 + n, page.number) for n, line in enumerate(lines) for text in line]
    # Of a page left white because only another program draws it, that nothing stands on it is no news.
    doubt = None if Doubt.OWN_PROGRAM in page.doubts else read.doubt
    words = tuple(word for word in read.words if isinstance(word, PlacedWord))
    return replace(read, words=(*words, *added), doubt=doubt, also=(*read.also, *page.doubts))
