"""Mails as they arrive, and what each becomes; whatever is damaged, no exception, and text or a reason."""

import os
import random
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base.values import Address
from channels.email.mime.mail_files import Attachment
from channels.email.mime.problems import MailProblem
from channels.email.parse import Mail, parse_mail
from channels.email.reply.evidence import Aside, AsideKind, Evidence, Passage, PassageKind
from config.enums import AddressKind, NotContribution

FOLDER = Path(__file__).parent.parent / "payloads" / "email"
RECEIPT = "<receipt.482915307@ville.example>"


def mail(body: str, sender: str = "anne@poste.example", **other: object) -> Mail:
    person = Address(AddressKind.EMAIL, sender)
    known = {"sender": person, "answer_to": person, "addressed_to": ("avis@ville.example",)}
    return Mail(body=body, **{**known, **other})  # type: ignore[arg-type]


ARRIVED = {
    "gmail_alternative": mail(
        "Et des arbres aussi, s'il vous plaît.",
        subject="Re: Votre avis — bancs",
        date=datetime(2026, 3, 12, 9, 11, 12, tzinfo=UTC),
        message_id="<CAxyz@mail.gmail.example>",
        in_reply_to=RECEIPT,
        references=("<first@mail.gmail.example>", RECEIPT),
        aside=(
            Aside(
                AsideKind.QUOTE,
                "Le jeu. 12 mars 2026 à 10:00, Ville <avis@ville.example> a écrit :\n\n> votre message est bien arrivé",
                Evidence.ATTRIBUTION,
            ),
        ),
        sender_name="Anne Le Gall",
    ),
    "html_only": mail(
        "Bonjour,\n\ndes bancs près de l'école !\nEt des arbres.",
        subject="Re: Bancs",
        aside=(
            Aside(
                AsideKind.QUOTE,
                "Le 12/03/2026 à 10:00, avis@ville.example a écrit :\n\n> votre message\n> est là\n>\n> > avant",
                Evidence.ATTRIBUTION,
            ),
        ),
    ),
    "photo_from_iphone": mail(
        "Voici ma page.",
        subject="Mon formulaire",
        aside=(Aside(AsideKind.SIGNATURE, "Envoyé de mon iPhone", Evidence.DEVICE),),
        attachments=(Attachment("Numérisé.jpeg", "image/jpeg", b"\xff\xd8\xff\xe0\x00\x10JFIF"),),
        sender_name="Anne",
    ),
    "copier": mail(
        "",
        "noreply@copieur.centre.example",
        subject="Scan",
        message_id="<scan-1@copieur.centre.example>",
        attachments=(Attachment("scan0001.pdf", "application/pdf", b"%PDF-1.4"),),
        never_answer="system address",
    ),
    "forwarded_as_attachment": mail(
        "Il faut des bancs.",
        subject="TR: Bancs",
        attachments=(
            Attachment(
                "message.eml",
                "message/rfc822",
                b"From: rose@poste.example\nSubject: Bancs\n"
                b"Content-Type: text/plain; charset=utf-8\n\nIl faut des bancs.",
                is_taken=True,
            ),
        ),
        passages=(Passage(PassageKind.FORWARDED, 0, 18),),
        problems=(MailProblem.FORWARDED,),
    ),
    "forwarded_in_text": mail(
        "Il faut des bancs.",
        subject="TR: Bancs",
        aside=(
            Aside(
                AsideKind.FORWARD,
                "-------- Message transféré --------\nSujet : Bancs\nDe : Rose <rose@poste.example>\nPour : Anne",
                Evidence.FORWARD_HEAD,
            ),
        ),
        passages=(Passage(PassageKind.FORWARDED, 0, 18),),
        problems=(MailProblem.FORWARDED,),
    ),
    "encrypted": mail(
        "",
        subject="...",
        attachments=(
            Attachment("", "application/pgp-encrypted", b"Version: 1"),
            Attachment("encrypted.asc", "application/octet-stream", b"-----BEGIN PGP MESSAGE-----"),
        ),
        problems=(MailProblem.ENCRYPTED,),
    ),
    "empty_reply": mail(
        "",
        subject="Re: Votre avis",
        aside=(
            Aside(
                AsideKind.QUOTE,
                "Le 12/03/2026 à 10:00, Ville a écrit :\n> votre message est bien arrivé",
                Evidence.ATTRIBUTION,
            ),
        ),
        problems=(MailProblem.ONLY_QUOTED,),
    ),
    "bare_eight_bit": mail(
        "Il y a des déchets — partout. Coût : 3 €",
        subject="Déchets sur la plage",
        problems=(MailProblem.CHARSET,),
        sender_name="Anné",
    ),
    "unclosed": mail("Il faut des bancs.", problems=(MailProblem.BROKEN,)),
    "flowed": mail(
        "Une phrase que le programme a coupée en deux.\nUne autre.",
        aside=(Aside(AsideKind.SIGNATURE, "--\nAnne", Evidence.DELIMITER),),
    ),
    "vacation": mail(
        "Je suis absente jusqu'au 30 mars.",
        subject="Réponse automatique : Votre avis",
        in_reply_to=RECEIPT,
        machine=NotContribution.AUTOMATIC_REPLY,
        never_answer="Auto-Submitted",
        sender_name="Anne",
    ),
    "bounce": mail(
        "The mail could not be delivered.",
        "mailer-daemon@mx.poste.example",
        subject="Undelivered Mail Returned to Sender",
        attachments=(
            Attachment(
                "message.eml",
                "message/rfc822",
                b"Message-ID: <receipt.482915307@ville.example>\nFrom: avis@ville.example\nTo: anne@poste.example\n"
                b"Subject: Votre avis\n\nBonjour",
                is_taken=True,
            ),
        ),
        machine=NotContribution.BOUNCE,
        never_answer="empty Return-Path",
        about=RECEIPT,
    ),
}


@pytest.mark.parametrize("name", ARRIVED)
def test_arrived(name: str) -> None:
    assert parse_mail((FOLDER / f"{name}.eml").read_bytes()) == ARRIVED[name]


def test_no_payload_is_forgotten() -> None:
    assert {path.stem for path in FOLDER.glob("*.eml")} == set(ARRIVED)


@pytest.mark.parametrize("name", ARRIVED)
def test_line_ends_do_not_matter(name: str) -> None:
    raw = (FOLDER / f"{name}.eml").read_bytes()
    windows = parse_mail(raw.replace(b"\n", b"\r\n"))
    assert (windows.body, windows.sender, windows.machine) == (
        ARRIVED[name].body,
        ARRIVED[name].sender,
        ARRIVED[name].machine,
    )


HEAD = b"From: anne@poste.example\nTo: avis@ville.example\n"

BODIES = {
    "nothing": (b"", ""),
    "no headers at all": (b"\n\nIl faut des bancs.", "Il faut des bancs."),
    "text without a type": (HEAD + "\nDes bancs, à côté.".encode(), "Des bancs, à côté."),
    "UTF-8 said to be ASCII": (
        HEAD + "Content-Type: text/plain; charset=us-ascii\n\nÀ côté.".encode(),
        "À côté.",
    ),
    "Latin-1 said to be UTF-8": (
        HEAD + b"Content-Type: text/plain; charset=utf-8\n\n\xc0 c\xf4t\xe9.",
        "À côté.",
    ),
    "a charset that does not exist": (HEAD + b"Content-Type: text/plain; charset=klingon\n\n\xe9", "é"),
    "a charset that is no charset": (HEAD + b"Content-Type: text/plain; charset=zip\n\nbancs", "bancs"),
    "an empty charset": (HEAD + b'Content-Type: text/plain; charset=""\n\nbancs', "bancs"),
    "KOI8-R": (
        HEAD + b"Content-Type: text/plain; charset=koi8-r\n\n" + "Скамейки".encode("koi8-r"),
        "Скамейки",
    ),
    "ISO-2022-JP": (
        HEAD + b"Content-Type: text/plain; charset=iso-2022-jp\n\n" + "ベンチ".encode("iso-2022-jp"),
        "ベンチ",
    ),
    "an encoding that does not exist": (HEAD + b"Content-Transfer-Encoding: rot13\n\nbancs", "bancs"),
    "base64 with rubbish in it": (HEAD + b"Content-Transfer-Encoding: base64\n\nYmF!uY3M=", "bancs"),
    "quoted-printable cut short": (HEAD + b"Content-Transfer-Encoding: quoted-printable\n\nbancs=", "bancs"),
    "NUL and BEL": (HEAD + b"\nban\x00cs\x07", "bancs"),
    "HTML without its end": (HEAD + b"Content-Type: text/html\n\n<p>des <b>bancs", "des bancs"),
    "HTML that is none": (HEAD + b"Content-Type: text/html\n\n2 < 3 bancs", "2 < 3 bancs"),
    "HTML with entities": (
        HEAD + b"Content-Type: text/html\n\n<p>caf&eacute; &amp; bancs&nbsp;!</p>",
        "café & bancs !",
    ),
    "HTML with a list": (HEAD + b"Content-Type: text/html\n\n<ul><li>bancs<li>bus</ul>", "* bancs\n* bus"),
    "empty HTML": (HEAD + b"Content-Type: text/html\n\n", ""),
    "XHTML with its declaration": (
        HEAD
        + b"Content-Type: text/html; charset=utf-8\n\n"
        + b'<?xml version="1.0" encoding="utf-8"?><html><body>bancs</body></html>',
        "bancs",
    ),
    "only an empty text beside HTML": (
        HEAD
        + b"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n \n--b\n"
        + b"Content-Type: text/html\n\n<p>bancs</p>\n--b--",
        "bancs",
    ),
    "a boundary that is never used": (HEAD + b"Content-Type: multipart/mixed; boundary=b\n\nbancs", "bancs"),
    "signed": (
        HEAD
        + b"Content-Type: multipart/signed; boundary=b\n\n--b\nContent-Type: text/plain\n\nbancs\n--b\n"
        + b"Content-Type: application/pgp-signature; name=signature.asc\n\nx\n--b--",
        "bancs",
    ),
}


@pytest.mark.parametrize(("raw", "body"), BODIES.values(), ids=BODIES)
def test_bodies(raw: bytes, body: str) -> None:
    assert parse_mail(raw).body == body


def test_an_invitation_and_a_signature_are_named() -> None:
    assert MailProblem.SIGNED in parse_mail(BODIES["signed"][0]).problems
    invitation = HEAD + b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR"
    parsed = parse_mail(invitation)
    assert parsed.problems == (MailProblem.CALENDAR,)
    assert parsed.attachments == (Attachment("", "text/calendar", b"BEGIN:VCALENDAR"),)


SENDERS = {
    "plain": (b"From: Anne@Poste.EXAMPLE", "anne@poste.example"),
    "with a name": (b'From: "Le Gall, Anne" <anne@poste.example>', "anne@poste.example"),
    "another's address in the name": (b'From: "rose@poste.example" <anne@poste.example>', "anne@poste.example"),
    "another's address in an encoded name": (
        b"From: =?utf-8?q?rose=40poste=2Eexample=2C?= <anne@poste.example>",
        "anne@poste.example",
    ),
    "bare 8-bit name": (b"From: Ren\xe9 <rene@poste.example>", "rene@poste.example"),
    "nobody": (b"From: undisclosed", None),
    "nothing": (b"X: y", None),
    "folded within the address": (b"From: <anne\r\n @poste.example>", "anne@poste.example"),
    "two at signs": (b"From: <anne@@poste.example>", None),
    "no From but Sender": (b"Sender: anne@poste.example", "anne@poste.example"),
}


@pytest.mark.parametrize(("header", "address"), SENDERS.values(), ids=SENDERS)
def test_senders(header: bytes, address: str | None) -> None:
    sender = parse_mail(header + b"\n\nbancs").sender
    assert (sender.value if sender else None) == address


SUBJECTS = {
    "folded": (b"Subject: des\n bancs", "des bancs"),
    "encoded in pieces": (b"Subject: =?utf-8?q?d=C3=A9s?=\n =?utf-8?b?w6lz?=", "désés"),
    "an unknown charset": (b"Subject: =?klingon?q?bancs?=", "bancs"),
    "broken base64": (b"Subject: =?utf-8?b?####?= x", "x"),
    "bare UTF-8": ("Subject: à côté".encode(), "à côté"),
    "bare Latin-1": ("Subject: à côté".encode("latin-1"), "à côté"),
    "posted twice": (b"Subject: bancs\nSubject: bus", "bancs"),
    "endless": (b"Subject: " + b"a" * 100_000, "a" * 998),
}


@pytest.mark.parametrize(("header", "subject"), SUBJECTS.values(), ids=SUBJECTS)
def test_subjects(header: bytes, subject: str) -> None:
    assert parse_mail(header + b"\n\nbancs").subject == subject


NAMES = {
    "plain": (b'filename="scan.pdf"', "scan.pdf"),
    "a way out of the folder": (b'filename="../../etc/passwd"', ".._.._etc_passwd"),
    "a drive": (b'filename="C:\\\\scan.pdf"', "C:_scan.pdf"),
    "written backwards": ('filename="scan\u202efdp.exe"'.encode(), "scan_fdp.exe"),
    "bare UTF-8": ('filename="été.pdf"'.encode(), "été.pdf"),
    "bare Latin-1": ('filename="été.pdf"'.encode("latin-1"), "été.pdf"),
    "encoded word": (b'filename="=?utf-8?q?=C3=A9t=C3=A9=2Epdf?="', "été.pdf"),
    "RFC 2231": (b"filename*=iso-8859-1''%E9t%E9.pdf", "été.pdf"),
    "RFC 2231 in an unknown charset": (b"filename*=klingon''a.pdf", "a.pdf"),
    "endless": (b'filename="' + b"a" * 5000 + b'.pdf"', "a" * 196 + ".pdf"),
}


@pytest.mark.parametrize(("parameter", "name"), NAMES.values(), ids=NAMES)
def test_names_of_files(parameter: bytes, name: str) -> None:
    raw = HEAD + b"Content-Type: application/pdf\nContent-Disposition: attachment; " + parameter + b"\n\n%PDF"
    assert [one.name for one in parse_mail(raw).attachments] == [name]


TEXT, HTML = b"Content-Type: text/plain\n\nbancs\n", b"Content-Type: text/html\n\n<p>bancs\n"
AMP = b"Content-Type: text/x-amp-html\n\n<html amp4email><p>fleurs\n"
CLEAR = (
    b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nDes bancs.\n- -- \nAnne\n"
    b"-----BEGIN PGP SIGNATURE-----\n\nabc=\n"
)


def multipart(kind: str, *parts: bytes) -> bytes:
    head = HEAD + f"Content-Type: multipart/{kind}; boundary=b\n\n".encode()
    return head + b"".join(b"--b\n" + one + b"\n" for one in parts) + b"--b--\n"


def file(kind: str, name: str) -> bytes:
    return f'Content-Type: {kind}; name="{name}"\n\nx\n'.encode()


KINDS: dict[str, tuple[bytes, str, set[MailProblem], int]] = {
    "PGP, encrypted, in MIME": (
        multipart("encrypted", file("application/pgp-encrypted", ""), file("application/octet-stream", "e.asc")),
        "", {MailProblem.ENCRYPTED}, 2,
    ),
    "PGP, encrypted, in the text": (
        HEAD + b"\n-----BEGIN PGP MESSAGE-----\n\nabc=\n-----END PGP MESSAGE-----\n",
        "-----BEGIN PGP MESSAGE-----\n\nabc=\n-----END PGP MESSAGE-----", {MailProblem.ENCRYPTED}, 0,
    ),
    "PGP, signed, in MIME": (
        multipart("signed", TEXT, file("application/pgp-signature", "s.asc")), "bancs", {MailProblem.SIGNED}, 1
    ),
    "PGP, signed, in the text": (
        HEAD + b"\n" + CLEAR + b"-----END PGP SIGNATURE-----\n", "Des bancs.", {MailProblem.SIGNED}, 0
    ),
    "PGP, signed, in the text, cut": (HEAD + b"\n" + CLEAR, "Des bancs.", {MailProblem.SIGNED}, 0),
    "S/MIME, encrypted": (
        HEAD + b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n\nx",
        "", {MailProblem.ENCRYPTED}, 1,
    ),
    "S/MIME, encrypted, of no stated type": (
        HEAD + b"Content-Type: application/x-pkcs7-mime; name=smime.p7m\n\nx", "", {MailProblem.ENCRYPTED}, 1
    ),
    "S/MIME, signed, text in the open": (
        multipart("signed", TEXT, file("application/pkcs7-signature", "smime.p7s")), "bancs", {MailProblem.SIGNED}, 1
    ),
    "S/MIME, signed, text within": (
        HEAD + b"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\n\nx",
        "", {MailProblem.PACKED}, 1,
    ),
    "Outlook's winmail.dat": (
        multipart("mixed", TEXT, file("application/ms-tnef", "winmail.dat")), "bancs", {MailProblem.PACKED}, 1
    ),
    "an invitation": (
        multipart("alternative", TEXT, b"Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n"),
        "bancs", {MailProblem.CALENDAR}, 1,
    ),
    "HTML only": (HEAD + HTML, "bancs", set(), 0),
    "AMP beside both": (multipart("alternative", TEXT, AMP, HTML), "bancs", set(), 0),
    "AMP beside HTML": (multipart("alternative", AMP, HTML), "bancs", set(), 0),
    "an empty text and full HTML": (
        multipart("alternative", b"Content-Type: text/plain\n\n\xc2\xa0\n", HTML), "bancs", set(), 0
    ),
    "forwarded as an attachment, nothing above": (
        multipart("mixed", b"Content-Type: message/rfc822\n\nSubject: x\n\nbancs\n"),
        "bancs", {MailProblem.FORWARDED}, 1
    ),
    "forwarded as an attachment, encrypted": (
        multipart("mixed", b"Content-Type: message/rfc822\n\nContent-Type: application/pkcs7-mime\n\nx\n"),
        "", {MailProblem.ENCRYPTED}, 2,
    ),
    "a digest": (multipart("digest", b"\nSubject: x\n\nbancs\n"), "bancs", {MailProblem.FORWARDED}, 1),
    "a text in pieces": (multipart("mixed", TEXT, file("image/png", "a.png"), TEXT), "bancs\n\n\nbancs", set(), 1),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "body", "problems", "files"), KINDS.values(), ids=KINDS)
def test_kinds_of_mail(raw: bytes, body: str, problems: set[MailProblem], files: int) -> None:
    parsed = parse_mail(raw)
    assert (parsed.body, set(parsed.problems), len(parsed.attachments)) == (body, problems, files)


SENT_FROM = {
    "beside a file": (b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSent from my iPhone\n--b\n"
                      b"Content-Type: audio/x-m4a\n\nx\n--b--\n", ""),
    "below a subject": (b"Subject: Un banc rue de Siam\n\nEnvoy\xc3\xa9 de mon iPhone", ""),
    "alone": (b"\nEnvoy\xc3\xa9 de mon iPhone", "Envoyé de mon iPhone"),
    "a sentence": (b"Subject: x\n\nEnvoy\xc3\xa9 de chez moi, o\xc3\xb9 il pleut.", "Envoyé de chez moi, où il pleut."),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "body"), SENT_FROM.values(), ids=SENT_FROM)
def test_which_telephone_sent_it_is_nothing_said(raw: bytes, body: str) -> None:
    assert parse_mail(HEAD + raw).body == body


@given(st.sampled_from(sorted(ARRIVED)), st.randoms(use_true_random=False))
def test_damaged_mails_are_still_mails(name: str, chance: random.Random) -> None:
    raw = bytearray((FOLDER / f"{name}.eml").read_bytes())
    for _ in range(chance.randint(1, 12)):
        start = chance.randrange(len(raw))
        action = chance.randrange(4)
        if action == 0:
            raw[start : start + chance.randint(1, 40)] = b""
        elif action == 1:
            raw[start:start] = chance.choice([b"\n", b"--", b"=", b"\x00", b"\xff", b'"', b":", b"charset=x", b"\n\n"])
        elif action == 2:
            raw[start] = chance.randrange(256)
        else:
            raw += raw[start : start + 200]
    parsed = parse_mail(bytes(raw))
    assert parsed.body or parsed.attachments or parsed.problems or parsed.aside


def _corpus() -> list[Path]:
    corpus = os.environ.get("PORTEVOIX_CORPUS")
    if not corpus:
        pytest.skip("PORTEVOIX_CORPUS is not set: there are no real mails to try")
    other = {"SOURCE.txt", "expected.json", ".gitattributes"}
    found = [path for path in sorted((Path(corpus) / "emails").rglob("*")) if path.is_file()]
    return [path for path in found if path.name not in other and not path.name.startswith("_LICENCE")]


def test_every_real_mail_has_text_or_a_stated_reason() -> None:
    found = _corpus()
    assert len(found) > 500
    for path in found:
        parsed = parse_mail(path.read_bytes())
        assert parsed.body or parsed.attachments or parsed.problems or parsed.aside, path


def test_real_bounces_are_told_from_real_mails() -> None:
    automatic = [path for path in _corpus() if re.search(r"/maildir/(?:bsd|dos|mac)/", str(path))]
    assert len(automatic) > 300
    assert [path.name for path in automatic if parse_mail(path.read_bytes()).machine is None] == []
    normal = [path for path in _corpus() if "/maildir/not/" in str(path) or "crisp_reply_parser" in str(path)]
    assert len(normal) > 80
    assert [path.name for path in normal if parse_mail(path.read_bytes()).machine is not None] == []


def test_an_attached_mail_keeps_the_lines_of_its_head_as_they_were_sent() -> None:
    inner = (
        b"DKIM-Signature: v=1; a=rsa-sha256;\n\th=From:Subject;\n\tb=" + b"Ab0+" * 40 + b"\n"
        b"Subject: " + "été à Brest, ".encode() * 12 + b"\n folded\x0b here\n"
        b"X-Empty: \n\nDes bancs.\n"
    )
    (attached,) = parse_mail(multipart("mixed", b"Content-Type: message/rfc822\n\n" + inner)).attachments
    assert attached.payload == inner
