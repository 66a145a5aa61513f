"""A town's streets, stops and facilities, found in texts through mishearing and misreading.

The list is a CSV file of the town's own (``name``, ``quarter``) or one in the format of the national address base
(``nom_voie``, ``nom_commune`` …; adresse.data.gouv.fr). A name is looked for as it sounds: word for word first,
then for what is nearly the same.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from config.wording.stems import words_of
from transcription.text.near_names import NearNames, SoughtName
from transcription.text.sounded_words import sound_key, sound_keys

FEWEST_LETTERS = 4
"""As it sounds and without « rue »; a shorter name is near to too much, and must be there nearly word for word."""
LONGEST_WORDS = 8

_NAMES = ("name", "nom", "nom_voie", "libelle", "libelle_voie", "voie", "toponyme")
_QUARTERS = ("quarter", "quartier", "nom_quartier", "secteur", "nom_ld", "libelle_quartier")
_KIND_WORDS = """
rue avenue boulevard bd av place allée chemin route quai square impasse cours passage pont esplanade rond arrêt station
gare stade parc jardin école collège lycée mairie piscine bibliothèque médiathèque marché street road square avenue
stop park school library market bridge
"""
_KINDS = frozenset(sound_keys(_KIND_WORDS))
# « rue de Siam », « rue Siam »: what may be missing between.
_SMALL = frozenset(words_of("de du des la le les et en sur aux au the of"))


class NoPlaces(ValueError):
    """A file of places without a column that names them."""


@dataclass(frozen=True, slots=True)
class TownPlace:
    """One place of the list."""

    name: str
    quarter: str = ""


@dataclass(frozen=True, slots=True)
class PlaceFound:
    """A place that a text names; whether word for word as it sounds."""

    place: TownPlace
    exact: bool


def read_places(raw: bytes) -> list[TownPlace]:
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
    found: dict[str, TownPlace] = {}
    for row in rows:
        name = " ".join((row[named] or "").split())
        if name and sound_keys(name):
            found.setdefault(
                name.casefold(), TownPlace(name, " ".join((row[quarter] or "").split()) if quarter else "")
            )
    return list(found.values())


class PlaceIndex:
    """A list of places, prepared to be looked for."""

    def __init__(self, places: Sequence[TownPlace]) -> None:
        self._by_name: dict[tuple[str, ...], TownPlace] = {}
        self._places: list[TownPlace] = []
        names: list[SoughtName] = []
        for place in places:
            words = _bare(words_of(place.name), _SMALL)
            keys = tuple(sound_key(word) for word in words)
            if not keys or (keys[0] in _KINDS and len(keys) == 1) or keys in self._by_name:
                continue
            self._by_name[keys] = place
            letters = sum(len(key) for key in keys if key not in _KINDS)
            self._places.append(place)
            names.append(SoughtName(tuple(words), _gaps(words_of(place.name)), letters < FEWEST_LETTERS))
        self._longest = min(LONGEST_WORDS, max((len(keys) for keys in self._by_name), default=0))
        self._near = NearNames(names, set(words_of(_KIND_WORDS)))

    def find(self, text: str) -> list[PlaceFound]:
        """The places that a text names, each once: those word for word first, in the order of the text."""
        words = _bare(words_of(text), _SMALL)
        said = [sound_key(word) for word in words]
        found: dict[str, PlaceFound] = {}
        left: list[str] = []
        at = 0
        while at < len(said):
            exact = self._exact(said, at)
            if exact:
                found.setdefault(exact[0].name, PlaceFound(exact[0], exact=True))
            # A word that is a name's stays one word, and is none of another's.
            left += ["" for _ in range(exact[1])] if exact else [words[at]]
            at += exact[1] if exact else 1
        for near in self._near.find(left):
            place = self._places[near.number]
            found.setdefault(place.name, PlaceFound(place, exact=False))
        return list(found.values())

    def _exact(self, said: Sequence[str], at: int) -> tuple[TownPlace, int] | None:
        for length in range(min(self._longest, len(said) - at), 0, -1):
            place = self._by_name.get(tuple(said[at : at + length]))
            if place is not None and (length > 1 or len(said[at]) > 4):
                return place, length
        return None


def _gaps(words: Sequence[str]) -> tuple[int, ...]:
    """Before each word that is not small, how many small ones stand."""
    gaps, small = [], 0
    for word in words:
        if word in _SMALL:
            small += 1
        else:
            gaps.append(small)
            small = 0
    return tuple(gaps)


def _bare(words: Sequence[str], small: frozenset[str]) -> list[str]:
    return [word for word in words if word not in small]
