"""What a contribution may be beside what it is about: a question, a proposal, a fault, an opinion, thanks.

Suggested by short lists of cues, which are shown with each suggestion; a person keeps it or throws it away. Several
kinds may fit one text, none where no cue stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from config.enums import ContributionKind
from config.wording.stems import fold

_K = ContributionKind

# Folded words and phrases, as they stand in a text; those of a fault and of an opinion are single words mostly.
CUES: Mapping[str, Mapping[ContributionKind, Sequence[str]]] = {
    "fr": {
        _K.QUESTION: (
            "pourquoi",
            "quand est ce",
            "est ce que",
            "a quelle date",
            "combien",
            "qui decide",
            "comment faire",
            "peut on",
            "pouvez vous me dire",
            "je voudrais savoir",
            "j aimerais savoir",
            "ou en est",
            "c est pour quand",
        ),
        _K.PROPOSAL: (
            "je propose",
            "nous proposons",
            "il faudrait",
            "il faut",
            "on pourrait",
            "pourquoi pas",
            "pourquoi ne pas",
            "je souhaite",
            "nous souhaitons",
            "je voudrais",
            "nous voudrions",
            "nous aimerions",
            "j aimerais",
            "ce serait bien",
            "il manque",
            "je demande",
            "on demande",
            "installer",
            "creer",
            "mettre en place",
            "merci de prevoir",
            "idee",
        ),
        _K.FAULT: (
            "casse",
            "cassee",
            "casses",
            "en panne",
            "ne marche plus",
            "ne marche pas",
            "ne fonctionne plus",
            "ne fonctionne pas",
            "trou",
            "trous",
            "nid de poule",
            "nids de poule",
            "fuite",
            "debordent",
            "deborde",
            "arrache",
            "tombe",
            "dangereux",
            "dangereuse",
            "eteint",
            "eteints",
            "bouche",
            "abime",
            "abimee",
            "defonce",
            "defoncee",
        ),
        _K.OPINION: (
            "je pense",
            "je trouve",
            "a mon avis",
            "selon moi",
            "je suis contre",
            "je suis pour",
            "nous sommes contre",
            "d accord",
            "je n aime pas",
            "j aime",
            "honte",
            "inadmissible",
            "scandaleux",
            "trop",
            "c est bien",
            "dommage",
            "ras le bol",
        ),
        _K.THANKS: (
            "merci pour",
            "merci a",
            "merci de votre",
            "bravo",
            "felicitations",
            "je remercie",
            "nous remercions",
        ),
    },
    "en": {
        _K.QUESTION: (
            "why",
            "when will",
            "how much",
            "how many",
            "who decides",
            "could you tell",
            "i would like to know",
            "is there",
            "what about",
        ),
        _K.PROPOSAL: (
            "i suggest",
            "we suggest",
            "i propose",
            "should",
            "could we",
            "we need",
            "i would like",
            "we would like",
            "please add",
            "it would be good",
            "why not",
        ),
        _K.FAULT: (
            "broken",
            "out of order",
            "not working",
            "does not work",
            "doesn t work",
            "pothole",
            "potholes",
            "leak",
            "leaking",
            "dangerous",
            "overflowing",
            "blocked",
            "damaged",
        ),
        _K.OPINION: (
            "i think",
            "i feel",
            "in my opinion",
            "i am against",
            "i agree",
            "i disagree",
            "i like",
            "too much",
            "shame",
        ),
        _K.THANKS: ("thank you for", "thanks for", "well done", "congratulations", "grateful"),
    },
}

_QUESTION_MARK = "?"
_MARK = re.compile(r"[?？؟]")


@dataclass(frozen=True, slots=True)
class KindFound:
    """A kind, and the cues that were found, in their order."""

    kind: ContributionKind
    cues: tuple[str, ...]


def suggest_kinds(text: str, language: str | None) -> list[KindFound]:
    """The kinds that cues of the text's language stand for; of every language where it is unknown."""
    line = f" {fold(text)} "
    found: dict[ContributionKind, list[str]] = {}
    for code in (language,) if language in CUES else tuple(CUES):
        for kind, cues in CUES[code or ""].items():
            found.setdefault(kind, []).extend(cue for cue in cues if f" {cue} " in line)
    # « Pourquoi pas un banc ? » proposes, and only looks like a question.
    proposes = [cue for cue in found.get(_K.PROPOSAL, ()) if cue.startswith(("pourquoi", "why not"))]
    if proposes:
        found[_K.QUESTION] = [cue for cue in found[_K.QUESTION] if cue not in ("pourquoi", "why")]
    elif _MARK.search(text):
        found.setdefault(_K.QUESTION, []).append(_QUESTION_MARK)
    return [KindFound(kind, tuple(dict.fromkeys(cues))) for kind, cues in found.items() if cues]
