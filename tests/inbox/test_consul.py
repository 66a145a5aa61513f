"""The file for Consul Democracy against the rules of its proposals, and the script that takes it in."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from config.enums import Channel
from config.settings.loader import Settings
from inbox.export import consul
from inbox.storage.database import Store
from tests.workers.answered_town import SLUG, Town, mobile

ROOT = Path(__file__).parents[2]
SAID = (
    "Il faudrait un banc ; et un arbre.\nEt de l'ombre.",
    "Un banc",
    "<b>Plus</b> de bus & moins de voitures <script>",
    "Plus de bus le soir. " * 600,
    "&" * 5_999,
    "é" * 9_000,
    "\u2028Une ligne\u2028et une autre\ttout de suite",
)


@pytest.fixture
def exported(sqlite_store: Store, sqlite_settings: Settings) -> bytes:
    town = Town(sqlite_store, sqlite_settings)
    town.open()
    for number, said in enumerate(SAID):
        town.comes(Channel.SMS, mobile(number), said, theme="mobilite")
    with sqlite_store.read() as session:
        return b"".join(consul.proposals(session, SLUG, "fr", "Rues et places", {"mobilite": "Bancs"}))


def rules_broken(line: dict[str, object]) -> list[str]:
    """What Consul's validations would refuse of a line."""
    broken = []
    if not 4 <= len(str(line["title"])) <= 80:
        broken.append("title")
    if not str(line["summary"]).strip():
        broken.append("summary")
    if len(str(line["description"])) > 6_000:
        broken.append("description")
    if len(line["tag_list"]) > 6:  # type: ignore[arg-type]
        broken.append("tag_list")
    return broken


def test_the_rules_find_what_is_wrong() -> None:
    good: dict[str, object] = {"title": "Un banc", "summary": "Un banc", "description": "<p>x</p>", "tag_list": []}
    assert rules_broken(good) == []
    assert rules_broken(good | {"title": "Oui"}) == ["title"]
    assert rules_broken(good | {"summary": " ", "description": "x" * 6_001}) == ["summary", "description"]
    assert rules_broken(good | {"tag_list": list("abcdefg")}) == ["tag_list"]


def test_each_line_is_a_proposal_that_consul_takes(exported: bytes) -> None:
    lines = [json.loads(line) for line in exported.split(b"\n") if line]
    assert len(lines) == len(SAID)
    assert [rules_broken(line) for line in lines] == [[]] * len(SAID)
    assert {tuple(line["tag_list"]) for line in lines} == {("Bancs",)}
    by_title = {line["title"]: line["description"] for line in lines}
    assert by_title["Il faudrait un banc ; et un arbre."] == (
        "<p>Il faudrait un banc ; et un arbre.</p><p>Et de l'ombre.</p>"
    )
    assert not [line for line in lines if "<script" in line["description"] or "<b>" in line["description"]]
    cut = [line for line in lines if "[…]" in line["description"]]
    assert [len(line["description"]) > 5_900 for line in cut] == [True] * 3


@pytest.mark.skipif(shutil.which("ruby") is None, reason="no ruby to run the script that Consul's operators run")
def test_the_script_takes_every_line_in_once(exported: bytes, tmp_path: Path) -> None:
    file = tmp_path / "rues-et-places-consul.jsonl"
    file.write_bytes(exported)
    script, models = ROOT / "docs/consul/import_proposals.rb", ROOT / "tests/standins/consul.rb"

    def runs(email: str = "mairie@ville.example") -> subprocess.CompletedProcess[str]:
        command = ["ruby", "-r", "json", "-r", str(models), str(script), str(file), email, "Ville d'Exemple"]
        return subprocess.run(command, check=False, capture_output=True, text=True, encoding="utf-8")

    first = runs()
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.splitlines()[-1] == f"{len(SAID)} created, 0 refused, 0 there before"
    assert runs().stdout.splitlines() == [f"0 created, 0 refused, {len(SAID)} there before"]
    file.write_bytes(
        exported + json.dumps(json.loads(exported.split(b"\n")[0]) | {"source": "x/1", "title": "x"}).encode()
    )
    again = runs()
    assert (again.returncode, again.stderr) == (1, "x/1: title is not valid\n")
    assert runs("nobody@ville.example").returncode == 1
