"""The page « Personnes »: inviting, changing, closing and reopening accounts, never without an administrator."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from config.enums import Role
from inbox.accounts import second_factors, staff
from inbox.accounts.authentication import authenticate
from inbox.models import Centre, Person
from tests.inbox.pages.conftest import Inbox, post
from tests.inbox.pages.seed import PASSWORD

PEOPLE = "/settings/people"
NEW = {"name": "Maud Le Gall", "login": "Maud", "roles": ["moderator", "official"], "centre": ""}


def roles_of(inbox: Inbox, login: str) -> set[Role]:
    with inbox.store.read() as rows:
        person = rows.scalars(select(Person).where(Person.login == login)).one()
        return {role.role for role in person.roles}


def send(inbox: Inbox, path: str, form: dict[str, object] | None = None, login: str = "admin"):  # type: ignore[no-untyped-def]
    return post(inbox.client(login), path, dict(form or {}), page="/account")


def number(inbox: Inbox, login: str) -> int:
    return inbox.seeded.people[login]


def test_who_is_invited_chooses_a_password_and_may_what_was_said(inbox: Inbox) -> None:
    shown = send(inbox, f"{PEOPLE}/new", NEW).text
    link = re.search(r'value="http://127\.0\.0\.1:8080(/set-up/[\w-]{43})"', shown)
    assert link is not None
    assert "Invited: the link opens until" in inbox.client("admin").get(PEOPLE).text
    chosen = {"password": "cinq mots que je choisis", "again": "cinq mots que je choisis"}
    assert post(inbox.client(), link[1], chosen).status_code == 302
    assert authenticate(inbox.store, "maud", chosen["password"]) is not None
    assert roles_of(inbox, "maud") == {Role.MODERATOR, Role.OFFICIAL}
    assert "Last signed in" in inbox.client("admin").get(PEOPLE).text


@pytest.mark.parametrize(
    "wrong",
    [{"login": "MOD"}, {"login": ""}, {"name": ""}, {"roles": []}, {"roles": ["mayor"]}, {"centre": "nowhere"}],
    ids=["taken", "no login", "no name", "no role", "a role there is not", "a centre there is not"],
)
def test_a_slip_invites_nobody(inbox: Inbox, wrong: dict[str, object]) -> None:
    with inbox.store.read() as rows:
        before = rows.scalars(select(Person.login)).all()
    assert send(inbox, f"{PEOPLE}/new", NEW | wrong).status_code == 422
    with inbox.store.read() as rows:
        assert rows.scalars(select(Person.login)).all() == before


def test_name_roles_and_centre_are_changed_and_sessions_end_where_roles_change(inbox: Inbox) -> None:
    with inbox.store.write() as rows:
        rows.add(Centre(slug="kerourien", name="Kerourien"))
    theirs, path = inbox.client("elu"), f"{PEOPLE}/{number(inbox, 'elu')}"
    same = {"name": "Nouvelle Élue", "roles": ["official"], "centre": "kerourien"}
    assert send(inbox, path, same).status_code == 302
    assert "Kerourien" in theirs.get("/account").text
    send(inbox, path, same | {"roles": ["official", "moderator"]})
    assert theirs.get("/account").status_code == 302
    assert roles_of(inbox, "elu") == {Role.OFFICIAL, Role.MODERATOR}


def test_closed_and_opened_again(inbox: Inbox) -> None:
    theirs, path = inbox.client("mod"), f"{PEOPLE}/{number(inbox, 'mod')}"
    send(inbox, f"{path}/close")
    assert theirs.get("/account").status_code == 302
    assert authenticate(inbox.store, "mod", PASSWORD) is None
    assert send(inbox, f"{path}/invite").status_code == 404
    send(inbox, f"{path}/reopen")
    assert authenticate(inbox.store, "mod", PASSWORD) is not None
    assert "Account opened again" in inbox.client("admin").get(path).text


def test_sessions_and_second_factor_are_ended_for_somebody(inbox: Inbox) -> None:
    theirs, path = inbox.client("mod"), f"{PEOPLE}/{number(inbox, 'mod')}"
    with inbox.store.write() as rows:
        second_factors.begin_enrolment(rows, number(inbox, "mod"))
    send(inbox, f"{path}/sign-out")
    assert theirs.get("/account").status_code == 302
    send(inbox, f"{path}/second-factor")
    with inbox.store.read() as rows:
        assert second_factors.pending_secret(rows, number(inbox, "mod")) is None


LAST = {"closing": ("/close", {}), "another role": ("", {"name": "Admin", "roles": ["official"], "centre": ""})}


@pytest.mark.parametrize(("path", "form"), LAST.values(), ids=LAST)
@pytest.mark.parametrize("others", ["none", "one that is closed", "one that is open"])
def test_there_is_always_an_administrator(inbox: Inbox, path: str, form: dict[str, object], others: str) -> None:
    if others != "none":
        with inbox.store.write() as rows:
            staff.set_roles(rows, "elu", [Role.ADMINISTRATOR])
            if others == "one that is closed":
                staff.deactivate(rows, "elu")
    admin = inbox.client("admin")
    send(inbox, f"{PEOPLE}/{number(inbox, 'admin')}{path}", form)
    stays = others != "one that is open"
    assert (admin.get(PEOPLE).status_code == 200) is stays


def test_nobody_else_sees_or_changes_people(inbox: Inbox) -> None:
    for login in ("mod", "elu", "centre"):
        client = inbox.client(login)
        assert client.get(PEOPLE).status_code == 403
        assert post(client, f"{PEOPLE}/new", dict(NEW), page="/account").status_code == 403
