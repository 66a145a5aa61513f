"""No page of fifty looks at a whole table: what the database says of every statement of every page, and how many."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import event, text

from config.enums import NotContribution
from config.settings.loader import Settings
from gateway.web.app import create_app
from inbox.export.csv_export import export_csv
from inbox.listings.filters import ContributionFilter
from inbox.listings.visibility import EVERYTHING
from inbox.storage.database import Store
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.unit_of_work import unit_of
from tests.bench.inbox import PAGES
from tests.bench.town import Town, fill
from tests.fixtures_store import ON_SERVERS, store_folders
from tests.signed_in import sign_in_as

CONTRIBUTIONS = {"sqlite": 400, "postgresql": 3_000}
"""SQLite plans by what indexes there are, PostgreSQL by how much there is as well."""

LOOKED_AT = 1_100
"""Rows of one table that a page may look at: what is found by a word is counted up to a thousand."""

GROWING = {
    "arrival",
    "contribution",
    "contribution_link",
    "contribution_part",
    "data_key",
    "history",
    "intake",
    "medium",
    "message",
    "part",
    "reference",
    "search_text",
    "step",
    "tag",
    "text_version",
}
"""Tables that grow with what residents send."""

COUNTED_SO_FAR = {"an answer to all"}
"""Pages on which a selection is counted, whatever it holds, as far as one answer goes (``selection.MOST``)."""

SMALL = {"ix_step_for_person", "ix_part_waiting", "ix_part_nobodys", "ix_intake_bucket", "ix_step_state_not_before"}
"""Indexes that only hold what waits for somebody: these may be read whole."""

MORE_PAGES = {
    "batch": "/batches/{batch}",
    "official’s list": "/contributions",
    "official’s theme": "/contributions?theme=mobilite",
    "official’s word": "/contributions?q=banc",
    "centre’s batches": "/batches",
    "newer": "/contributions?after={middle}",
    "one consultation": "/contributions?consultation=rues-et-places&view=todo",
    "a kind": "/not-contributions?kind=bounce&channel=email",
}
OF_OTHERS = {"official": "elu", "centre": "accueil"}


@dataclass
class Looked:
    """A served town, and the statements of what was asked last."""

    store: Store
    town: Town
    app: object
    said: list[tuple[str, object]]
    batch: int

    def hear(self, _connection: object, _cursor: object, statement: str, values: object, *_rest: object) -> None:
        self.said.append((statement, values))

    def get(self, path: str, login: str = "lena") -> list[tuple[str, object]]:
        client = self.app.test_client()  # type: ignore[attr-defined]
        sign_in_as(client, self.town.people[login])
        self.said.clear()
        answer = client.get(path.format(middle=self.town.contributions // 2 + 1, batch=self.batch))
        assert answer.status_code == 200, (path, answer.status_code)
        return [one for one in list(self.said) if one[0].lstrip().upper().startswith(("SELECT", "WITH"))]


@pytest.fixture(
    scope="module",
    params=ON_SERVERS,
)
def looked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Looked]:
    folder = tmp_path_factory.mktemp("looked")
    for folders in store_folders(request.param, folder, request, template=True):
        store = Store.open(folders)
        town = fill(store, CONTRIBUTIONS[request.param])
        with store.read() as session:
            batch = session.scalar(text("SELECT max(scanned_batch) FROM intake"))
        looked = Looked(store, town, create_app(Settings(folder=folder, town="ville-exemple"), store), [], batch)
        event.listen(store.engine, "before_cursor_execute", looked.hear)
        yield looked
        store.close()


@pytest.mark.parametrize("name", [*PAGES, *MORE_PAGES])
def test_no_page_looks_at_a_whole_table(looked: Looked, name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("inbox.contributions.search_index._SORTED", 100)  # in a town that is a tenth of a large one
    login = OF_OTHERS.get(name.partition("’")[0], "lena")
    statements = looked.get({**PAGES, **MORE_PAGES}[name], login)
    assert statements
    explain = _sqlite if looked.store.engine.dialect.name == "sqlite" else _postgresql
    whole = [
        (found, statement)
        for statement, values in statements
        if name not in COUNTED_SO_FAR or "LIMIT" not in statement
        for found in explain(looked, statement, values)
    ]
    assert whole == []


def _sqlite(looked: Looked, statement: str, values: object) -> list[str]:
    with looked.store.engine.connect() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        plan = [row[-1] for row in rows]
    # An index that is read in order ends where the page is full.
    in_order = "LIMIT" in statement and not any("TEMP B-TREE FOR ORDER BY" in line for line in plan)
    whole = []
    for line in plan:
        found = re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", line)
        if found is None or found[1] not in GROWING or found[2] in SMALL or (found[2] and in_order):
            continue
        whole.append(line)
    return whole


def _postgresql(looked: Looked, statement: str, values: object) -> list[str]:
    """Which nodes of the plan as it was carried out have looked at more rows than any page needs."""
    with looked.store.engine.connect() as connection:
        # In a small town reading everything would be cheapest: whether there is another way is what is asked.
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        rows = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", values)
        (root,) = rows.scalar_one()
    return [
        f"{node['Node Type']} on {node['Relation Name']}: {looked_at} rows"
        for node in _nodes(root["Plan"])
        if node.get("Relation Name") in GROWING and (looked_at := _looked_at(node)) > LOOKED_AT
    ]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


def _looked_at(node: dict[str, Any]) -> int:
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return int((node["Actual Rows"] + removed) * node["Actual Loops"])


def test_no_page_asks_more_of_a_longer_list(looked: Looked):
    """As many statements for a page of many rows as for one of few: nothing is looked up row by row."""
    for many, few in (
        ("/contributions", "/contributions?view=waiting"),
        ("/contributions?theme=mobilite", "/contributions?theme=commerces&view=person"),
        ("/not-contributions", "/not-contributions?kind=bounce"),
        ("/batches", "/batches?before=60"),
    ):
        # Of a kind, and not of all, what is no contribution takes fewer.
        more = 2 * len(NotContribution) if "kind" in few else 2
        assert len(looked.get(many)) <= len(looked.get(few)) + more, many


def test_a_spreadsheet_holds_the_keys_of_one_batch(looked: Looked, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("inbox.export.csv_export.BATCH", 50)
    most = 0
    with looked.store.read() as session:
        for _piece in export_csv(session, ContributionFilter(), EVERYTHING, "fr", Settings(town="ville-exemple").zone):
            most = max(most, len(unit_of(session).opened_keys), len(session.identity_map))
        assert vault_of(session)
    assert most < 4 * 50
