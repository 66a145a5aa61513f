"""Outlines of quarters from a GeoJSON file (RFC 7946) of the town's own, laid flat for a map.

Nothing is fetched from anybody: a map is these outlines alone.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

NAMES = ("name", "nom", "quartier", "nom_quartier", "quarter", "l_qu", "libelle")
"""Properties that may hold a quarter's name, the first that is there."""
MOST_POINTS = 400
"""Of one ring; a finer one is drawn with every so manieth of its points."""
MOST_ZOOM = 19
TILES_ACROSS = 4
"""At most, for the width of a map: each has 256 pixels."""
LARGEST_FILE = 20_000_000
"""Bytes."""


class NoOutlines(ValueError):
    """A file without one named outline."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A quarter: its rings, each a list of places from 0 (left, top) to 1 of the map's width."""

    name: str
    rings: tuple[tuple[tuple[float, float], ...], ...]

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of its largest ring, where its name may stand."""
        ring = max(self.rings, key=len)
        return sum(x for x, _y in ring) / len(ring), sum(y for _x, y in ring) / len(ring)


@dataclass(frozen=True, slots=True)
class TownMap:
    """The outlines of a town's quarters."""

    outlines: tuple[Outline, ...]
    height: float
    """Of the map, as a share of its width."""
    west: float
    """Of the left edge, as Web Mercator counts: 0 to 1 around the world."""
    north: float
    width: float


def town_map(file: Path | None) -> TownMap | None:
    """The town's map; None without a file. Raises ``NoOutlines``, OSError."""
    if file is None:
        return None
    there = file.stat()
    return _read(file, there.st_mtime_ns, there.st_size)


@lru_cache(maxsize=4)
def _read(file: Path, _changed: int, size: int) -> TownMap:
    if size > LARGEST_FILE:
        raise NoOutlines(f"{file.name} is larger than {LARGEST_FILE} bytes")
    try:
        return laid_flat(json.loads(file.read_bytes()))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise NoOutlines(f"{file.name} is no GeoJSON with named polygons: {error}") from error


def laid_flat(collection: Any) -> TownMap:
    """The map of a GeoJSON FeatureCollection; raises ``NoOutlines`` where nothing in it is named and has an area."""
    found: dict[str, list[list[tuple[float, float]]]] = {}
    for feature in collection["features"]:
        name = _name_of(feature.get("properties") or {})
        rings = [[_mercator(*point[:2]) for point in _thinned(ring)] for ring in _rings(feature.get("geometry") or {})]
        if name and rings:
            found.setdefault(name, []).extend(ring for ring in rings if len(ring) > 2)
    found = {name: rings for name, rings in found.items() if rings}
    if not found:
        raise NoOutlines("no polygon has a name")
    points = [point for rings in found.values() for ring in rings for point in ring]
    west, north = min(x for x, _y in points), min(y for _x, y in points)
    width = max(x for x, _y in points) - west
    height = max(y for _x, y in points) - north
    if not width > 0:
        raise NoOutlines("the polygons have no width")
    outlines = tuple(
        Outline(name, tuple(tuple(((x - west) / width, (y - north) / width) for x, y in ring) for ring in rings))
        for name, rings in sorted(found.items())
    )
    return TownMap(outlines, height / width, west, north, width)


def tiles_of(drawn: TownMap, template: str) -> list[tuple[str, float, float, float]]:
    """Map tiles that cover a town's map: address, left and top, and size, all as shares of the map's width.

    As OpenStreetMap and its kin number them (wiki.openstreetmap.org/wiki/Slippy_map_tilenames): 2^z each way.
    """
    zoom = max(0, min(MOST_ZOOM, math.floor(math.log2(TILES_ACROSS / drawn.width))))
    many = 2**zoom
    size = 1 / many / drawn.width
    across = range(math.floor(drawn.west * many), math.floor((drawn.west + drawn.width) * many) + 1)
    down = range(math.floor(drawn.north * many), math.floor((drawn.north + drawn.width * drawn.height) * many) + 1)
    return [
        (
            template.replace("{z}", str(zoom)).replace("{x}", str(x % many)).replace("{y}", str(y)),
            (x / many - drawn.west) / drawn.width,
            (y / many - drawn.north) / drawn.width,
            size,
        )
        for y in down
        if 0 <= y < many
        for x in across
    ]


def _name_of(properties: dict[str, Any]) -> str:
    folded = {key.casefold(): value for key, value in properties.items()}
    return next((" ".join(str(folded[key]).split())[:64] for key in NAMES if folded.get(key)), "")


def _rings(geometry: dict[str, Any]) -> Iterator[Sequence[Sequence[float]]]:
    kind = geometry.get("type")
    polygons = geometry["coordinates"] if kind == "MultiPolygon" else [geometry["coordinates"]]
    if kind in ("Polygon", "MultiPolygon"):
        for polygon in polygons:
            yield from polygon


def _thinned(ring: Sequence[Sequence[float]]) -> Sequence[Sequence[float]]:
    return ring[:: max(1, len(ring) // MOST_POINTS)]


def _mercator(longitude: float, latitude: float) -> tuple[float, float]:
    """Degrees to Web Mercator (EPSG:3857), 0 to 1 around the world."""
    if not (-180 <= longitude <= 180 and -85 <= latitude <= 85):
        raise NoOutlines(f"{longitude}, {latitude} are no degrees: the file must be in WGS 84")
    y = math.log(math.tan(math.pi / 4 + math.radians(latitude) / 2))
    return (longitude + 180) / 360, (1 - y / math.pi) / 2
