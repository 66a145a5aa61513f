"""The list: filters, search, pages, counts, and the spreadsheet of what is filtered."""

from __future__ import annotations

import csv
import io
import re

import pytest

from config.enums import ArrivalKind, Channel
from gateway.intake.contribute import NewPart, create_contributions
from gateway.intake.intake_store import IncomingMessage, store_message
from inbox.records.references import reference_of
from tests.inbox.pages.conftest import Inbox
from tests.inbox.pages.seed import SLUG

ALL = ["waiting", "broken", "unheard", "call", "texts", "text", "mail", "scan-2", "scan", "aside", "published"]

FILTERS = {
    "": ALL,
    "view=todo": [name for name in ALL if name not in {"aside", "published"}],
    "view=person": ["broken", "unheard"],
    "view=waiting": ["waiting"],
    "view=published": ["published"],
    "view=aside": ["aside"],
    "channel=voicemail": ["waiting", "unheard", "call"],
    "channel=email": ["mail"],
    "view=person&channel=voicemail": ["unheard"],
    "theme=nature": ["texts", "scan", "published"],
    "theme=velo": ["mail"],
    "theme=no-such-theme": [],
    "consultation=rues-et-places": ALL,
    "consultation=another": [],
    "q=camion": ["text", "mail", "aside"],
    "q=CAMIONS+siam": ["text"],
    "q=camions&channel=email": ["mail"],
    "q=%27%22%3B--": [],
    # What makes no sense is left out.
    "view=none&channel=pigeon&before=x": ALL,
}


@pytest.mark.parametrize("query", FILTERS)
def test_filters(inbox: Inbox, query: str) -> None:
    text = inbox.client("mod").get(f"/contributions?{query}").text
    names = {number: name for name, number in inbox.seeded.contributions.items()}
    assert [
        names[int(found)] for found in re.findall(r'<h2><a href="/contributions/(\d+)\?queue=list"', text)
    ] == FILTERS[query]


def test_a_tab_shows_its_count_and_keeps_the_filters(inbox: Inbox) -> None:
    text = inbox.client("mod").get("/contributions?channel=sms&view=todo").text
    tabs = re.findall(r'<a href="([^"]+)"( aria-current="page")?>([^<]+) <span class="count">(\d+)', text)
    assert [(label, count, bool(current)) for _, current, label, count in tabs] == [
        ("All", "11", False),
        ("To review", "9", True),
        ("Needs a person", "2", False),
        ("Being read", "1", False),
        ("Published", "1", False),
        ("Set aside", "1", False),
    ]
    assert all("channel=sms" in address for address, *_ in tabs)


@pytest.mark.parametrize("written", ["{0}", "{1}", "  {1} "], ids=["bare", "in threes", "with spaces"])
def test_a_reference_leads_to_its_contribution(inbox: Inbox, written: str) -> None:
    contribution_id = inbox.seeded.contributions["mail"]
    with inbox.store.read() as session:
        number = reference_of(session, contribution_id)
    asked = written.format(number, f"{number[:3]} {number[3:6]} {number[6:]}")
    answer = inbox.client("mod").get("/contributions", query_string={"q": asked})
    assert (answer.status_code, answer.location) == (302, f"/contributions/{contribution_id}")


def test_a_machines_words_are_marked_in_the_list(inbox: Inbox) -> None:
    text = inbox.client("mod").get("/contributions?channel=voicemail&q=bus").text
    assert "Read by a machine · 93" in text


def test_pages_go_through_everything_once(inbox: Inbox) -> None:
    with inbox.store.write() as session:
        for number in range(95):
            arrived = IncomingMessage(
                Channel.SMS, "seed", f"many-{number}", ArrivalKind.WEBHOOK, b"x", consultation_slug=SLUG
            )
            part = NewPart("text", Channel.SMS, body=f"Un banc de plus, le {number}.")
            create_contributions(session, store_message(session, arrived).intake_id, [part])
    client, seen = inbox.client("mod"), []
    address: str | None = "/contributions?q=banc&channel=sms"
    while address:
        text = client.get(address).text
        seen.append([int(found) for found in re.findall(r'<h2><a href="/contributions/(\d+)\?queue=list"', text)])
        older = re.search(r'href="([^"]+)" rel="next"', text)
        address = older[1].replace("&amp;", "&") if older else None
    assert [len(page) for page in seen] == [50, 45]
    flat = [number for page in seen for number in page]
    assert flat == sorted(set(flat), reverse=True)


def test_the_way_back_leads_to_the_list_as_it_was_left(inbox: Inbox) -> None:
    client = inbox.client("mod")
    client.get("/contributions?view=todo&channel=email")
    text = client.get(f"/contributions/{inbox.seeded.contributions['mail']}").text
    back = re.search(r'class="back"><a href="([^"]+)"', text)
    assert back is not None
    assert set(back[1].replace("&amp;", "&").partition("?")[2].split("&")) == {"view=todo", "channel=email"}


def test_the_spreadsheet_holds_what_is_filtered_and_marks_machines(inbox: Inbox) -> None:
    answer = inbox.client("mod", language="fr").get("/contributions/export.csv?channel=voicemail&q=bus")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="contributions.csv"'
    assert answer.data.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";")
    assert row["lu par machine, non confirmé"] == "oui"
    assert row["texte"].startswith("Bonjour je voudrais dire que le dernier bus")


def test_residents_words_are_text_whatever_they_hold(inbox: Inbox) -> None:
    with inbox.store.write() as session:
        body = '<script>alert(1)</script> "><img src=x onerror=alert(1)> {{ 7*7 }}'
        arrived = IncomingMessage(Channel.SMS, "seed", "hostile", ArrivalKind.WEBHOOK, b"x", consultation_slug=SLUG)
        (made,) = create_contributions(
            session, store_message(session, arrived).intake_id, [NewPart("t", Channel.SMS, body=body)]
        )
    client = inbox.client("mod")
    for path in ("/contributions", f"/contributions/{made}", "/contributions?q=%3Cscript%3Ealert"):
        text = client.get(path).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "{{ 7*7 }}" in text
