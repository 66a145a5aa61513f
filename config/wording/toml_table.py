"""What the tables of a consultation file are made of."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict


def _slug(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value) or len(value) > 64:
        raise ValueError("is no short name; write small letters, digits and hyphens, like rues-et-places")
    return value


def _language(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}", value):
        raise ValueError("is no language; write fr, en, br …")
    return value


def _words(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty; write it")
    return value.strip()


Slug = Annotated[str, AfterValidator(_slug)]
Language = Annotated[str, AfterValidator(_language)]
Words = Annotated[str, AfterValidator(_words)]
ByLanguage = dict[Language, Words]


class TomlTable(BaseModel):
    """A table of the file: unknown entries are mistakes, and nothing is changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)
