"""What was learned of a theme, as the row that is kept of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from inbox.models import ThemeModel
from transcription.text.learned_themes import LearnedTheme

_FEATURES = 2
"""Counted up where what themes are learned from changes: then they are learned anew."""


def as_row(model: LearnedTheme, shown: Sequence[str], decided: int) -> Mapping[str, Any]:
    """A model as its row: everything it weighs, and the words that are shown."""
    threshold = None if math.isinf(model.threshold) else model.threshold
    return {
        "theme": model.theme,
        "weights": {
            "words": dict(model.weights),
            "bias": model.bias,
            "threshold": threshold,
            "shown": list(shown),
            "learned_from": decided,
            "features": _FEATURES,
        },
        "decisions": model.decisions,
        "kept": model.kept,
        "precision": model.precision,
        "coverage": model.coverage,
    }


def learned_from(row: ThemeModel) -> int:
    """From how many decisions; 0 where an earlier version learned from other features."""
    return int(row.weights.get("learned_from", 0)) if row.weights.get("features") == _FEATURES else 0


def as_learned(row: ThemeModel) -> LearnedTheme:
    """A row as its model."""
    threshold = row.weights["threshold"]
    return LearnedTheme(
        theme=row.theme,
        weights=row.weights["words"],
        bias=row.weights["bias"],
        threshold=math.inf if threshold is None else threshold,
        decisions=row.decisions,
        kept=row.kept,
        precision=row.precision,
        coverage=row.coverage,
    )
