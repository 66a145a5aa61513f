"""Every page on both database servers: what one of them reads differently shows here."""

from __future__ import annotations

from pathlib import Path

from inbox.storage.database import Store
from tests.inbox.pages.conftest import Inbox, make_app, post
from tests.inbox.pages.seed import seed


def test_every_page_opens(store: Store, tmp_path: Path) -> None:
    seeded = seed(store)
    client = Inbox(make_app(store, tmp_path), store, seeded).client("admin")
    shown, media, intakes = seeded.contributions, seeded.media, seeded.intakes
    for address in (
        "/contributions?q=camions&channel=sms&theme=stationnement&consultation=rues-et-places",
        "/contributions?doubtful=1",
        "/contributions/export.csv",
        *(f"/contributions/{number}" for number in shown.values()),
        f"/media/{media['call']}",
        "/ledger?consultation=rues-et-places",
        "/quarantine",
        "/status",
        "/batches?before=1000",
        f"/batches/{intakes['scan']}",
    ):
        assert client.get(address).status_code == 200, address
    path = f"/contributions/{shown['text']}"
    post(client, f"{path}/themes", {"theme": "", "word": "camions"}, page=path)
    assert "The theme is added." in client.get(path).text
