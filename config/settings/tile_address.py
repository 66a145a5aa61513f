"""The address of map tiles, as a setting holds it."""

import re
from typing import Annotated

from pydantic import AfterValidator

_TILE_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?/[A-Za-z0-9._~/{}=&?%@-]*")


def _tile_url(value: str) -> str:
    if not value or (_TILE_URL.fullmatch(value) and all(one in value for one in ("{z}", "{x}", "{y}"))):
        return value
    raise ValueError("is no address of map tiles; write one like https://tiles.example.org/{z}/{x}/{y}.png")


TileUrl = Annotated[str, AfterValidator(_tile_url)]
