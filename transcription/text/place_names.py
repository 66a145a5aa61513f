"""A town's streets, stops and facilities, found in texts through mishearing and misreading.

The list is a CSV file of the town's own (``name``, ``quarter``) or one in the format of the national address base
(``nom_voie``, ``nom_commune`` …; adresse.data.gouv.fr). A name is looked for as it sounds: word for word first,
then for what is nearly the same.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from transcription.text.sounded_words import sounded

NEAR = 74.0
"""Percent of a name's letters, as they sound, that must stand together in the text."""
CLEARLY = 4.0
"""Percent by which the best name must be better than the next at the same place: between two alike, nobody guesses."""
SHARED = 0.55
"""Of a name's pairs of letters, the share that must be anywhere in the text for the two to be compared."""
FEWEST_LETTERS = 4
"""As it sounds and without « rue »; a shorter name is near to too much, and only found word for word."""
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
        self._lines: list[tuple[str, str, Place]] = []
        for place in places:
            keys = _bare(sounded(place.name))
            if not keys or (keys[0] in _KINDS and len(keys) == 1) or tuple(keys) in self._by_name:
                continue
            self._by_name[tuple(keys)] = place
            bare = keys[1:] if keys[0] in _KINDS else keys
            self._lines.append((" ".join(keys), " ".join(bare), place))
        self._longest = min(LONGEST_WORDS, max((len(keys) for keys in self._by_name), default=0))
        self._having: dict[str, list[int]] = defaultdict(list)
        self._parts = [_parts(bare) for _whole, bare, _place in self._lines]
        for number, parts in enumerate(self._parts):
            for part in parts:
                self._having[part].append(number)

    def find(self, text: str) -> list[PlaceFound]:
        """The places that a text names, each once: those word for word first, in the order of the text."""
        said = _bare(sounded(text))
        found: dict[str, PlaceFound] = {}
        left: list[str] = []
        at = 0
        while at < len(said):
            exact = self._exact(said, at)
            if exact:
                found.setdefault(exact[0].name, PlaceFound(exact[0], exact=True))
            left.append("|" if exact else said[at])
            at += exact[1] if exact else 1
        for place in self._near(" ".join(left)):
            found.setdefault(place.name, PlaceFound(place, exact=False))
        return list(found.values())

    def _exact(self, said: Sequence[str], at: int) -> tuple[Place, int] | None:
        for length in range(min(self._longest, len(said) - at), 0, -1):
            place = self._by_name.get(tuple(said[at : at + length]))
            if place is not None and (length > 1 or len(said[at]) > 4):
                return place, length
        return None

    def _near(self, said: str) -> list[Place]:
        """Names that nearly stand in what is left of a text; at one place the best, and none of two alike."""
        shared = Counter(number for part in _parts(said) for number in self._having.get(part, ()))
        best: list[tuple[float, int, int, Place]] = []
        for number, count in shared.items():
            if count < SHARED * len(self._parts[number]):
                continue
            whole, bare, place = self._lines[number]
            found = fuzz.partial_ratio_alignment(whole, said, score_cutoff=NEAR)
            if found is not None and len(bare) >= FEWEST_LETTERS:
                best.append((found.score, found.dest_start, found.dest_end, place))
        best.sort(key=lambda one: -one[0])
        taken: list[tuple[float, int, int, Place]] = []
        doubtful: list[Place] = []
        for one in best:
            at_the_same = [other for other in taken if other[1] < one[2] and one[1] < other[2]]
            doubtful += [other[3] for other in at_the_same if other[0] - one[0] < CLEARLY]
            if not at_the_same:
                taken.append(one)
        return [place for _score, _begin, _end, place in taken if place not in doubtful]


def _parts(line: str) -> set[str]:
    """The pairs of letters of a line: what is misheard or misread still shares most of them."""
    return {line[at : at + 2] for at in range(len(line) - 1)}


def _bare(keys: Sequence[str]) -> list[str]:
    return [key for key in keys if key not in _SMALL]
