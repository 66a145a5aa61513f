"""Originals: whole and in ranges, shown only when harmless, to those who may hear and see them."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from config.enums import MediumKind
from inbox.models import Arrival, Intake, Medium, Part
from inbox.models.sealed_places import place_of
from tests.inbox.pages.conftest import Inbox


def _whole(inbox: Inbox) -> bytes:
    return inbox.client("mod").get(f"/media/{inbox.seeded.media['call']}").data


def test_a_recording_is_given_whole(inbox: Inbox) -> None:
    answer = inbox.client("mod").get(f"/media/{inbox.seeded.media['call']}")
    assert (answer.status_code, answer.mimetype, answer.data[:4]) == (200, "audio/wav", b"RIFF")
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert int(answer.headers["Content-Length"]) == len(answer.data)


# RFC 9110, section 14: what a player asks for, what it gets.
RANGES = {
    "bytes=0-": (206, slice(0, None)),
    "bytes=0-0": (206, slice(0, 1)),
    "bytes=100-199": (206, slice(100, 200)),
    "bytes=65530-65550": (206, slice(65530, 65551)),
    "bytes=-44": (206, slice(-44, None)),
    "bytes=200000-999999999": (206, slice(200000, None)),
    "bytes=999999999-": (416, None),
    "bytes=5-2": (200, slice(None)),
    "bytes=0-1,5-6": (200, slice(None)),
    "seconds=1-2": (200, slice(None)),
    "nonsense": (200, slice(None)),
}


@pytest.mark.parametrize("asked", RANGES)
def test_ranges(inbox: Inbox, asked: str) -> None:
    whole = _whole(inbox)
    answer = inbox.client("mod").get(f"/media/{inbox.seeded.media['call']}", headers={"Range": asked})
    status, part = RANGES[asked]
    assert answer.status_code == status
    if part is None:
        assert answer.headers["Content-Range"] == f"bytes */{len(whole)}"
        return
    assert answer.data == whole[part]
    if status == 206:
        start = range(len(whole))[part].start
        assert answer.headers["Content-Range"] == f"bytes {start}-{start + len(answer.data) - 1}/{len(whole)}"


TYPES = {
    "image/png": "inline",
    "image/jpeg": "inline",
    "audio/mpeg": "inline",
    "audio/ogg; codecs=opus": "inline",
    "image/svg+xml": "attachment",  # can hold code
    "text/html": "attachment",
    "application/pdf": "attachment",
    "application/xhtml+xml": "attachment",
    "image/tiff": "attachment",
    "video/mp4": "attachment",
    "": "attachment",
}


@pytest.mark.parametrize("content_type", TYPES)
def test_only_harmless_types_are_shown_in_the_browser(inbox: Inbox, content_type: str) -> None:
    medium_id = inbox.seeded.media["call"]
    with inbox.store.write() as session:
        session.execute(update(Medium).where(Medium.id == medium_id).values(content_type=content_type))
    answer = inbox.client("mod").get(f"/media/{medium_id}")
    kind = answer.headers["Content-Disposition"].split(";")[0]
    assert kind == TYPES[content_type]
    assert answer.mimetype == (content_type.split(";")[0] if kind == "inline" else "application/octet-stream")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_files_name_cannot_break_out_of_its_header(inbox: Inbox) -> None:
    with inbox.store.write() as session:
        medium = session.scalars(select(Medium).where(Medium.kind == MediumKind.ATTACHMENT)).one()
        part = session.get_one(Part, medium.part_id)
        name = 'pla"n\r\nSet-Cookie: a=b; é/..\\x.pdf'
        medium.sealed_name = inbox.store.vault.seal_text(
            session, part.key_id, name, place_of(Medium.sealed_name, medium)
        )
        medium_id = medium.id
    headers = inbox.client("mod").get(f"/media/{medium_id}").headers
    assert "a=b" not in headers.get("Set-Cookie", "")
    assert headers["Content-Disposition"] == (
        'attachment; filename="planSet-Cookie: a=b; ..x.pdf"; '
        "filename*=UTF-8''planSet-Cookie%3A%20a%3Db%3B%20%C3%A9..x.pdf"
    )


@pytest.mark.parametrize("gone", ["not fetched", "part erased", "key destroyed", "file missing", "never there"])
def test_what_is_not_there_is_not_found(inbox: Inbox, gone: str) -> None:
    medium_id = inbox.seeded.media["call"]
    with inbox.store.write() as session:
        medium = session.get_one(Medium, medium_id)
        part = session.get_one(Part, medium.part_id)
        if gone == "not fetched":
            medium.locator = None
        elif gone == "part erased":
            part.erased_at = part.created_at
        elif gone == "key destroyed":
            inbox.store.vault.destroy_key(session, part.key_id)
        elif gone == "file missing":
            assert medium.locator is not None
            inbox.store.media.delete(medium.locator)
        else:
            medium_id = 999_999
    assert inbox.client("mod").get(f"/media/{medium_id}").status_code == 404


def test_a_mails_source_is_shown_as_text(inbox: Inbox) -> None:
    client = inbox.client("mod")
    with inbox.store.read() as session:
        intake = inbox.seeded.intakes["mail"]
        arrival_id = session.scalars(select(Arrival.id).where(Arrival.intake_id == intake)).one()
    path = f"/contributions/{inbox.seeded.contributions['mail']}/source/{arrival_id}"
    assert f'href="{path}"' in client.get(f"/contributions/{inbox.seeded.contributions['mail']}").text
    text = client.get(path).text
    assert "From: anne@example.org" in text
    assert "Subject: piste &lt;b&gt;cyclable&lt;/b&gt;" in text
    # Only through the contribution it belongs to.
    other = f"/contributions/{inbox.seeded.contributions['text']}/source/{arrival_id}"
    assert client.get(other).status_code == 404


def test_a_scanned_file_is_given_as_it_came(inbox: Inbox) -> None:
    with inbox.store.read() as session:
        arrival = session.scalars(select(Arrival).where(Arrival.intake_id == inbox.seeded.intakes["scan"])).one()
        arrival_id = arrival.id
        webhook = session.scalars(select(Arrival.id).where(Arrival.intake_id == inbox.seeded.intakes["text"])).one()
    client = inbox.client("mod")
    answer = client.get(f"/arrivals/{arrival_id}")
    assert (answer.data, answer.mimetype) == (b"scan", "application/octet-stream")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert client.get(f"/arrivals/{webhook}").status_code == 404
    with inbox.store.write() as session:
        key_id = session.scalars(select(Intake.key_id).where(Intake.id == inbox.seeded.intakes["scan"])).one()
        inbox.store.vault.destroy_key(session, key_id)
    assert client.get(f"/arrivals/{arrival_id}").status_code == 404
