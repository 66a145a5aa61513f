"""``make soak ONLY=conservation``: every citizen's text of the corpus as thirty letters; no sentence leaves unseen.

As they are, a sentence a line, wrapped at 72; bare, and between a greeting and a signature; as mail of five
programs, two of them answers that quote. Without PORTEVOIX_CORPUS, the odd letters of our own.
"""

from __future__ import annotations

import os
from multiprocessing import get_context
from pathlib import Path

from tests.channels.letters_sent import citizens_texts, losses
from tests.channels.test_conservation import SENTENCES

PROCESSES = int(os.environ.get("PORTEVOIX_PROCESSES", "2"))
_SHOWN = 50


def conservation() -> None:
    """Try them all; fails with the sentences that left."""
    corpus = os.environ.get("PORTEVOIX_CORPUS")
    texts = citizens_texts(Path(corpus)) if corpus else SENTENCES
    lost: list[str] = []
    with get_context("spawn").Pool(PROCESSES) as pool:
        for number, found in enumerate(pool.imap_unordered(_lost, texts, chunksize=20), start=1):
            lost += found
            if number % 1000 == 0:
                print(f"  {number} of {len(texts)} texts, {len(lost)} sentences left", flush=True)
    print(f"  {len(texts)} texts as {30 * len(texts)} letters: {len(lost)} sentences left the text", flush=True)
    assert not lost, "\n".join(lost[:_SHOWN])


def _lost(text: str) -> list[str]:
    return list(losses(text))
