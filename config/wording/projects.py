"""The projects residents can support, and the rule of one voice: ``[[projects]]`` and ``[vote]`` of a file."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from config.enums import VoteBy
from config.wording.toml_table import ByLanguage, TomlTable

MOST_PROJECTS = 200
MOST_EACH = 20
"""Projects that one person may support."""


class Project(TomlTable):
    """Something residents can support, by its number."""

    number: Annotated[int, Field(ge=1, le=999)]
    label: ByLanguage
    """As it is printed, and said on the telephone."""
    about: ByLanguage = {}
    """A few sentences for the public page."""
    contribution: Annotated[int, Field(ge=1)] | None = None
    """The published contribution that is supported; given on its page, by which it is offered."""


class Vote(TomlTable):
    """Whose voice counts, and how many projects each may support."""

    by: VoteBy = VoteBy.ADDRESS
    most: Annotated[int, Field(ge=1, le=MOST_EACH)] = 1


CARD_ROW = "card"
"""What forms call the boxes for the number of a card."""
_VOTE_ROW = re.compile(r"vote-[0-9]{1,2}")


def vote_row(number: int) -> str:
    """What forms call the boxes for the number of a project, from 1."""
    return f"vote-{number}"


def is_of_vote(row: str) -> bool:
    """Whether boxes of this name belong to a vote."""
    return row == CARD_ROW or _VOTE_ROW.fullmatch(row) is not None
