"""What one text, recording, mail and page takes, from the table that comes along or one measured elsewhere."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

SHIPPED = Path(__file__).with_name("costs.toml")


class ArrivalKind(StrEnum):
    """What arrives in a day."""

    TEXT = "text"
    RECORDING = "recording"
    MAIL = "mail"
    PAGE = "page"


class Cost(BaseModel):
    """What one of a kind takes: core-seconds at the door and behind it, and bytes on disk."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    door: float = Field(ge=0, le=60)
    work: float = Field(gt=0, le=3600)
    bytes: int = Field(ge=0)


class CostsUnusable(ValueError):
    """A table of costs that cannot be read; the message says where it is wrong."""


@dataclass(frozen=True)
class Costs:
    """A table of costs, and on which machine it was measured."""

    machine: str
    of: dict[ArrivalKind, Cost]


def read_measured_costs(path: Path = SHIPPED) -> Costs:
    """The table in a file.

    Raises:
        CostsUnusable: it is no TOML, or a kind is missing or makes no sense.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return Costs(str(table.get("machine", "")), {kind: Cost.model_validate(table[kind]) for kind in ArrivalKind})
    except KeyError as missing:
        raise CostsUnusable(f"{path.name} has no table [{missing.args[0]}]") from None
    except ValidationError as error:
        wrong = error.errors()[0]
        raise CostsUnusable(f"{path.name}: {'.'.join(map(str, wrong['loc']))}: {wrong['msg']}") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CostsUnusable(f"{path.name} cannot be read: {error}") from None
