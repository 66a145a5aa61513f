"""A town's backups in the browser: made, checked, handed out, restored beside what runs, taken up."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from inbox.backup import restored_place
from inbox.models import Contribution, History
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from tests.gateway.town_fixture import Town
from tests.inbox.pages.conftest import post, token_of
from tests.signed_in import sign_in_as


def test_a_backup_is_made_checked_and_handed_out_to_who_gives_the_password(town: Town) -> None:
    assert post(town.clerk, "/settings/backups", {}).status_code == 302
    assert post(town.clerk, "/settings/backups", {}).status_code == 302, "one is enough"
    town.do_errands()
    (name,) = [file.name for file in (town.outside.folder / "backups").iterdir()]
    post(town.clerk, f"/settings/backups/{name}/check", {})
    town.do_errands()
    page = town.clerk.get("/settings/backups").text
    assert "The backup is whole" in page
    assert town.clerk.get(f"/settings/backups/{name}").data.startswith(b"PORTEVOIX-BACKUP")
    sign_in_as(town.clerk, town.clerk_id, ago=timedelta(hours=1))
    assert town.clerk.get(f"/settings/backups/{name}").status_code == 403
    for odd in ("..%2Fdata%2Fportevoix.sqlite", "portevoix.toml", ".", "portevoix-essai-20260101-000000.backup"):
        assert town.clerk.get(f"/settings/backups/{odd}").status_code in (403, 404)
    file = town.outside.folder / "backups" / name
    file.write_bytes(file.read_bytes()[:-40])
    sign_in_as(town.clerk, town.clerk_id)
    post(town.clerk, f"/settings/backups/{name}/check", {})
    town.do_errands()
    assert "The backup is damaged" in town.clerk.get("/settings/backups").text


def _said(folder: Path, town: Town) -> int:
    """How many contributions a database holds."""
    store = Store(f"sqlite:///{folder / 'portevoix.sqlite'}", town.store.keyring, town.store.media)
    with store.read() as session:
        count = len(session.scalars(select(Contribution.id)).all())
    store.close()
    return count


def test_a_backup_is_restored_beside_and_taken_up_by_who_gives_the_password(town: Town) -> None:
    town.receive_text("Des bancs au port")
    post(town.clerk, "/settings/backups", {})
    town.do_errands()
    (name,) = [file.name for file in (town.outside.folder / "backups").iterdir()]
    for words in ("Un abri au quai", "Des arbres au quai"):
        town.receive_text(words)
    place = restored_place.place_of(town.settings)
    assert place is not None
    sign_in_as(town.clerk, town.clerk_id, ago=timedelta(hours=1))
    for path in (f"/settings/backups/{name}/restore", "/settings/restored"):
        assert post(town.clerk, path, {}).status_code == 403, path
    sign_in_as(town.clerk, town.clerk_id)
    assert (
        "nothing restored"
        in town.clerk.post("/settings/restored", data={"csrf_token": token_of(town.clerk)}, follow_redirects=True).text
    )
    post(town.clerk, f"/settings/backups/{name}/restore", {})
    town.do_errands()
    page = town.clerk.get("/settings/backups").text
    assert "The backup is restored, beside what runs." in page
    assert re.search(r"<dt>Contributions</dt><dd>1 <span[^>]*>today: 3", page), page
    assert (_said(place.restored, town), _said(place.data, town)) == (1, 3)
    assert [file.name for file in place.restored.iterdir() if file.name not in ("portevoix.sqlite", "media")] == []
    assert "starts anew with what was restored" in post(town.clerk, "/settings/restored", {}).text
    assert place.asked.exists(), "for the supervisor to see"
    town.store.close()
    restored_place.take_up(place)
    assert (_said(place.data, town), _said(place.before[0], town)) == (1, 3)
    assert not place.restored.exists()
    sign_in_as(town.clerk, town.clerk_id)
    page = town.clerk.get("/settings/backups").text
    assert "What ran before lies in" in page
    assert "backup_taken_up" in _done(town)
    restored_place.forget_old(place, utc_now() + timedelta(days=6))
    assert place.before
    restored_place.forget_old(place, utc_now() + timedelta(days=8))
    assert not place.before


def _done(town: Town) -> set[str]:
    with town.store.read() as session:
        return set(session.scalars(select(History.action)))


class _Killed(Exception):
    """As when the machine loses its power."""


@pytest.mark.parametrize("renames", range(6))
def test_taking_up_is_gone_on_with_wherever_it_was_killed(
    town: Town, monkeypatch: pytest.MonkeyPatch, renames: int
) -> None:
    town.receive_text("Des bancs au port")
    post(town.clerk, "/settings/backups", {})
    town.do_errands()
    (name,) = [file.name for file in (town.outside.folder / "backups").iterdir()]
    town.receive_text("Un abri au quai")
    place = restored_place.place_of(town.settings)
    assert place is not None
    post(town.clerk, f"/settings/backups/{name}/restore", {})
    town.do_errands()
    post(town.clerk, "/settings/restored", {})
    # A process that was killed leaves SQLite's log.
    log = place.data / "portevoix.sqlite-wal"
    town.store.close()
    log.write_bytes(b"of the old one")
    left, rename = renames, Path.rename

    def dying(path: Path, target: Path) -> Path:
        nonlocal left
        left -= 1
        if left < 0:
            raise _Killed
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", dying)
    if renames < 5:
        with pytest.raises(_Killed):
            restored_place.take_up(place)
        monkeypatch.undo()
    restored_place.take_up(place)
    monkeypatch.undo()
    assert (place.before[0] / log.name).read_bytes() == b"of the old one"
    assert not log.exists()
    (place.before[0] / log.name).unlink()
    assert (_said(place.data, town), _said(place.before[0], town)) == (1, 2)
    assert len(place.before) == 1


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (lambda file, keys: file.write_bytes(file.read_bytes()[:-40]), "The backup is damaged"),
        (lambda file, keys: file.write_bytes(b"a letter"), "The backup is damaged"),
        (lambda file, keys: file.unlink(), "not there any more"),
        (
            lambda file, keys: file.write_bytes(
                re.sub(rb"(?<=BACKUP-1 )\S+", b"another-key", file.read_bytes(), count=1)
            ),
            "keys that open this backup",
        ),
    ],
)
def test_a_backup_that_cannot_be_restored_says_why_and_leaves_nothing(
    town: Town, trouble: Callable[[Path, Path], object], told: str
) -> None:
    post(town.clerk, "/settings/backups", {})
    town.do_errands()
    (file,) = (town.outside.folder / "backups").iterdir()
    post(town.clerk, f"/settings/backups/{file.name}/restore", {})
    trouble(file, town.store.keyring.folder)
    town.do_errands()
    page = town.clerk.get("/settings/backups").text
    assert told in page
    assert "Start anew with this backup" not in page
    place = restored_place.place_of(town.settings)
    assert place is not None
    assert not [one for one in place.data.iterdir() if one.name.startswith("restor")]
