"""What each role may see of a contribution, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from config.enums import Moderation, Role, TextOrigin
from inbox.listings.visibility import EVERYTHING, GRANTED, Aspect, Visibility, visibility_of, who_sees

SEEN: Mapping[Aspect, frozenset[Role]] = {
    Aspect.MODERATED: frozenset({Role.OFFICIAL, Role.MODERATOR, Role.ADMINISTRATOR}),
    Aspect.UNMODERATED: frozenset({Role.MODERATOR, Role.ADMINISTRATOR}),
    Aspect.NOTES: frozenset({Role.MODERATOR, Role.ADMINISTRATOR}),
    Aspect.READINGS: frozenset({Role.MODERATOR, Role.ADMINISTRATOR}),
    Aspect.VERSIONS: frozenset({Role.MODERATOR, Role.ADMINISTRATOR}),
    Aspect.ORIGINALS: frozenset({Role.MODERATOR, Role.ADMINISTRATOR}),
    Aspect.OWN_BATCHES: frozenset({Role.CENTRE, Role.MODERATOR, Role.ADMINISTRATOR}),
}


@pytest.mark.parametrize("aspect", Aspect)
def test_what_each_role_is_granted(aspect: Aspect) -> None:
    assert frozenset(who_sees(aspect)) == SEEN[aspect]
    assert set(GRANTED) == set(Role)


READABLE = {
    (Moderation.PUBLISHED, TextOrigin.PERSON): True,
    (Moderation.PUBLISHED, TextOrigin.RESIDENT): True,
    (Moderation.PUBLISHED, TextOrigin.MACHINE): False,  # which never happens
    (Moderation.SET_ASIDE, TextOrigin.PERSON): False,
    (Moderation.SET_ASIDE, TextOrigin.RESIDENT): False,
    (Moderation.SET_ASIDE, TextOrigin.MACHINE): False,
    (Moderation.IN_REVIEW, TextOrigin.PERSON): False,
    (Moderation.IN_REVIEW, TextOrigin.RESIDENT): False,
    (Moderation.IN_REVIEW, TextOrigin.MACHINE): False,
}


@pytest.mark.parametrize(("moderation", "origin"), READABLE, ids=str)
def test_which_texts_are_moderated(moderation: Moderation, origin: TextOrigin) -> None:
    official, centre = visibility_of([Role.OFFICIAL]), visibility_of([Role.CENTRE])
    assert official.may_read(moderation, origin) is READABLE[moderation, origin]
    assert official.may_open(moderation) is (moderation is not Moderation.IN_REVIEW)
    assert not centre.may_read(moderation, origin)
    assert not centre.may_open(moderation)
    assert EVERYTHING.may_read(moderation, origin)
    assert EVERYTHING.may_open(moderation)


def test_who_has_two_roles_sees_what_either_grants() -> None:
    assert visibility_of([Role.CENTRE, Role.OFFICIAL]).aspects == {Aspect.MODERATED, Aspect.OWN_BATCHES}
    assert visibility_of([Role.OFFICIAL, Role.MODERATOR]) == EVERYTHING
    assert visibility_of([]) == Visibility(frozenset())


TABLE = {
    "what was published": Aspect.MODERATED,
    "what is still in review": Aspect.UNMODERATED,
    "free words as tags": Aspect.NOTES,
    "what machines read": Aspect.READINGS,
    "earlier wordings": Aspect.VERSIONS,
    "originals": Aspect.ORIGINALS,
    "what a machine counts as no contribution": Aspect.ORIGINALS,
    "the lists of references": Aspect.OWN_BATCHES,
    "on such a list": Aspect.OWN_BATCHES,
    "at the keying desk": Aspect.OWN_BATCHES,
}


def test_the_manuals_table_says_the_same() -> None:
    manual = (
        (Path(__file__).parents[2] / "docs" / "privacy.md")
        .read_text("utf-8")
        .split("## Who sees what")[1]
        .split("\n## ")[0]
    )
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in manual.splitlines() if line.startswith("|")]
    roles = [Role(name) for name in rows[0][1:]]
    said = {what: {role for role, cell in zip(roles, cells, strict=True) if cell} for what, *cells in rows[2:]}
    wanted = {what: set(who_sees(next(a for start, a in TABLE.items() if what.startswith(start)))) for what in said}
    assert said == wanted
    assert {next(a for start, a in TABLE.items() if what.startswith(start)) for what in said} == set(Aspect)
