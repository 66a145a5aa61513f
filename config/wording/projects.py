"""The projects residents can support, and the rule of one voice: ``[[projects]]`` and ``[vote]`` of a file."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from config.enums import VoteBy
from config.wording.toml_table import ByLanguage, Table

MOST_PROJECTS = 200


class Project(Table):
    """Something residents can support, by its number."""

    number: Annotated[int, Field(ge=1, le=999)]
    label: ByLanguage
    """As it is printed, and said on the telephone."""
    about: ByLanguage = {}
    """A few sentences for the public page."""


class Vote(Table):
    """Whose voice counts, and how many projects each may support."""

    by: VoteBy = VoteBy.ADDRESS
    most: Annotated[int, Field(ge=1, le=20)] = 1
