"""Who a mail says it is from: disguises are marked, servers' findings shown as they stand."""

from email import message_from_bytes

import pytest

from channels.email.parse import parse_mail
from channels.email.sender import authentication, disguises

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
    assert disguises(name, address) == found


def test_what_servers_found_out() -> None:
    message = message_from_bytes(
        b"Authentication-Results: mx.ville.example; spf=pass\n smtp.mailfrom=poste.example; dkim=none\n"
        b"Received-SPF: pass (mx.ville.example)\nFrom: anne@poste.example\n\nbancs"
    )
    assert authentication(message) == (
        "Authentication-Results: mx.ville.example; spf=pass smtp.mailfrom=poste.example; dkim=none",
        "Received-SPF: pass (mx.ville.example)",
    )


def test_endless_results_are_bounded() -> None:
    message = message_from_bytes(b"Received-SPF: " + b"x" * 5000 + b"\n" + b"Received-SPF: pass\n" * 5000 + b"\nbancs")
    found = authentication(message)
    assert len(found) == 5
    assert max(map(len, found)) < 1100


def test_a_disguise_is_no_reason_not_to_answer() -> None:
    mail = parse_mail("From: Mаirie <anne@poste.example>\n\nbancs".encode())
    assert (mail.sender_name, mail.disguises, mail.never_answer) == ("Mаirie", ("Mаirie (CYRILLIC, LATIN)",), "")
