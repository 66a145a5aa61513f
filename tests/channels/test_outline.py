"""A mail over the limit: its beginning is read, its structure listed, in bounded memory."""

import tracemalloc
from pathlib import Path

from channels.email.message_file import open_mail
from channels.email.mime.mail_files import Attachment
from channels.email.mime.problems import MailProblem

HEAD = (
    b'From: anne@poste.example\nSubject: Photos\nContent-Type: multipart/mixed;\n boundary="b"\n\n'
    b"--b\nContent-Type: text/plain\n\nIl faut des bancs.\n"
)


def attached(name: str, size: int) -> bytes:
    lines = b"A" * 75 + b"\n"
    return b'--b\nContent-Type: image/jpeg; name="%s"\n\n' % name.encode() + lines * (size // 76)


def test_beginning_and_structure_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "mail"
    path.write_bytes(HEAD + attached("une.jpg", 7_600) + attached("deux.jpg", 76_000) + b"--b--\n")
    mail = open_mail(path, tmp_path, most_bytes=10_000)
    assert mail.body == "Il faut des bancs."
    assert mail.problems == (MailProblem.TOO_LARGE,)
    assert [one.name for one in mail.attachments] == ["une.jpg", "deux.jpg"]
    assert mail.outline == (
        "text/plain (19 B)",
        "image/jpeg une.jpg (7600 B)",
        "image/jpeg deux.jpg (76000 B)",
    )


def test_a_mail_within_the_limit_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "mail"
    path.write_bytes(HEAD + b"--b\nContent-Type: image/png\n\nx\n--b--\n")
    mail = open_mail(path, tmp_path, most_bytes=10_000)
    assert (mail.problems, mail.outline) == ((), ())
    assert mail.attachments == (Attachment("", "image/png", b"x"),)


def test_a_file_without_lines_is_cut_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "mail"
    path.write_bytes(b"x" * 20_000)
    assert MailProblem.TOO_LARGE in open_mail(path, tmp_path, most_bytes=10_000).problems


def test_memory_does_not_grow_with_the_mail(tmp_path: Path) -> None:
    path = tmp_path / "mail"
    with path.open("wb") as file:
        file.write(HEAD)
        for number in range(300):
            file.write(attached(f"{number}.jpg", 380_000))
    assert path.stat().st_size > 100_000_000
    tracemalloc.start()
    try:
        mail = open_mail(path, tmp_path, most_bytes=1_000_000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(mail.outline) == 200
    assert peak < 30_000_000
