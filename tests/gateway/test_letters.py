"""A mail's parts: what its files say, list or are; and what a person has to be told."""

from pathlib import Path

import pytest

from channels.base.values import Address
from channels.email.mime.mail_files import Attachment
from channels.email.parse import Mail, MailProblem
from config.enums import AddressKind, Channel, MediumKind
from gateway.intake.contribute import NewPart, SetApart
from gateway.reading.attachments import ARCHIVE_UNREAD, DOCUMENT_CUT, MANY_FILES, SMALL_PICTURE, UNREAD_FILE
from gateway.reading.mail_parts import EMPTY, mail_parts, scan_files
from tests.transcription.documents import typed_docx, zipped
from transcription.documents.document_text import UnreadDocument

ANNE = Address(AddressKind.EMAIL, "anne@poste.example")
OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + b"\x3e\x00\x03\x00\xfe\xff\x09\x00" + bytes(1500)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def part(tmp_path: Path, **told: object) -> NewPart:
    (only,) = mail_parts(Mail(sender=ANNE, answer_to=ANNE, **told), tmp_path)  # type: ignore[arg-type]
    return only


def kinds(one: NewPart) -> list[MediumKind]:
    return [medium.kind for medium in one.media]


def test_a_document_is_typed_text_beside_the_medium(tmp_path: Path) -> None:
    letter = Attachment("lettre.docx", WORD, typed_docx("Il faut des bancs."))
    one = part(tmp_path, subject="Bancs", body="Voir ma lettre.", attachments=(letter,))
    assert one.body == "Voir ma lettre.\n\nIl faut des bancs."
    assert (one.channel, kinds(one), one.needs_person) == (Channel.EMAIL, [MediumKind.ATTACHMENT], None)
    assert one.media[0].name == "lettre.docx"


def test_a_document_alone_says_more_than_the_subject(tmp_path: Path) -> None:
    one = part(tmp_path, subject="Lettre", attachments=(Attachment("l.docx", WORD, typed_docx("Des bancs.")),))
    assert (one.body, one.aside) == ("Des bancs.", (SetApart("subject", "Lettre"),))


def test_a_document_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    broken = Attachment("l.docx", WORD, zipped({"word/document.xml": "x"}))
    old = Attachment("l.doc", "application/msword", OLD_WORD)
    one = part(tmp_path, body="Voir.", attachments=(broken, old))
    assert one.needs_person == f"{UnreadDocument.BROKEN} {UnreadDocument.OLD}"
    assert kinds(one) == [MediumKind.ATTACHMENT] * 2


def test_a_long_document_is_told(tmp_path: Path) -> None:
    one = part(tmp_path, attachments=(Attachment("l.docx", WORD, typed_docx(*["bancs " * 100] * 500)),))
    assert one.needs_person == DOCUMENT_CUT


def test_an_archive_is_listed_and_not_opened(tmp_path: Path) -> None:
    archive = Attachment("photos.zip", "application/zip", zipped({"une.jpg": b"\xff\xd8\xff", "lettre.docx": b"PK"}))
    one = part(tmp_path, body="Voici.", attachments=(archive,))
    assert one.aside == (
        SetApart("archive", "photos.zip\nune.jpg (3 B)\nlettre.docx (2 B)"),
        SetApart("unread", f"photos.zip (application/zip, {archive.size} B)"),
    )
    assert (kinds(one), one.body, one.needs_person) == ([MediumKind.ATTACHMENT], "Voici.", ARCHIVE_UNREAD)


BEGINNINGS = {
    "an iPhone's memo": (b"\x00\x00\x00\x1cftypM4A \x00\x00\x00\x00M4A mp42isom", "audio/x-m4a", "audio/mp4"),
    "an Android's memo": (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(300), "audio/m4a", "audio/mp4"),
    "WhatsApp's": (
        b"OggS\x00\x02" + bytes(20) + b"\x01\x13OpusHead" + bytes(300),
        "audio/ogg; codecs=opus",
        "audio/ogg",
    ),
    "an old telephone's": (b"#!AMR\n" + bytes(300), "application/octet-stream", "audio/amr"),
    "a dictaphone's": (
        b"ID3\x03" + bytes(5) + b"\x0a" + bytes(10) + b"\xff\xfb\x90\x64" + bytes(413),
        "audio/mpeg3",
        "audio/mpeg",
    ),
    "of a kind nobody knows": (b"\x01\x02\x03" + bytes(300), "audio/x-strange", "audio/x-strange"),
}


@pytest.mark.parametrize(("start", "claimed", "shown"), BEGINNINGS.values(), ids=BEGINNINGS)
def test_a_recording_is_called_what_browsers_call_it(tmp_path: Path, start: bytes, claimed: str, shown: str) -> None:
    one = part(tmp_path, attachments=(Attachment("memo", claimed, start),))
    assert [(medium.kind, medium.content_type) for medium in one.media] == [(MediumKind.RECORDING, shown)]


def test_a_picture_is_called_what_it_is(tmp_path: Path) -> None:
    one = part(
        tmp_path, attachments=(Attachment("scan", "application/octet-stream", b"\xff\xd8\xff\xe0" + bytes(300)),)
    )
    assert [(medium.kind, medium.content_type) for medium in one.media] == [(MediumKind.PHOTO, "image/jpeg")]


def test_anything_else_is_kept_and_told(tmp_path: Path) -> None:
    one = part(tmp_path, body="Voici.", attachments=(Attachment("plan.dwg", "application/acad", b"\x01\x02\x03\x04"),))
    assert kinds(one) == [MediumKind.ATTACHMENT]
    assert (one.aside, one.needs_person) == ((SetApart("unread", "plan.dwg (application/acad, 4 B)"),), UNREAD_FILE)


def test_a_logo_is_not_read(tmp_path: Path) -> None:
    jpeg = b"\xff\xd8\xff\xe0\x00\x10JFIF"
    logo, photo = Attachment("logo.jpg", "image/jpeg", jpeg, inline=True), Attachment("p.jpg", "image/jpeg", jpeg)
    large = Attachment("p2.jpg", "image/jpeg", jpeg + b"\x00" * 20_000, inline=True)
    one = part(tmp_path, body="Voici.", attachments=(logo, photo, large))
    assert kinds(one) == [MediumKind.ATTACHMENT, MediumKind.PHOTO, MediumKind.PHOTO]
    assert (one.aside, one.needs_person) == ((SetApart("unread", "logo.jpg (image/jpeg, 10 B)"),), SMALL_PICTURE)


def test_of_thousands_of_files_the_first_are_kept_and_the_rest_listed(tmp_path: Path) -> None:
    many = tuple(Attachment(f"{n}.txt", "application/x", b"bancs") for n in range(3000))
    one = part(tmp_path, body="Voici.", attachments=many)
    assert (len(one.media), one.needs_person) == (100, MANY_FILES)
    (aside,) = one.aside
    assert aside[0] == "structure"
    assert aside[1].count("\n") == 2899


def test_what_is_known_of_the_sender_is_shown(tmp_path: Path) -> None:
    one = part(
        tmp_path,
        body="Des bancs.",
        sender_name="Mаirie",
        disguises=("Mаirie (CYRILLIC, LATIN)",),
        authentication=("Received-SPF: fail",),
        outline=("text/plain (10 B)",),
        problems=(MailProblem.TOO_LARGE,),
    )
    assert one.aside == (
        SetApart("disguise", "Mаirie\nMаirie (CYRILLIC, LATIN)"),
        SetApart("authentication", "Received-SPF: fail"),
        SetApart("structure", "text/plain (10 B)"),
    )
    assert one.needs_person == MailProblem.TOO_LARGE.value


def test_an_empty_mail_needs_a_person(tmp_path: Path) -> None:
    assert part(tmp_path).needs_person == EMPTY


def test_a_copiers_scans_are_files(tmp_path: Path) -> None:
    copier = Address(AddressKind.EMAIL, "noreply@copieur.example")
    pdf = Attachment("../scan0001.pdf", "application/pdf", b"%PDF-1.4")
    paths = scan_files(Mail(sender=copier, subject="Scan", attachments=(pdf,)), tmp_path)
    assert [(path.parent, path.read_bytes()) for path in paths] == [(tmp_path, b"%PDF-1.4")]
