"""Requests of residents about their data: the clock, who asks, the copy, putting right, objecting, erasing."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from config.enums import AddressKind, Moderation, Role, SetAsideReason
from config.rights_states import RightsKind, RightsState, RightsWay
from config.settings.loader import Settings
from inbox.accounts.passwords import hash_password
from inbox.accounts.staff import create_person
from inbox.consultations.contributors import get_or_create_contributor, has_opted_out
from inbox.contributions.text_versions import current_text
from inbox.models import Contribution, RightsRequest
from inbox.models.column_types import utc_now
from inbox.records import history
from inbox.records.references import reference_of
from inbox.rights import rights_requests
from inbox.rights.rights_requests import months_after
from inbox.storage.database import Store
from tests.inbox.pages.conftest import Inbox, filled, inbox, post

__all__ = ["filled", "inbox"]

NOW = utc_now()
NUMBER = "+33639980017"
TODAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("came", "month", "three"),
    [
        (date(2027, 1, 15), date(2027, 2, 15), date(2027, 4, 15)),
        (date(2027, 1, 31), date(2027, 2, 28), date(2027, 4, 30)),
        (date(2028, 1, 30), date(2028, 2, 29), date(2028, 4, 30)),
        (date(2026, 11, 30), date(2026, 12, 30), date(2027, 2, 28)),
        (date(2026, 12, 31), date(2027, 1, 31), date(2027, 3, 31)),
    ],
)
def test_the_clock_runs_in_months_from_the_day_it_came(came: date, month: date, three: date) -> None:
    assert (months_after(came, 1), months_after(came, 3)) == (month, three)


def recorded(admin: FlaskClient, kind: str = "access", *, came: date | None = None) -> str:
    """Record a request; its address."""
    day = came or NOW.date()
    form = {"kind": kind, "way": "letter", "received_on": day.isoformat(), "who": "Rozenn Tanguy, 3 rue du Port"}
    answer = post(admin, "/rights/new", form, page="/rights/new")
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def test_a_request_is_recorded_and_the_most_urgent_stands_first(inbox: Inbox) -> None:
    admin = inbox.client("admin")
    assert "Nobody has asked" in admin.get("/rights").text
    recorded(admin, came=NOW.date() - timedelta(days=2))
    recorded(admin, "erasure", came=NOW.date() - timedelta(days=40))
    recorded(admin, "objection", came=NOW.date() - timedelta(days=27))
    shown = admin.get("/rights").text
    places = [shown.index(f"Request {number}") for number in (2, 3, 1)]
    assert places == sorted(places)
    assert shown.count("late: it was due on") == 1
    with inbox.store.engine.connect() as rows:
        assert "Rozenn" not in repr(rows.execute(text("SELECT * FROM rights_request")).all())


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": ""},
        {"kind": "portability"},
        {"way": "pigeon"},
        {"who": " "},
        {"received_on": "31/01/2027"},
        {"received_on": (NOW.date() + timedelta(days=2)).isoformat()},
    ],
)
def test_what_cannot_be_recorded_is_said_beside_its_field(inbox: Inbox, wrong: dict[str, str]) -> None:
    form = {"kind": "access", "way": "email", "received_on": NOW.date().isoformat(), "who": "Rozenn"} | wrong
    answer = post(inbox.client("admin"), "/rights/new", form, page="/rights/new")
    assert answer.status_code == 422
    assert 'class="error"' in answer.text


def found_text(inbox: Inbox, admin: FlaskClient, kind: str = "access") -> tuple[str, int]:
    """A request of who sent the seed's text, recognised and found."""
    at, number = recorded(admin, kind), inbox.seeded.contributions["text"]
    with inbox.store.write() as rows:
        row, person = rows.get_one(Contribution, number), get_or_create_contributor(rows, AddressKind.PHONE, NUMBER)
        assert person is not None
        for one in (row, *row.parts, *(part.intake for part in row.parts)):
            one.contributor_id = person.id
    post(admin, f"{at}/identity", {"how": "same_address"}, page=at)
    answer = post(admin, f"{at}/find", {"said": "06 39 98 00 17"}, page=at)
    assert answer.status_code == 302
    return at, number


def test_nothing_is_shown_or_done_before_somebody_was_recognised(inbox: Inbox) -> None:
    admin, number = inbox.client("admin"), inbox.seeded.contributions["text"]
    at = recorded(admin)
    with inbox.store.read() as rows:
        words = current_text(rows, rows.get_one(Contribution, number)).body  # type: ignore[union-attr]
        reference = reference_of(rows, number)
    post(admin, f"{at}/find", {"said": reference}, page=at)
    shown = admin.get(at).text
    assert f"found-{number}" in shown
    assert words[:20] not in shown
    for what, form in (
        ("copy", {}),
        (f"rectify/{number}", {f"rectify-{number}-body": "x"}),
        (f"object/{number}", {}),
        ("erase", {"erase-sure": "y"}),
        ("answer", {}),
    ):
        answer = post(admin, f"{at}/{what}", form, page=at)
        assert answer.status_code == 302, what
        assert "Say first how you made sure" in admin.get(at).text, what
    with inbox.store.read() as rows:
        row = rows.get_one(Contribution, number)
        assert (row.erased_at, row.moderation) == (None, Moderation.IN_REVIEW)
    post(admin, f"{at}/identity", {"how": "paper"}, page=at)
    assert words[:20] in admin.get(at).text


def test_an_address_finds_all_of_it_and_a_reference_its_own(inbox: Inbox) -> None:
    admin = inbox.client("admin")
    at, number = found_text(inbox, admin)
    assert f"found-{number}" in admin.get(at).text
    other = recorded(admin)
    for said, found in (("06 00 00 00 99", 0), ("nobody@example.org", 0), ("482 915 307", 0)):
        post(admin, f"{other}/find", {"said": said}, page=other)
        assert admin.get(other).text.count('id="found-') == found
    with inbox.store.read() as rows:
        reference = reference_of(rows, inbox.seeded.contributions["call"])
    post(admin, f"{other}/find", {"said": reference}, page=other)
    assert admin.get(other).text.count('id="found-') == 1
    post(admin, f"{other}/leave-out/{inbox.seeded.contributions['call']}", {}, page=other)
    assert admin.get(other).text.count('id="found-') == 0


def test_the_copy_holds_texts_files_decisions_and_openings(inbox: Inbox) -> None:
    admin, mod, number = inbox.client("admin"), inbox.client("mod"), inbox.seeded.contributions["call"]
    mod.get(f"/contributions/{number}")
    mod.get(f"/media/{inbox.seeded.media['call']}")
    at = recorded(admin)
    with inbox.store.read() as rows:
        reference = reference_of(rows, number)
    post(admin, f"{at}/identity", {"how": "code_sent"}, page=at)
    post(admin, f"{at}/find", {"said": reference}, page=at)
    answer = post(admin, f"{at}/copy", {}, page=at)
    assert answer.mimetype == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    data = json.loads(archive.read("data.json"))
    (one,) = data["contributions"]
    assert one["reference"] == reference
    assert one["texts"][0]["text"] in archive.read("index.html").decode().replace("&#39;", "'")
    recording = one["parts"][0]["files"][0]["file"]
    assert archive.read(recording) == mod.get(f"/media/{inbox.seeded.media['call']}").data
    assert [(line["what"], line["of"]) for line in reversed(data["readings_by_staff"])][:2] == [
        ("seen", "contribution"),
        ("heard", "medium"),
    ]
    assert "Maëlle" not in archive.read("data.json").decode(), "who of the staff it was is not given"
    with inbox.store.read() as rows:
        assert history.history_of(rows, "rights_request:1")[0].action == "rights_copy"
    exported = [(o.action, o.subject) for o in inbox.store.openings.newest(limit=2)]
    assert ("exported", "person's data:1") in exported


def test_putting_right_objecting_and_erasing_are_done_and_written_down(inbox: Inbox) -> None:
    admin = inbox.client("admin")
    at, number = found_text(inbox, admin, "rectification")
    post(admin, f"{at}/rectify/{number}", {f"rectify-{number}-body": "Le banc, pas le bac."}, page=at)
    with inbox.store.read() as rows:
        said = current_text(rows, rows.get_one(Contribution, number))
    assert said is not None
    assert said.body == "Le banc, pas le bac."
    post(admin, f"{at}/object/{number}", {"object-no_messages": "y"}, page=at)
    with inbox.store.read() as rows:
        row = rows.get_one(Contribution, number)
        assert (row.moderation, row.set_aside_reason) == (Moderation.SET_ASIDE, SetAsideReason.WITHDRAWN)
        assert has_opted_out(rows, AddressKind.PHONE, NUMBER, Settings(folder=inbox.store.keyring.folder).town)
    assert post(admin, f"{at}/erase", {}, page=at).status_code == 422
    post(admin, f"{at}/erase", {"erase-sure": "y"}, page=at)
    post(admin, f"{at}/answer", {"answer-note": "Lettre du 3 décembre"}, page=at)
    with inbox.store.read() as rows:
        assert rows.get_one(Contribution, number).erased_at is not None
        request = rows.get_one(RightsRequest, 1)
        assert request.state is RightsState.ANSWERED
        assert rights_requests.read_request_subject(rows, request).note == "Lettre du 3 décembre"
        done = [line.action for line in history.history_of(rows, "rights_request:1")][::-1]
    assert done == [
        "rights_recorded",
        "rights_identity",
        "rights_searched",
        "rights_rectified",
        "rights_objected",
        "rights_opted_out",
        "rights_erased",
        "rights_answered",
    ]
    assert post(admin, f"{at}/identity", {"how": "paper"}, page=at).status_code == 302
    assert "This request is closed" in admin.get(at).text


def test_it_is_extended_once_within_the_month_and_refused_with_a_reason(inbox: Inbox) -> None:
    admin = inbox.client("admin")
    at = recorded(admin, came=NOW.date() - timedelta(days=3))
    assert post(admin, f"{at}/extend", {"extend-reason": ""}, page=at).status_code == 422
    post(admin, f"{at}/extend", {"extend-reason": "Beaucoup de demandes"}, page=at)
    with inbox.store.read() as rows:
        row = rows.get_one(RightsRequest, 1)
        assert row.due_on == months_after(row.received_on, 3)
    assert "Beaucoup de demandes" in admin.get(at).text
    post(admin, f"{at}/extend", {"extend-reason": "Encore"}, page=at)
    assert "extended once" in admin.get(at).text
    late = recorded(admin, came=NOW.date() - timedelta(days=60))
    post(admin, f"{late}/extend", {"extend-reason": "Trop tard"}, page=late)
    assert "extended once" in admin.get(late).text
    post(admin, f"{late}/refuse", {"refuse-reason": "Introuvable"}, page=late)
    shown = admin.get(late).text
    assert ("Introuvable" in shown, "Refused" in shown) == (True, True)


def test_only_who_answers_for_the_data_may_enter(inbox: Inbox) -> None:
    recorded(inbox.client("admin"))
    for login in ("mod", "elu", "centre"):
        for address in ("/rights", "/rights/new", "/rights/1"):
            assert inbox.client(login).get(address).status_code == 403
    assert inbox.client("admin").get("/rights/99").status_code == 404


def test_requests_are_forgotten_five_years_after_their_answer(store: Store) -> None:
    with store.write() as rows:
        by = create_person(rows, "dpo", "Dana", hash_password("une-phrase-de-passe-longue"), [Role.DATA_PROTECTION]).id
        for years in (6, 4, 0):
            one = rights_requests.record_request(rows, RightsKind.ACCESS, RightsWay.EMAIL, TODAY, "Rozenn", by)
            one.closed_at = utc_now() - timedelta(days=365 * years) if years else None
        assert rights_requests.delete_old_requests(rows, utc_now()) == 1
        assert len(rows.scalars(select(RightsRequest.id)).all()) == 2
