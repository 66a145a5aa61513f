"""Guessing passwords: it stops, tells nothing about who is there, and shuts nobody out; weak ones are refused."""

from __future__ import annotations

import contextlib
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from werkzeug.security import generate_password_hash

from config.enums import Role
from inbox.accounts import passwords, sign_in_limits, staff
from inbox.accounts.authentication import authenticate
from inbox.accounts.passwords import NO_PASSWORD, LikeTheLogin, TooCommon, TooShort
from inbox.accounts.sign_in_limits import OF_PASSWORDS, AttemptOrigin, TooManyAttempts
from inbox.models import FailedSignIn, Person, Refusal
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from tests.inbox.pages.conftest import Inbox, filled, inbox, post
from tests.inbox.pages.seed import PASSWORD

__all__ = ["filled", "inbox"]

# --- which are taken ---------------------------------------------------------------------------------

REFUSED = {
    "1234567890": TooShort,
    "motdepasse": TooShort,
    "court mais é": None,
    "x" * 1025: TooShort,
    "123456789012": TooCommon,
    "motdepasse1234": TooCommon,
    "MotDePasse2026!": TooCommon,
    "Mot de passe 26": TooCommon,
    "m0td3p4ss3!!": TooCommon,
    "motdepassemotdepasse": TooCommon,
    "P@ssw0rd1234": TooCommon,
    "azertyuiopqsdf": TooCommon,
    "poiuytreza12": TooCommon,
    "aaaaaaaaaaaa": TooCommon,
    "abababababab": TooCommon,
    "ÉLÉPHANT éléphant": TooCommon,
    "Administrateur29": TooCommon,
    "maud.legall29": LikeTheLogin,
    "MAUD legall 2026": LikeTheLogin,
    "lemot maud.legall et rien d'autre": None,
    "quatre mots qui durent": None,
    "x7Gh!kP02mQz": None,
    "日本語のとても長い合言葉です": None,
}


@pytest.mark.parametrize(("password", "error"), REFUSED.items(), ids=lambda value: str(value)[:24])
def test_what_others_would_guess_is_refused(password: str, error: type[Exception] | None) -> None:
    with pytest.raises(error) if error else contextlib.nullcontext():
        passwords.check_strength(password, "maud.legall")


# --- what is kept ------------------------------------------------------------------------------------


@pytest.fixture
def lena(sqlite_store: Store) -> int:
    with sqlite_store.write() as session:
        kept = passwords.hash_password(PASSWORD)
        return staff.create_person(session, "lena", "Léna", kept, [Role.MODERATOR]).id


@pytest.fixture
def lena_anywhere(store: Store) -> int:
    """The same, on both servers."""
    with store.write() as session:
        return staff.create_person(session, "lena", "Léna", passwords.hash_password(PASSWORD), [Role.MODERATOR]).id


def kept_of(store: Store) -> str:
    with store.read() as session:
        return session.scalars(select(Person.password_hash)).one()


@pytest.mark.parametrize("old", ["scrypt:32768:8:1", "argon2id of another cost"])
def test_a_password_kept_in_an_old_way_is_kept_anew_after_signing_in(sqlite_store: Store, lena: int, old: str) -> None:
    made = (
        generate_password_hash(PASSWORD, method=old)
        if old.startswith("scrypt")
        else passwords.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    )
    with sqlite_store.write() as session:
        session.execute(update(Person).values(password_hash=made))
    assert authenticate(sqlite_store, "lena", "not the password") is None
    assert kept_of(sqlite_store) == made
    assert authenticate(sqlite_store, "lena", PASSWORD) is not None
    renewed = kept_of(sqlite_store)
    assert renewed.startswith("$argon2id$v=19$m=65536,t=2,p=1$")
    assert authenticate(sqlite_store, "lena", PASSWORD) is not None
    assert kept_of(sqlite_store) == renewed


def test_who_has_chosen_no_password_yet_has_none(sqlite_store: Store, lena: int) -> None:
    with sqlite_store.write() as session:
        session.execute(update(Person).values(password_hash=NO_PASSWORD))
    for guess in ("", " ", PASSWORD):
        assert authenticate(sqlite_store, "lena", guess) is None


def test_a_password_is_checked_while_nobody_waits_for_the_database(
    sqlite_store: Store, lena: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = passwords.verify_password

    def check(kept: str | None, given: str) -> bool:
        with sqlite_store.write(patience=1):
            return genuine(kept, given)

    monkeypatch.setattr(passwords, "verify_password", check)
    assert authenticate(sqlite_store, "lena", PASSWORD) is not None


def test_an_unknown_login_costs_a_check_too(sqlite_store: Store, lena: int, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []

    class Watched(passwords.PasswordHasher):
        def verify(self, kept: str | bytes, password: str | bytes):  # type: ignore[no-untyped-def, override]
            checked.append(str(kept))
            return super().verify(kept, password)

    monkeypatch.setattr(passwords, "_HASHER", Watched(time_cost=2, memory_cost=65536, parallelism=1))
    for login in ("nobody", "lena", ""):
        authenticate(sqlite_store, login, "a guess at it")
    assert [kept.rpartition("$")[0].rpartition("$")[0] for kept in checked] == ["$argon2id$v=19$m=65536,t=2,p=1"] * 3


# --- limits ------------------------------------------------------------------------------------------

HERE, ELSEWHERE = AttemptOrigin("198.51.100.7"), AttemptOrigin("203.0.113.9")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a password costs is tested above."""
    monkeypatch.setattr(passwords, "verify_password", lambda kept, given: bool(kept) and given == PASSWORD)


def tried(store: Store, login: str, origin: AttemptOrigin, password: str = "guess", later: int = 0) -> str:
    """What comes of a try: in, out, or waits."""
    try:
        person = authenticate(store, login, password, origin, utc_now() + timedelta(minutes=later))
    except TooManyAttempts:
        return "waits"
    return "in" if person else "out"


@pytest.mark.parametrize("login", ["lena", "nobody", " LENA "])
def test_guessing_from_one_place_stops_alike_for_every_login(
    sqlite_store: Store, lena: int, quick: None, login: str
) -> None:
    told = [tried(sqlite_store, login, HERE) for _ in range(OF_PASSWORDS.from_address_for_login + 2)]
    assert told == ["out"] * OF_PASSWORDS.from_address_for_login + ["waits"] * 2
    assert tried(sqlite_store, login, HERE, PASSWORD) == "waits"
    assert tried(sqlite_store, "lena", ELSEWHERE, PASSWORD) == "in", "she is not shut out where she is"
    in_time = tried(sqlite_store, login, HERE, PASSWORD, later=16)
    assert in_time == ("out" if login == "nobody" else "in")


def test_guessing_at_many_logins_from_one_place_stops(sqlite_store: Store, lena: int, quick: None) -> None:
    told = [tried(sqlite_store, f"login{number}", HERE) for number in range(OF_PASSWORDS.from_address + 1)]
    assert told == ["out"] * OF_PASSWORDS.from_address + ["waits"]


NETWORKS = {
    "one network of IPv6": (lambda n: f"2001:db8:1:2:{n:x}::{n:x}", OF_PASSWORDS.from_address_for_login),
    "one address, spelled as IPv6": (
        lambda n: ["198.51.100.7", "::ffff:198.51.100.7"][n % 2],
        OF_PASSWORDS.from_address_for_login,
    ),
    "everywhere": (lambda n: f"10.0.{n // 250}.{n % 250}", OF_PASSWORDS.for_login),
}


@pytest.mark.parametrize(("address", "most"), NETWORKS.values(), ids=NETWORKS)
def test_guessing_from_many_addresses_stops_too(
    sqlite_store: Store, lena: int, quick: None, address, most: int
) -> None:
    told = [tried(sqlite_store, "lena", AttemptOrigin(address(number))) for number in range(most + 1)]
    assert told == ["out"] * most + ["waits"]


def test_guessing_at_once_gets_no_more_tries(store: Store, lena_anywhere: int, monkeypatch: pytest.MonkeyPatch) -> None:
    most = OF_PASSWORDS.from_address_for_login
    all_have_looked = threading.Barrier(2 * most, timeout=20)

    def check(_kept: str | None, _given: str) -> bool:
        all_have_looked.wait()  # each saw that nobody had guessed yet
        return False

    monkeypatch.setattr(passwords, "verify_password", check)
    with ThreadPoolExecutor(2 * most) as threads:
        told = sorted(threads.map(lambda _number: tried(store, "lena", HERE), range(2 * most)))
    assert told == ["out"] * most + ["waits"] * most


def test_no_login_or_address_stands_in_what_is_counted_nor_longer_than_it_counts(
    sqlite_store: Store, lena: int, quick: None
) -> None:
    tried(sqlite_store, "lena", HERE)
    with sqlite_store.read() as session:
        stored = repr(session.execute(text("SELECT * FROM failed_sign_in")).all())
    assert not re.search(r"lena|198\.51", stored)
    tried(sqlite_store, "other", ELSEWHERE, later=16)
    with sqlite_store.read() as session:
        assert len(session.scalars(select(FailedSignIn.id)).all()) == 3


def test_refusals_are_counted_for_the_administrator(sqlite_store: Store, lena: int, quick: None) -> None:
    for login in ("lena", "nobody"):
        for _ in range(OF_PASSWORDS.from_address_for_login + 1):
            tried(sqlite_store, login, HERE)
    with sqlite_store.read() as session:
        counted = dict(session.execute(select(Refusal.reason, Refusal.count)).all())  # type: ignore[arg-type]
    assert counted == {"wrong_password": 10, "unknown_login": 10, "too_many_attempts": 2}


# --- in the browser -----------------------------------------------------------------------------------


def sign_in(client: FlaskClient, login: str = "mod", password: str = PASSWORD, address: str = "198.51.100.7"):
    client.environ_base["REMOTE_ADDR"] = address
    return post(client, "/sign-in", {"login": login, "password": password})


def fill(inbox: Inbox, login: str) -> None:
    """Somebody has guessed at this login from everywhere, until nobody unknown may try any more."""
    with inbox.store.write() as session:
        session.add_all(
            FailedSignIn(bucket=bucket.named, at=utc_now())
            for bucket in sign_in_limits.attempt_buckets(session, login, AttemptOrigin("192.0.2.1"))
            for _ in range(bucket.most)
        )


def test_what_is_told_is_the_same_for_every_login(inbox: Inbox) -> None:
    for login in ("mod", "nobody"):
        fill(inbox, login)
    told = [sign_in(inbox.client(), login, "guess", "192.0.2.1") for login in ("mod", "nobody")]
    shown = [re.sub(r'value="[^"]*"', "", answer.text) for answer in told]
    assert "Too many wrong passwords from here" in shown[0]
    assert shown[0] == shown[1]
    assert [answer.status_code for answer in told] == [422, 422]


def test_a_browser_one_has_signed_in_with_is_not_held_up_by_others(inbox: Inbox) -> None:
    own, stranger = inbox.client(), inbox.client()
    assert sign_in(own).status_code == 302
    post(own, "/sign-out", {}, page="/account")
    fill(inbox, "mod")
    assert sign_in(stranger).status_code == 422
    assert sign_in(own).status_code == 302
    post(own, "/sign-out", {}, page="/account")
    for _ in range(OF_PASSWORDS.from_known_browser):
        sign_in(own, password="a guess")
    assert "Too many" in sign_in(own).text, "a stolen one may not guess for ever either"


@pytest.mark.parametrize("change", ["a new password", "another login", "a forged cookie"])
def test_what_a_known_browser_holds_is_good_for_its_login_and_password_only(inbox: Inbox, change: str) -> None:
    own = inbox.client()
    assert sign_in(own).status_code == 302
    post(own, "/sign-out", {}, page="/account")
    login, password = "mod", PASSWORD
    if change == "a new password":
        password = "quatre mots tout neufs"
        with inbox.store.write() as session:
            staff.change_password(session, "mod", passwords.hash_password(password))
    elif change == "another login":
        login = "elu"
    else:
        own.set_cookie("session-browser", "A" * 80)
    fill(inbox, login)
    assert sign_in(own, login, password).status_code == 422


# --- one's own ----------------------------------------------------------------------------------------

NEW = "cinq mots que je choisis"
CHANGES = {
    "right": ({}, 302),
    "the present one is wrong": ({"present": "not it"}, 422),
    "without the present one": ({"present": ""}, 422),
    "common": ({"password": "motdepasse1234", "again": "motdepasse1234"}, 422),
    "short": ({"password": "quatre mots", "again": "quatre mots"}, 422),
    "not twice the same": ({"again": "six mots que je choisis"}, 422),
}


@pytest.mark.parametrize(("changes", "status"), CHANGES.values(), ids=CHANGES)
def test_ones_own_password_is_changed_by_who_knows_it(inbox: Inbox, changes: dict[str, str], status: int) -> None:
    client, elsewhere = inbox.client("mod"), inbox.client("mod")
    form = {"present": PASSWORD, "password": NEW, "again": NEW} | changes
    assert post(client, "/account/password", form, page="/account/password").status_code == status
    assert client.get("/account").status_code == 200, "who changes it stays signed in"
    assert elsewhere.get("/account").status_code == (302 if status == 302 else 200)
    assert (authenticate(inbox.store, "mod", NEW) is not None) is (status == 302)
