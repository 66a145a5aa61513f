"""No file is passed over in silence: it is read by a step, its words are in the text, or a person is told."""

import io
import os
import random
import zipfile
from email.message import EmailMessage, Message
from pathlib import Path

import pytest
from PIL import Image

from channels.email.message_file import open_mail
from channels.email.mime.mail_files import Attachment
from channels.email.parse import Mail, MailProblem
from config.enums import Channel, MediumKind
from config.settings.loader import Settings
from gateway.intake.contribute import NewPart
from gateway.reading.attachments import (
    ARCHIVE_UNREAD,
    DOCUMENT_HOLDS,
    SMALL_PICTURE,
    UNREAD_FILE,
    SortedFiles,
    medium_kind,
    sort_files,
)
from gateway.reading.mail_parts import mail_parts
from gateway.reading.readers import Readers, read_file
from tests.transcription.documents import related_docx, tar, typed_docx
from transcription.base.file_types import Family, FileType, is_file
from transcription.base.values import Unread
from transcription.documents.document_text import DocumentLimits


def sorted_(tmp_path: Path, *attachments: Attachment) -> SortedFiles:
    return sort_files(attachments, tmp_path, DocumentLimits())


PLAIN, ANY = "text/plain", "application/octet-stream"
TYPED = {
    "a text": (Attachment("avis.txt", PLAIN, "Des bancs à l'ombre.\n".encode()), "Des bancs à l'ombre."),
    "a text by no name": (Attachment("", ANY, b"Des bancs.\n"), "Des bancs."),
    "Notepad's": (Attachment("a.txt", PLAIN, "\ufeffDes bancs\r\nà l'ombre".encode()), "Des bancs\nà l'ombre"),
    "in UTF-16": (Attachment("a.txt", PLAIN, "Des bancs à l'été".encode("utf-16")), "Des bancs à l'été"),
    "in Latin-1": (Attachment("a.txt", PLAIN, "Des bancs à l'été".encode("latin-1")), "Des bancs à l'été"),
    "a table": (Attachment("a.csv", "text/csv", b"rue;bancs\nSiam;3\n"), "rue;bancs\nSiam;3"),
    "Markdown": (Attachment("a.md", "text/markdown", b"# Bancs\n\n- Siam\n"), "# Bancs\n\n- Siam"),
    "a page": (Attachment("a.html", "text/html", b"<html><body><p>Des <b>bancs</b></p></body></html>"), "Des bancs"),
    "a page without its frame": (Attachment("a.html", "text/html", b"<p>Des <b>bancs</b></p>"), "Des bancs"),
    "rich text behind a mark": (Attachment("a.rtf", ANY, b"\xef\xbb\xbf{\\rtf1\\ansi Des bancs}"), "Des bancs"),
    "in UTF-32": (Attachment("a.txt", PLAIN, "Des bancs à l'été".encode("utf-32")), "Des bancs à l'été"),
    "a letter called something else": (Attachment("a.pdf", ANY, typed_docx("Des bancs")), "Des bancs"),
}


@pytest.mark.parametrize(("attachment", "words"), TYPED.values(), ids=TYPED)
def test_typed_files_are_text(tmp_path: Path, attachment: Attachment, words: str) -> None:
    found = sorted_(tmp_path, attachment)
    assert (found.typed, found.problems, found.unread) == ([words], {}, [])


def a_zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("lettre.txt", "Des bancs")
    return file.getvalue()


CARD = b"BEGIN:VCARD\nVERSION:3.0\nFN:Anne\nEND:VCARD\n"
TOLD = {
    "of no kind anybody knows": (Attachment("a.bin", ANY, random.Random(1).randbytes(2000)), UNREAD_FILE),
    "letters among what is none": (Attachment("a.wpd", ANY, b"\xffWPC" + bytes(60)), UNREAD_FILE),
    "a card": (Attachment("a.vcf", "text/vcard", CARD), UNREAD_FILE),
    "an appointment": (Attachment("a.ics", "text/calendar", b"BEGIN:VCALENDAR\nEND:VCALENDAR\n"), UNREAD_FILE),
    "a zip": (Attachment("a.zip", "application/zip", a_zip()), ARCHIVE_UNREAD),
    "a zip called a picture": (Attachment("a.bin", ANY, a_zip()), ARCHIVE_UNREAD),
    "a tape": (Attachment("a.tar", ANY, tar(["a"])), ARCHIVE_UNREAD),
    "Outlook's parcel": (Attachment("winmail.dat", ANY, bytes.fromhex("789f3e22") + bytes(60)),
                         MailProblem.PACKED.value),
    "nothing": (Attachment("a.jpg", "image/jpeg", b""), Unread.EMPTY.value),
    "a letter with a picture in it": (
        Attachment("a.docx", ANY, related_docx("word/document.xml", "<w:p/>", {"image": ("i.png", b"x")})),
        DOCUMENT_HOLDS,
    ),
    "a letter without a word": (Attachment("a.docx", ANY, typed_docx("")), UNREAD_FILE),
    "a logo": (
        Attachment("a.png", "image/png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1", inline=True),
        SMALL_PICTURE,
    ),
    "a broken mail": (Attachment("a.eml", "message/rfc822", b"From: a@b.example\n\n"), UNREAD_FILE),
}  # fmt: skip


@pytest.mark.parametrize(("attachment", "why"), TOLD.values(), ids=TOLD)
def test_what_is_not_read_is_told(tmp_path: Path, attachment: Attachment, why: str) -> None:
    found = sorted_(tmp_path, attachment)
    assert list(found.problems) == [why]
    assert [medium.kind for medium in found.media] == [MediumKind.ATTACHMENT]
    assert [line.partition(" (")[0] for line in found.unread] == [attachment.name]


def test_a_signature_is_listed_and_no_reason_to_look(tmp_path: Path) -> None:
    found = sorted_(tmp_path, Attachment("smime.p7s", "application/pkcs7-signature", b"\x30\x82\x01" + bytes(500)))
    assert (found.problems, len(found.unread)) == ({}, 1)


def test_the_eleventh_document_is_told(tmp_path: Path) -> None:
    found = sorted_(tmp_path, *(Attachment(f"{n}.docx", ANY, typed_docx(f"n{n}")) for n in range(12)))
    assert (len(found.typed), list(found.problems), len(found.unread)) == (10, [UNREAD_FILE], 2)


def test_a_document_that_no_reader_opens_does_not_keep_the_others_from_being_read(tmp_path: Path) -> None:
    files = (
        Attachment("a.docx", ANY, typed_docx("un")[:150]),
        Attachment("b.rtf", ANY, b"{\\rtf1 " + b"\\u99999999999 "),
        Attachment("c.txt", PLAIN, b"trois\n"),
    )
    found = sorted_(tmp_path, *files)
    assert found.typed[-1] == "trois"
    assert {line.partition(" ")[0] for line in found.unread} == {"a.docx", "b.rtf"}


CLAIMS = {
    "a damaged photo": (Family.OTHER, "image/jpeg", MediumKind.PAGE),
    "a damaged film": (Family.OTHER, "video/quicktime", MediumKind.RECORDING),
    "words called a recording": (Family.TEXT, "audio/mpeg", MediumKind.RECORDING),
    "words": (Family.TEXT, "text/plain", MediumKind.ATTACHMENT),
    "a photo called text": (Family.PICTURE, "text/plain", MediumKind.PHOTO),
    "a film called a picture": (Family.RECORDING, "image/png", MediumKind.RECORDING),
    "a letter called a picture": (Family.DOCUMENT, "image/png", MediumKind.ATTACHMENT),
}


@pytest.mark.parametrize(("family", "claimed", "kind"), CLAIMS.values(), ids=CLAIMS)
def test_content_comes_before_claims(family: Family, claimed: str, kind: MediumKind) -> None:
    assert medium_kind(FileType("x/y", family), claimed) is kind


# --- whole mails


def arrived(tmp_path: Path, message: Message) -> tuple[Mail, NewPart]:
    path = tmp_path / "mail"
    path.write_bytes(message.as_bytes())
    mail = open_mail(path, tmp_path, 0, is_file)
    (part,) = mail_parts(mail, tmp_path)
    return mail, part


def letter(text: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["Subject"] = "anne@poste.example", "Bancs"
    message.set_content(text)
    return message


def photo() -> bytes:
    file = io.BytesIO()
    Image.effect_noise((300, 200), 60).save(file, "JPEG")
    return file.getvalue()


def test_a_message_within_a_message_is_opened(tmp_path: Path) -> None:
    inner = letter("Le banc de la place est cassé.")
    inner.add_attachment(photo(), maintype="image", subtype="jpeg", filename="banc.jpg")
    message = letter("Je vous transmets ce que dit ma voisine.")
    message.add_attachment(inner)
    _, part = arrived(tmp_path, message)
    assert part.body == "Je vous transmets ce que dit ma voisine.\n\nLe banc de la place est cassé."
    assert [medium.kind for medium in part.media] == [MediumKind.ATTACHMENT, MediumKind.PHOTO]
    assert part.needs_person is None


def test_a_mail_kept_as_a_file_is_opened(tmp_path: Path) -> None:
    inner = letter("Le banc est cassé.")
    inner["To"] = "ville@avis.example"
    message = letter("Voir ci-joint.")
    message.add_attachment(inner.as_bytes(), maintype="application", subtype="octet-stream", filename="m.eml")
    _, part = arrived(tmp_path, message)
    assert part.body == "Voir ci-joint.\n\nBancs\n\nLe banc est cassé."


MISNAMED = {
    "a PDF": b"%PDF-1.3\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer<</Root 1 0 R>>\n",
    "a picture": photo(),
    "rich text": rb"{\rtf1\ansi Il faut des bancs.}",
    "a letter": typed_docx("Il faut des bancs."),
}


@pytest.mark.parametrize("content", MISNAMED.values(), ids=MISNAMED)
def test_a_file_called_text_is_a_file(tmp_path: Path, content: bytes) -> None:
    message = letter("Voir.")
    message.make_mixed()
    part = EmailMessage()
    part.set_content(content, maintype="text", subtype="plain", cte="base64")
    del part["MIME-Version"]
    message.attach(part)
    mail, read = arrived(tmp_path, message)
    assert mail.body == "Voir."
    assert len(read.media) == 1
    assert read.media[0].kind is not MediumKind.ATTACHMENT or read.body == "Voir.\n\nIl faut des bancs."


WORDS_THAT_LOOK_ODD = [
    "* un banc\n* un arbre",
    "% de bancs : trop peu",
    "{bancs}",
    "<- là",
    "1\x0b2 bancs",
    "\x1b[1mOui",
]


@pytest.mark.parametrize("words", WORDS_THAT_LOOK_ODD)
def test_words_that_look_odd_are_words(tmp_path: Path, words: str) -> None:
    path = tmp_path / "mail"
    path.write_bytes(b"From: anne@poste.example\n\n" + words.encode())
    mail = open_mail(path, tmp_path, 0, is_file)
    assert mail.attachments == ()
    assert mail.body.split()[-1] == words.replace("\x0b", "").replace("\x1b", "").split()[-1]


ELSEWHERE = {
    "a file that is fetched": 'message/external-body; access-type=URL; URL="https://x.example/a"',
    "a piece of a mail": 'message/partial; id="a@b"; number=1; total=2',
}


@pytest.mark.parametrize("kind", ELSEWHERE.values(), ids=ELSEWHERE)
def test_what_is_not_in_the_mail_is_told(tmp_path: Path, kind: str) -> None:
    head = b"From: anne@poste.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nVoir.\n--b\n"
    path = tmp_path / "mail"
    path.write_bytes(head + f"Content-Type: {kind}\n\nContent-Type: image/jpeg\n\n\n--b--\n".encode())
    mail = open_mail(path, tmp_path, 0, is_file)
    (part,) = mail_parts(mail, tmp_path)
    assert MailProblem.ELSEWHERE.value in str(part.needs_person)


# --- real mails


def _real_mails() -> list[Path]:
    corpus = os.environ.get("PORTEVOIX_CORPUS")
    if not corpus:
        pytest.skip("PORTEVOIX_CORPUS is not set: there are no real mails to try")
    folders = [Path(corpus) / "emails" / name for name in ("php_mime", "ruby_mail", "paperless")]
    found = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    return [path for path in found if path.suffix in ("", ".eml") and not path.name.startswith("_")]


def test_every_file_of_real_mails_is_read_or_told(tmp_path: Path) -> None:
    silent, files = [], 0
    for number, path in enumerate(_real_mails()):
        folder = tmp_path / str(number)
        folder.mkdir()
        mail = open_mail(path, folder, 0, is_file)
        for attachment in mail.attachments[:12]:  # a few have dozens of the same kind
            files += 1
            found = sorted_(folder, attachment)
            by_step = any(medium.kind is not MediumKind.ATTACHMENT for medium in found.media)
            if not (by_step or found.typed or found.unread or attachment.is_taken):
                silent.append(f"{path.name}: {attachment.name}")
    assert silent == []
    assert files > 100


# --- a file by itself, as ``portevoix read`` and a scan folder take it

ALONE = {
    "a letter": (typed_docx("Des bancs."), Channel.PAPER, "Des bancs.", None),
    "words": ("Des bancs à l'ombre.".encode(), Channel.PAPER, "Des bancs à l'ombre.", None),
    "rich text": (rb"{\rtf1\ansi D\'e9chets}", Channel.PAPER, "Déchets", None),
    "a mail by no name": (
        b"From: a@b.example\nTo: c@d.example\nSubject: x\nDate: y\n\nUn banc.\n",
        Channel.EMAIL,
        "Un banc.",
        None,
    ),
    "an archive": (a_zip(), Channel.PAPER, "", ARCHIVE_UNREAD),
    "nothing anybody knows": (random.Random(2).randbytes(999), Channel.PAPER, "", Unread.NOT_A_PAGE.value),
    "nothing": (b"", Channel.PAPER, "", Unread.EMPTY.value),
}  # fmt: skip


@pytest.mark.parametrize(("content", "channel", "text", "why"), ALONE.values(), ids=ALONE)
def test_a_file_by_itself(tmp_path: Path, content: bytes, channel: Channel, text: str, why: str | None) -> None:
    path = tmp_path / "fichier"
    path.write_bytes(content)
    with Readers(Settings(folder=tmp_path)) as readers:
        (part,) = read_file(readers, path)
    assert (part.channel, part.text) == (channel, text)
    told = part.problem or part.doubt
    assert told is None if why is None else why in str(told)
