"""What we ask of the provider, and what its stand-in answers, held against the provider's own description.

Skipped, visibly, where the description is not at hand (PORTEVOIX_CORPUS).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
import requests

from channels.base.values import Address, Outgoing
from channels.providers.twilio import api as twilio
from channels.providers.twilio.entries import ListName, first_page, list_pictures, read_page
from channels.providers.twilio.listing import find_sent, list_recordings
from channels.providers.twilio.remove import delete_call, delete_text
from config.enums import AddressKind, Channel
from tests.channels.provider import Answer as Answered
from tests.channels.provider import Provider, session_with
from tests.standins.openapi import Description
from tests.standins.telephone import Telephone
from tests.standins.web import Answer, Asked, LoopbackServer

RESIDENT, NUMBER = "+33639980001", "+33298000000"
TEXT = Outgoing(Channel.SMS, Address(AddressKind.PHONE, RESIDENT), "Votre avis est bien arrivé.")
DAY = date(2026, 3, 1)
_ACCOUNT = "/2010-04-01/Accounts/{AccountSid}/"
RECORD = '<Response><Record action="/hooks/voice" recordingStatusCallback="/hooks/voice"/></Response>'


@pytest.fixture(scope="module")
def description() -> Description:
    corpus = os.environ.get("PORTEVOIX_CORPUS")
    if not corpus:
        pytest.skip("PORTEVOIX_CORPUS is not set: the provider's description is not at hand")
    return Description(Path(corpus) / "twilio/openapi/twilio_api_v2010.json")


@dataclass
class Line:
    """The provider with a text, a picture and a call, and a session that notes what is asked of it."""

    provider: Telephone
    session: requests.Session
    message: str
    call: str
    answers: list[requests.Response] = field(default_factory=list)

    @property
    def account(self) -> twilio.Account:
        api = self.provider.api
        return twilio.Account(api.account_sid, api.auth_token, api_base=self.provider.base, media_hosts=())


def answered(_asked: Asked) -> Answer:
    return Answer(200, (RECORD if _asked.path == "/hooks/voice" else "<Response/>").encode(), "text/xml")


@pytest.fixture
def line(description: Description) -> Iterator[Line]:
    assert description
    with LoopbackServer(answered) as app, Telephone(app.base, redirect_pictures=False) as provider:
        texted = provider.text(RESIDENT, NUMBER, "Un banc ici", [("image/jpeg", b"\xff\xd8")])
        called = provider.call(RESIDENT, NUMBER, b"RIFF" + bytes(40), hangs_up="after_speaking")
        with requests.Session() as session:
            found = Line(provider, session, texted.sid, called.sid)
            session.hooks["response"].append(lambda answer, *_, **__: found.answers.append(answer))
            yield found


def send_by_name(line: Line) -> None:
    twilio.send_message(
        line.session, line.account, TEXT, sender="VilleExemple", status_callback="https://town.example/s"
    )


def send_by_service(line: Line) -> None:
    twilio.send_message(line.session, line.account, TEXT, sender="MG" + "2" * 32)


def fetch_recording(line: Line) -> None:
    url = twilio.recording_url(line.account.api_base, line.account.sid, next(iter(line.provider.api.recordings)))
    twilio.fetch(line.session, line.account, url, BytesIO(), most_bytes=100, seconds=5)


def fetch_picture(line: Line) -> None:
    (picture,) = list_pictures(line.session, line.account, line.message)
    twilio.fetch(line.session, line.account, picture.url, BytesIO(), most_bytes=100, seconds=5)


def list_of_a_call(line: Line) -> None:
    assert list_recordings(line.session, line.account, line.call)


def look_for_a_text(line: Line) -> None:
    send_by_service(line)
    assert find_sent(line.session, line.account, to=RESIDENT, body=TEXT.body, since=DAY)


def delete_the_text(line: Line) -> None:
    delete_text(line.session, line.account, line.message)


def delete_the_call(line: Line) -> None:
    delete_call(line.session, line.account, line.call)


def whole_list(name: ListName, *, alone: bool) -> Callable[[Line], None]:
    def read(line: Line) -> None:
        page = read_page(
            line.session, line.account, name, first_page(line.account, name, datetime.now(UTC).date(), alone=alone)
        )
        assert page.entries

    return read


ASKED: dict[str, Callable[[Line], None]] = {
    "send, under a name": send_by_name,
    "send, by a messaging service": send_by_service,
    "fetch a recording": fetch_recording,
    "list and fetch a picture": fetch_picture,
    "list the recordings of a call": list_of_a_call,
    "look whether a text went out": look_for_a_text,
    "delete a text and its picture": delete_the_text,
    "delete a call and its recording": delete_the_call,
    **{f"list {name.value} of a day": whole_list(name, alone=True) for name in ListName},
    **{f"list {name.value} since a day": whole_list(name, alone=False) for name in ListName},
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_requests_and_answers_are_as_described(
    description: Description, line: Line, ask: Callable[[Line], None]
) -> None:
    ask(line)
    assert line.answers
    assert [problem for answer in line.answers for problem in description.problems(answer)] == []


LISTED = {
    "messages": "Messages.json",
    "calls": "Calls.json",
    "recordings": "Recordings.json",
    "media_list": "Messages/{MessageSid}/Media.json",
}


def test_every_field_we_read_from_a_list_is_described(description: Description) -> None:
    folder = Path(twilio.__file__).parent
    source = "\n".join(
        (folder / name).read_text(encoding="utf-8") for name in ("listing.py", "entries.py", "remove.py")
    )
    read = set(re.findall(r"""(?:\bone|\bentry)(?:\.get\(|\[)"(\w+)\"""", source))
    read |= set(re.findall(r'"((?:date|start)_\w+)"', source))
    assert len(read) >= 15
    described = {one for name, path in LISTED.items() for one in description.fields(_ACCOUNT + path, name)}
    assert sorted(read - described) == []


WRONG = {
    "a path there is not": ("GET", "Message.json", {}, "", "get /2010-04-01/Accounts/{}/Message.json is not described"),
    "a parameter there is not": ("GET", "Messages.json", {"Since": "1"}, "", "there is no parameter Since"),
    "a date in another form": (
        "GET",
        "Calls.json",
        {"StartTime>": "1/3/26"},
        "",
        "StartTime> is '1/3/26', no date-time",
    ),
    "too many a page": ("GET", "Messages.json", {"PageSize": "x"}, "", "PageSize is 'x', not integer"),
    "a field there is not": ("POST", "Messages.json", {}, "To=1&Text=x", "there is no field Text"),
    "no receiver": ("POST", "Messages.json", {}, "Body=x", "To is missing"),
    "a service that is none": (
        "POST",
        "Messages.json",
        {},
        "To=1&MessagingServiceSid=MG1",
        "MessagingServiceSid is 'MG1'",
    ),
}


@pytest.mark.parametrize(("method", "resource", "query", "body", "problem"), WRONG.values(), ids=WRONG)
def test_the_description_finds_what_is_wrong(
    description: Description, method: str, resource: str, query: dict[str, str], body: str, problem: str
) -> None:
    account = "AC" + "0" * 32
    session = session_with(Provider(Answered(200, b"{}")))
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    url = f"https://api.twilio.com/2010-04-01/Accounts/{account}/{resource}"
    found = description.problems(session.request(method, url, params=query, data=body, headers=headers))
    assert any(problem.format(account) in one for one in found), found


def test_an_answer_that_is_not_as_described_is_found(description: Description) -> None:
    account = "AC" + "0" * 32
    wrong = b'{"messages": [{"sid": "SM1", "status": "flying", "num_media": 1, "colour": "red"}]}'
    session = session_with(Provider(Answered(200, wrong)))
    answer = session.get(f"https://api.twilio.com/2010-04-01/Accounts/{account}/Messages.json")
    found = "; ".join(description.problems(answer))
    for part in (
        "sid is 'SM1'",
        "status is 'flying', not one of",
        "num_media is 1, not string",
        "colour is not described",
    ):
        assert part in found
