"""A town's streets, stops and facilities, found in texts through mishearing and misreading.

The list is a CSV file of the town's own (``name``, ``quarter``) or one in the format of the national address base
(``nom_voie``, ``nom_commune`` …; adresse.data.gouv.fr). A name is looked for as it sounds: word for word first; then,
behind a word such as « rue » or « place », for what is nearly the same.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from transcription.text.sounded_words import sounded

NEAR = 78.0
"""Percent of the letters, as they sound, from which a name behind « rue » is taken for the list's."""
CLEARLY = 6.0
"""Percent by which the best name must be better than the next: between two alike, nobody guesses."""
LONGEST_WORDS = 8

_NAMES = ("name", "nom", "nom_voie", "libelle", "libelle_voie", "voie", "toponyme")
_QUARTERS = ("quarter", "quartier", "nom_quartier", "secteur", "nom_ld", "libelle_quartier")
_KIND_WORDS = """
rue avenue boulevard bd av place allée chemin route quai square impasse cours passage pont esplanade rond arrêt station
gare stade parc jardin école collège lycée mairie piscine bibliothèque médiathèque marché street road square avenue
stop park school library market bridge
"""
_KINDS = frozenset(sounded(_KIND_WORDS))
# « rue de Siam », « rue Siam »: what may be missing between.
_SMALL = frozenset(sounded("de du des la le les et en sur the la of"))


class NoPlaces(ValueError):
    """A file of places without a column that names them."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place of the list."""

    name: str
    quarter: str = ""


@dataclass(frozen=True, slots=True)
class PlaceFound:
    """A place that a text names; whether word for word as it sounds."""

    place: Place
    exact: bool


def read_places(raw: bytes) -> list[Place]:
    """The places of a CSV file, each once; comma, semicolon or tab. Raises ``NoPlaces`` naming the columns it has."""
    text = raw.decode("utf-8-sig", "replace")
    head = text.split("\n", 1)[0]
    delimiter = max(";,\t|", key=head.count)
    rows = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    columns = {(column or "").strip().casefold(): column for column in rows.fieldnames or ()}
    named = next((columns[one] for one in _NAMES if one in columns), None)
    if named is None:
        raise NoPlaces(f"none of the columns {', '.join(columns)} is called {', '.join(_NAMES)}")
    quarter = next((columns[one] for one in _QUARTERS if one in columns), None)
    found: dict[str, Place] = {}
    for row in rows:
        name = " ".join((row[named] or "").split())
        if name and sounded(name):
            found.setdefault(name.casefold(), Place(name, " ".join((row[quarter] or "").split()) if quarter else ""))
    return list(found.values())


class PlaceIndex:
    """A list of places, prepared to be looked for."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._by_name: dict[tuple[str, ...], Place] = {}
        self._by_kind: dict[str, dict[str, Place]] = defaultdict(dict)
        for place in places:
            keys = _bare(sounded(place.name))
            if not keys or (keys[0] in _KINDS and len(keys) == 1):
                continue
            self._by_name.setdefault(tuple(keys), place)
            if keys[0] in _KINDS:
                self._by_kind[keys[0]].setdefault(" ".join(keys[1:]), place)
        self._longest = min(LONGEST_WORDS, max((len(keys) for keys in self._by_name), default=0))

    def find(self, text: str) -> list[PlaceFound]:
        """The places that a text names, each once, in the order of the text."""
        said = _bare(sounded(text))
        found: dict[str, PlaceFound] = {}
        at = 0
        while at < len(said):
            exact = self._exact(said, at)
            near = None if exact else self._near(said, at)
            if exact:
                found.setdefault(exact[0].name, PlaceFound(exact[0], exact=True))
            elif near:
                found.setdefault(near.name, PlaceFound(near, exact=False))
            at += exact[1] if exact else 1
        return list(found.values())

    def _exact(self, said: Sequence[str], at: int) -> tuple[Place, int] | None:
        for length in range(min(self._longest, len(said) - at), 0, -1):
            place = self._by_name.get(tuple(said[at : at + length]))
            if place is not None and (length > 1 or len(said[at]) > 4):
                return place, length
        return None

    def _near(self, said: Sequence[str], at: int) -> Place | None:
        names: Mapping[str, Place] = self._by_kind.get(said[at], {})
        if not names:
            return None
        best: dict[str, float] = {}
        for length in range(1, 4):
            behind = " ".join(said[at + 1 : at + 1 + length])
            # A few letters are near to too much.
            if len(behind) < 4 or len(said) < at + 1 + length:
                continue
            for name, likeness, _ in process.extract(
                behind, names.keys(), scorer=fuzz.ratio, score_cutoff=NEAR, limit=2
            ):
                best[name] = max(likeness, best.get(name, 0.0))
        ranked = sorted(best, key=lambda name: -best[name])
        if not ranked or (len(ranked) > 1 and best[ranked[0]] - best[ranked[1]] < CLEARLY):
            return None
        return names[ranked[0]]


def _bare(keys: Sequence[str]) -> list[str]:
    return [key for key in keys if key not in _SMALL]
