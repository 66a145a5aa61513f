"""The file for Decidim against the rules of its import, as they stand in its sources."""

from __future__ import annotations

import csv
import io

import pytest

from config.enums import Channel
from config.settings.loader import Settings
from inbox.export import decidim
from inbox.models import Contribution
from inbox.storage.database import Store
from tests.workers.answered_town import SLUG, Town, mobile

SAID = (
    "Il faudrait un banc ; et un arbre.\nEt de l'ombre.",
    "Un banc",
    "=2+2 bancs de plus devant l'école, s'il vous plaît",
    "Plus de bus le soir. " * 40,
    "« Non » au parking",
)


def rules_broken(raw: bytes, usual_language: str) -> list[str]:
    """What Decidim's reader and verifier would refuse (readers/csv.rb, verifier.rb, proposals_verifier.rb)."""
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8"), newline=""), delimiter=";"))
    headers, data = rows[0], rows[1:]
    missing = [one for one in (f"title/{usual_language}", f"body/{usual_language}") if one not in headers]
    broken = [f"missing {one}" for one in missing]
    broken += [f"twice {one}" for one in headers if headers.count(one) > 1]
    for number, row in enumerate(data, 1):
        values = dict(zip(headers, row, strict=True))
        broken += [f"row {number}: {name}" for name, value in values.items() if not value.strip()]
    return broken


def test_the_rules_find_what_is_wrong() -> None:
    good = "id;title/fr;body/fr\n1;a;b\n"
    assert rules_broken(good.encode(), "fr") == []
    assert rules_broken(good.encode("utf-8-sig"), "fr") == []  # only the id's header is hurt by the mark
    assert rules_broken(good.encode(), "en") == ["missing title/en", "missing body/en"]
    assert rules_broken(b"title/fr;title/fr;body/fr\n1;;b\n", "fr")[:2] == ["twice title/fr", "twice title/fr"]
    assert rules_broken("﻿title/fr;body/fr\na;b\n".encode(), "fr") == ["missing title/fr"]


def test_our_file_is_taken(sqlite_store: Store, sqlite_settings: Settings) -> None:
    town = Town(sqlite_store, sqlite_settings)
    town.open()
    for number, said in enumerate(SAID):
        town.comes(Channel.SMS, mobile(number), said)
    with sqlite_store.read() as session:
        raw = b"".join(decidim.proposals(session, SLUG, "fr", "Rues et places"))
        count = session.query(Contribution).count()
    assert rules_broken(raw, "fr") == []
    rows = list(csv.DictReader(io.StringIO(raw.decode()), delimiter=";"))
    assert len(rows) == count == len(SAID)
    titles = [row["title/fr"] for row in rows]
    assert all(decidim.LEAST_TITLE <= len(one) <= decidim.LONGEST_TITLE for one in titles), titles
    assert not any(row["body/fr"].startswith("=") for row in rows)
    assert "Et de l'ombre." in rows[-1]["body/fr"]


TITLES = {
    "a sentence": ("Il faudrait un banc. Et de l'ombre.", "Il faudrait un banc."),
    "a short sentence before another": ("Oui ! Un banc de plus.", "Oui ! Un banc de plus."),
    "hardly anything": ("Un banc", "Rues : Un banc"),
    "one endless sentence": ("mot " * 100, ("mot " * 36) + "mot …"),
}


@pytest.mark.parametrize("case", TITLES.values(), ids=TITLES)
def test_titles(case: tuple[str, str]) -> None:
    body, title = case
    assert decidim.title_of(body.strip(), "Rues") == title
