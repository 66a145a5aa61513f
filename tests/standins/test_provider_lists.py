"""The provider's lists: newest first, by the day, page by page, and what it does with a webhook nobody answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.standins.provider_lists import list_page, moment
from tests.standins.telephone import Telephone
from tests.standins.web import Answer, Asked, LoopbackServer

ROWS = [
    {"sid": "SM1", "to": "+331", "date_created": "", "date_sent": moment(datetime(2027, 3, 1, 23, 59, 59, tzinfo=UTC))},
    {"sid": "SM2", "to": "+332", "date_created": "", "date_sent": moment(datetime(2027, 3, 2, 0, 0, 0, tzinfo=UTC))},
    {"sid": "SM3", "to": "+331", "date_created": "", "date_sent": moment(datetime(2027, 3, 3, 12, 0, 0, tzinfo=UTC))},
]

LISTED = {
    "everything, newest first": ({}, ["SM3", "SM2", "SM1"]),
    "one day": ({"DateSent": "2027-03-02"}, ["SM2"]),
    "from a day on": ({"DateSent>": "2027-03-02"}, ["SM3", "SM2"]),
    "until a day": ({"DateSent<": "2027-03-02"}, ["SM2", "SM1"]),
    "to a number": ({"To": "+331"}, ["SM3", "SM1"]),
    "nothing": ({"DateSent": "2027-03-09"}, []),
}


@pytest.mark.parametrize(("query", "listed"), LISTED.values(), ids=LISTED.keys())
@pytest.mark.parametrize("size", [1, 2, 1000, 5000])
def test_every_page_together_is_the_list(query: dict[str, str], listed: list[str], size: int) -> None:
    found, asked, pages = [], {**query, "PageSize": str(size)}, 0
    while pages < 10:
        page = json.loads(list_page("messages", ROWS, Asked("GET", "/x", asked, {}, b"")).body)
        found += [row["sid"] for row in page["messages"]]
        pages += 1
        if page["next_page_uri"] is None:
            break
        asked = dict(parse_qsl(urlsplit(page["next_page_uri"]).query))
    assert (found, page["page_size"]) == (listed, min(size, 1000))


WEBHOOKS = {
    # label: the main door's status, whether it is lost, whether there is a fallback, what is asked
    "answered": (200, 0.0, True, ["/hooks/sms"]),
    "broken, then the fallback": (500, 0.0, True, ["/hooks/sms", "/fallback"]),
    "refused, then the fallback": (403, 0.0, True, ["/hooks/sms", "/fallback"]),
    "broken without fallback": (500, 0.0, False, ["/hooks/sms"]),
    "lost, and nobody hears of it": (200, 1.0, True, []),
}


@pytest.mark.parametrize(("status", "drop", "has_fallback", "expected"), WEBHOOKS.values(), ids=WEBHOOKS.keys())
def test_a_webhook_nobody_answers(status: int, drop: float, has_fallback: bool, expected: list[str]) -> None:
    asked: list[Asked] = []

    def answer(one: Asked) -> Answer:
        asked.append(one)
        return Answer(status if one.path == "/hooks/sms" else 200, b"<Response/>")

    with LoopbackServer(answer) as gateway:
        fallback = f"{gateway.base}/fallback" if has_fallback else None
        with Telephone(gateway.base, text_fallback=fallback, drop_rate=drop) as provider:
            provider.text("+33639980001", "+33298000000", "Bonjour")
            assert (len(provider.api.received), provider.dropped) == (1, int(drop))
    assert [one.path for one in asked] == expected
    if "/fallback" in expected:
        assert dict(asked[1].form())["ErrorUrl"] == f"{gateway.base}/hooks/sms"
