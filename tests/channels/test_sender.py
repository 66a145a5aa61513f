"""Who a mail says it is from: disguises are marked, servers' findings shown as they stand."""

from email import message_from_bytes

import pytest

from channels.email.classify.sender import authentication_results, disguise_warnings
from channels.email.compose import find_answerable
from channels.email.parse import parse_mail

NAMES = {
    "Latin": ("Anne Le Gall", "anne@poste.example", ()),
    "Breton": ("Gwenaëlle Ar C’hozh", "gwen@poste.example", ()),
    "Cyrillic": ("Анна Иванова", "anna@poste.example", ()),
    "Greek and Latin, each its word": ("Ελένη Martin", "eleni@poste.example", ()),
    "Japanese": ("田中さん", "tanaka@poste.example", ()),
    "Arabic": ("فاطمة", "fatima@poste.example", ()),
    "Latin and Cyrillic in one word": ("Mаirie", "x@poste.example", ("Mаirie (CYRILLIC, LATIN)",)),
    "Latin and Greek in the address": ("", "avis@villε.example", ("villε (GREEK, LATIN)",)),
    "written backwards": ("eiriaM\u202e", "x@poste.example", ("U+202E …",)),
    "another's address": ("avis@ville.example", "x@poste.example", ("another address as a name",)),
    "its own address": ("Anne@poste.example", "anne@poste.example", ()),
    "a domain in disguise": ("Anne", "anne@xn--vlle-8xa.example", ("xn--",)),
}


@pytest.mark.parametrize(("name", "address", "found"), NAMES.values(), ids=NAMES)
def test_disguises(name: str, address: str, found: tuple[str, ...]) -> None:
    assert disguise_warnings(name, address) == found


def test_what_servers_found_out() -> None:
    message = message_from_bytes(
        b"Authentication-Results: mx.ville.example; spf=pass\n smtp.mailfrom=poste.example; dkim=none\n"
        b"Received-SPF: pass (mx.ville.example)\nFrom: anne@poste.example\n\nbancs"
    )
    assert authentication_results(message) == (
        "Authentication-Results: mx.ville.example; spf=pass smtp.mailfrom=poste.example; dkim=none",
        "Received-SPF: pass (mx.ville.example)",
    )


def test_endless_results_are_bounded() -> None:
    message = message_from_bytes(b"Received-SPF: " + b"x" * 5000 + b"\n" + b"Received-SPF: pass\n" * 5000 + b"\nbancs")
    found = authentication_results(message)
    assert len(found) == 5
    assert max(map(len, found)) < 1100


def test_a_disguise_is_no_reason_not_to_answer() -> None:
    mail = parse_mail("From: Mаirie <anne@poste.example>\n\nbancs".encode())
    assert (mail.sender_name, mail.disguises, mail.never_answer) == ("Mаirie", ("Mаirie (CYRILLIC, LATIN)",), "")


ANSWERED = {
    "no Return-Path": (b"", "anne@poste.example"),
    "as the server noted it": (b"Return-Path: <anne+envoi@poste.example>\n", "anne+envoi@poste.example"),
    "the topmost of two: the other came with the mail": (
        b"Return-Path: <anne@poste.example>\nReceived: x\nReturn-Path: <victime@autre.example>\n",
        "anne@poste.example",
    ),
    "the topmost is none": (b"Return-Path: www-data\nReturn-Path: <victime@autre.example>\n", "anne@poste.example"),
    "forwarded under another envelope (SRS)": (
        b"Return-Path: <SRS0=x=y=poste.example=anne@relais.example>\n",
        "srs0=x=y=poste.example=anne@relais.example",
    ),
    "never Reply-To": (b"Reply-To: victime@autre.example\n", "anne@poste.example"),
}


@pytest.mark.parametrize(("head", "to"), ANSWERED.values(), ids=ANSWERED)
def test_where_an_answer_goes(head: bytes, to: str) -> None:
    answered = find_answerable(parse_mail(head + b"From: Anne <anne@poste.example>\n\nbancs"))
    assert answered is not None
    assert answered.to.value == to


NOBODY = {
    "an empty Return-Path": b"Return-Path: <>",
    "an empty one, with white space": b"Return-Path:  < >",
    "one of nothing at all": b"Return-Path:",
    "an empty one below another": b"Return-Path: <anne@poste.example>\nReturn-Path: <>",
    "a mail program's": b"Return-Path: <MAILER-DAEMON@poste.example>",
    "a mail program's, without a host and with white space": b"Return-Path: < mailer-daemon >",
    "a list's owner": b"Return-Path: <owner-quartier@liste.example>",
    "a list's bounces": b"Return-Path: <quartier-bounces+anne=poste.example@liste.example>",
    "a sending service's": b"Return-Path: <bounces+4711-ab@envoi.example>",
    "nobody's": b"Return-Path: <no-reply@formulaire.example>",
}


@pytest.mark.parametrize("head", NOBODY.values(), ids=NOBODY)
def test_whom_nothing_is_sent(head: bytes) -> None:
    mail = parse_mail(head + b"\nFrom: Anne <anne@poste.example>\n\nbancs")
    assert find_answerable(mail) is None
    assert mail.machine is None
