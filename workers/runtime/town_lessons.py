"""What a town's corrections teach, kept by each process for a while and learnt anew: nothing of it is stored.

What was erased is therefore forgotten within ``KEPT_SECONDS``.
"""

from __future__ import annotations

import logging
import time

from inbox.desk.corrected_recordings import Corrected, corrected
from inbox.errors import InboxError
from inbox.storage.database import Store
from inbox.storage.unit_of_work import SQLAlchemyError
from transcription.text.corrections import NOTHING_TAUGHT, Correction, Lessons, learn

KEPT_SECONDS = 600.0

log = logging.getLogger(__name__)


class TownLessons:
    """The lessons of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lessons = NOTHING_TAUGHT
        self._learnt_at: float | None = None

    def now(self) -> Lessons:
        """What is known by now; what was known before, when the store cannot be asked."""
        if self._learnt_at is None or time.monotonic() - self._learnt_at > KEPT_SECONDS:
            try:
                with self._store.read() as session:
                    self._lessons = learn(map(_as_correction, corrected(session)))
            except (SQLAlchemyError, InboxError) as error:  # a recording is heard all the same
                log.warning("nothing was learnt of corrections: %s", type(error).__name__)
            self._learnt_at = time.monotonic()
        return self._lessons


def _as_correction(one: Corrected) -> Correction:
    words = tuple((str(word["text"]), float(word.get("engine_confidence", word["confidence"]))) for word in one.words)
    return Correction(one.model, words, one.body)
