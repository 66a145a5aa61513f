"""What a contribution may be beside what it is about, and how it may stand to a proposal: suggested by lists of cues.

The cues (``kind_words.toml``) are shown with each suggestion; a person keeps it or throws it away. Several kinds may
fit one text, none where no cue stands in it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.enums import ContributionKind
from config.sense_states import Stance
from config.wording.stems import fold

_K = ContributionKind
_WORDS = tomllib.loads(Path(__file__).with_name("kind_words.toml").read_text(encoding="utf-8"))

CUES: Mapping[str, Mapping[ContributionKind, Sequence[str]]] = {
    language: {ContributionKind(kind): tuple(cues) for kind, cues in lists.items()}
    for language, lists in _WORDS["kinds"].items()
}
STANCES: Mapping[str, Mapping[Stance, Sequence[str]]] = {
    language: {Stance(stance): tuple(cues) for stance, cues in lists.items()}
    for language, lists in _WORDS["stances"].items()
}

_QUESTION_MARK = "?"
_MARK = re.compile(r"[?？؟]")
_NEGATED = ("pas", "jamais", "aucunement", "plus", "not", "never", "no longer", "don t", "n")
"""Before a cue, it means the contrary: « pas d'accord », « pas favorable », « not in favour »."""


@dataclass(frozen=True, slots=True)
class KindFound:
    """A kind, and the cues that were found, in their order."""

    kind: ContributionKind
    cues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StanceFound:
    """For or against, and the cues that were found."""

    stance: Stance
    cues: tuple[str, ...]


def suggest_kinds(text: str, language: str | None) -> list[KindFound]:
    """The kinds that cues of the text's language stand for; of every language where it is unknown."""
    line = f" {fold(text)} "
    found: dict[ContributionKind, list[str]] = {}
    for code in _languages(language):
        for kind, cues in CUES[code].items():
            found.setdefault(kind, []).extend(cue for cue in cues if f" {cue} " in line)
    # « Pourquoi pas un banc ? » proposes, and only looks like a question.
    proposes = [cue for cue in found.get(_K.PROPOSAL, ()) if cue.startswith(("pourquoi", "why not"))]
    if proposes:
        found[_K.QUESTION] = [cue for cue in found[_K.QUESTION] if cue not in ("pourquoi", "why")]
    elif _MARK.search(text):
        found.setdefault(_K.QUESTION, []).append(_QUESTION_MARK)
    return [KindFound(kind, tuple(dict.fromkeys(cues))) for kind, cues in found.items() if cues]


def suggest_stance(text: str, language: str | None) -> StanceFound | None:
    """For or against, where the cues of one side are more than those of the other; None where nobody can tell."""
    line = f" {fold(text)} "
    found: dict[Stance, list[str]] = {Stance.FOR: [], Stance.AGAINST: []}
    for code in _languages(language):
        for stance, cues in STANCES[code].items():
            for cue in cues:
                for at in _places(line, cue):
                    turned = _is_negated(line[:at])
                    found[_CONTRARY[stance] if turned else stance].append(f"pas {cue}" if turned else cue)
    ahead, behind = sorted(found, key=lambda stance: -len(set(found[stance])))
    if len(set(found[ahead])) == len(set(found[behind])):
        return None
    return StanceFound(ahead, tuple(dict.fromkeys(found[ahead])))


_CONTRARY = {Stance.FOR: Stance.AGAINST, Stance.AGAINST: Stance.FOR}


def _places(line: str, cue: str) -> list[int]:
    return [found.start() for found in re.finditer(rf"(?= {re.escape(cue)} )", line)]


def _is_negated(before: str) -> bool:
    """Whether a word just before turns what follows."""
    return any(before.endswith(f" {word}") for word in _NEGATED)


def _languages(language: str | None) -> tuple[str, ...]:
    return (language,) if language is not None and language in CUES else tuple(CUES)
