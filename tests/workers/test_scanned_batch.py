"""A scanned batch as its centre sees it: each page ends somewhere, files are taken back, the rest is typed in."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from config.answer_states import Way
from config.enums import DeskKind, MediumKind, NotContribution, PageEnd, Reading, StepKind, TextOrigin
from config.settings.schema import Settings
from gateway.reading import copier_trial
from gateway.reading.form_pages import form_pages
from gateway.reading.readers import Readers
from inbox.answers.reach import find_reaches
from inbox.consultations import contributors
from inbox.contributions import text_versions
from inbox.listings.ledger import count_ledger
from inbox.migrations import migrate
from inbox.models import Contribution, DeskAnswer, DeskItem, Intake, Medium, Part, Person, Reference
from inbox.paper import keying_desk, scanned_pages
from inbox.paper.desk_results import CANNOT_BE_READ, NAMES_SOMEBODY, READ_DIFFERENTLY
from inbox.paper.keying_desk import DeskScope
from inbox.storage.database import Store
from tests.simulator.hands import PENS, Hand, mark
from tests.simulator.small_form import PER_MM, as_tiff, number_of, scanned, sheet
from tests.standins.scanned import picture
from tests.workers.test_batches import CENTRE, MODERATOR, OTHER, hand_in, populate, read_all, signed_in, town
from tests.workers.test_forms_read import FORM, print_copies, printed
from tests.workers.test_runners import do_all, replay_all
from workers.runtime.worker_context import WorkerContext

__all__ = ["printed", "town"]

EVERYBODY = DeskScope(everybody=True)


def post(client: FlaskClient, path: str, **fields: str):  # type: ignore[no-untyped-def]
    token = client.get("/upload").text.split('name="csrf_token" value="')[1].split('"')[0]
    return client.post(path, data={"csrf_token": token, **fields})


def endings(here: WorkerContext, batch_id: int = 1) -> list[PageEnd]:
    with here.store.read() as session:
        return [page.ending for file in scanned_pages.batch_overview(session, batch_id).files for page in file.pages]


def test_every_page_of_a_batch_ends_somewhere_and_is_shown(printed) -> None:
    here, (one, other, third) = printed
    front = scanned(sheet(FORM, 1, one, ("Sport",)))
    foreign = FORM.__class__(**{**{f: getattr(FORM, f) for f in FORM.__slots__}, "town": "quimper"})
    pages = [
        front,
        scanned(sheet(FORM, 2, one)),
        scanned(sheet(FORM, 1, one, ("Sport",)), 9),  # the same ink once more
        scanned(sheet(FORM, 1, other, ("Bruit",))),  # its back is missing
        picture("JPEG", "Il faudrait un marché couvert"),
        picture("JPEG", ""),
        scanned(sheet(foreign, 1, third)),
        scanned(sheet(FORM, 1, third, ("Sport",), test=True)),
    ]
    client = signed_in(here, CENTRE)
    address = hand_in(client, [("scan.tif", as_tiff(pages)), ("broken.pdf", b"%PDF-1.7 and then nothing")])
    waiting = client.get(f"{address}/pages").text
    assert "2 files are being read" in waiting
    assert '<meta http-equiv="refresh"' in waiting, "without a script it follows, too"
    do_all(here, StepKind.SPLIT_PAGES)
    assert endings(here) == [
        PageEnd.FORM,
        PageEnd.FORM,
        PageEnd.DUPLICATE,
        PageEnd.MISSING_SIDE,
        PageEnd.LETTER,
        PageEnd.BLANK,
        PageEnd.FOREIGN,
        PageEnd.TEST_SHEET,
        PageEnd.UNREADABLE,
    ]
    text = client.get(f"{address}/pages").text
    assert "2 forms, 1 letter, 2 pages to scan again: these" in " ".join(text.split())
    assert "http-equiv" not in text
    assert len(set(re.findall(r"/sheets/(\d+)", text))) == 8, "each page with its own small picture"


def test_what_a_person_decides_later_is_its_end(printed) -> None:
    here, (one, *_) = printed
    hand_in(signed_in(here, CENTRE), [("a.jpg", scanned(sheet(FORM, 1, one, ("Sport",))))])
    do_all(here, StepKind.SPLIT_PAGES)
    with here.store.write() as session:
        session.scalars(select(Part)).one().not_contribution = NotContribution.FOREIGN_PAGE
    assert endings(here) == [PageEnd.FOREIGN]


# --- codes typed in ----------------------------------------------------------------------------


def smudged(page: int, number: str, *ticked: str, seed: int = 1) -> bytes:
    """A side whose codes no machine can read any more."""
    paper = sheet(FORM, page, number, ticked)
    for code in FORM.pages[page - 1].codes:
        x, y, side = (int(one * PER_MM) for one in (code.place.x, code.place.y, code.place.width))
        paper[y - 6 : y + side + 6, x - 6 : x + side + 6] = np.random.default_rng(seed).random((side + 12, side + 12))
    return scanned(paper, seed)


def test_a_number_typed_in_reads_a_smudged_page_and_brings_its_sides_together(printed) -> None:
    here, (one, other, _) = printed
    client = signed_in(here, CENTRE)
    pages = [smudged(1, one, "Sport"), scanned(sheet(FORM, 2, one)), scanned(sheet(FORM, 1, other, ("Bruit",)))]
    address = hand_in(client, [("scan.tif", as_tiff(pages))])
    read_all(here)
    assert endings(here) == [PageEnd.UNREADABLE, PageEnd.MISSING_SIDE, PageEnd.MISSING_SIDE]
    where = re.search(r'action="(/batches/1/pages/\d+/code)"', client.get(f"{address}/pages").text)
    assert where is not None
    for wrong in ("482915307-1", f"{one}-3", "Sport", f"{one[:-1]}{(int(one[-1]) + 1) % 10}-1", ""):
        post(client, where[1], number=wrong)
        assert "This is no number of a form that was printed here" in client.get(f"{address}/pages").text
    post(client, where[1], number=f"{one[:3]} {one[3:6]} {one[6:]} - 1")
    read_all(here)
    assert endings(here) == [PageEnd.FORM, PageEnd.FORM, PageEnd.MISSING_SIDE]
    assert counted(here) == (2, True)
    with here.store.read() as session:
        contribution = session.get_one(Contribution, session.get_one(Reference, one).contribution_id)
        wording = text_versions.current_text(session, contribution)
        assert wording is not None
        assert wording.body == "☒ Sport"
    before = counted(here)
    replay_all(here, StepKind.SPLIT_PAGES)
    assert (counted(here), endings(here)[:2]) == (before, [PageEnd.FORM, PageEnd.FORM])


def test_a_page_scanned_again_is_left_out(printed) -> None:
    here, (one, *_) = printed
    client = signed_in(here, CENTRE)
    hand_in(client, [("scan.tif", as_tiff([smudged(1, one, "Sport"), picture("JPEG", "Bonjour")]))])
    read_all(here)
    with here.store.read() as session:
        page = session.scalars(select(scanned_pages.ScannedPage.id).order_by(scanned_pages.ScannedPage.number)).first()
    post(client, f"/batches/1/pages/{page}/leave-out")
    assert endings(here) == [PageEnd.DUPLICATE, PageEnd.LETTER]
    assert counted(here) == (1, True)


# --- sheets in several files -------------------------------------------------------------------


def test_two_sides_photographed_apart_are_one_voice(printed) -> None:
    here, (one, *_) = printed
    client = signed_in(here, CENTRE)
    sides = [("back.jpg", scanned(sheet(FORM, 2, one))), ("front.jpg", scanned(sheet(FORM, 1, one, ("Sport",))))]
    hand_in(client, sides)
    read_all(here)
    assert endings(here) == [PageEnd.FORM, PageEnd.FORM]
    assert counted(here) == (1, True)
    assert said(here, parts=2) == ("☒ Sport", TextOrigin.MACHINE, Reading.READ, "")
    hand_in(client, [("again.jpg", scanned(sheet(FORM, 1, one, ("Sport",)), 7))])
    read_all(here)
    assert counted(here) == (1, True), "scanned once more, another day: the same ink"
    assert endings(here, 3) == [PageEnd.DUPLICATE]


def test_other_ink_under_the_same_number_is_another_voice(printed) -> None:
    here, (one, *_) = printed
    client = signed_in(here, CENTRE)
    for theme, hand in (("Sport", 1), ("Bruit", 7)):
        hand_in(client, [(f"{theme}.jpg", scanned(sheet(FORM, 1, one, (theme,), hand=hand)))])
        read_all(here)
    assert counted(here) == (2, True)


# --- taking a file back -----------------------------------------------------------------------


def counted(here: WorkerContext) -> tuple[int, bool]:
    """How many contributions are listed, and whether the ledger balances."""
    with here.store.read() as session:
        listed = session.scalar(select(func.count()).select_from(Contribution).where(Contribution.listed))
        return listed or 0, count_ledger(session).balanced


@pytest.mark.parametrize("read", [True, False], ids=["read", "still waiting"])
def test_a_file_is_taken_back_and_put_back(printed, read: bool) -> None:
    here, (one, *_) = printed
    client = signed_in(here, CENTRE)
    both = as_tiff([scanned(sheet(FORM, 1, one, ("Sport",))), scanned(sheet(FORM, 2, one))])
    address = hand_in(client, [("scan.tif", both)])
    if read:
        read_all(here)
    assert post(client, "/batches/1/withdraw").status_code == 302
    read_all(here)
    assert counted(here) == (0, True)
    assert "withdrawn" in client.get(f"{address}/pages").text
    with here.store.read() as session:
        assert session.get_one(Reference, one).contribution_id is None, "its slip is free for the sheet scanned again"
    post(client, "/batches/1/put-back")
    read_all(here)
    assert counted(here) == (1, True)
    with here.store.read() as session:
        assert session.get_one(Reference, one).contribution_id is not None
    assert one in re.sub(r"\D", "", client.get(address).text)


def test_a_sheet_taken_back_and_scanned_again_leads_where_its_slip_says(printed) -> None:
    here, (one, *_) = printed
    client = signed_in(here, CENTRE)
    for seed in (1, 5):
        pages = as_tiff([scanned(sheet(FORM, 1, one, ("Sport",)), seed), scanned(sheet(FORM, 2, one), seed)])
        hand_in(client, [("scan.tif", pages)])
        read_all(here)
        if seed == 1:
            post(client, "/batches/1/withdraw")
    assert counted(here) == (1, True)
    with here.store.read() as session:
        newest = session.scalar(select(func.max(Contribution.id)))
        assert session.get_one(Reference, one).contribution_id == newest
    post(client, "/batches/1/put-back")
    assert counted(here) == (2, True)


def test_nobody_takes_back_what_a_moderator_has_worked_on_or_another_centre_sent(printed) -> None:
    here, (one, *_) = printed
    hand_in(signed_in(here, CENTRE), [("a.jpg", scanned(sheet(FORM, 1, one, ("Sport",))))])
    read_all(here)
    assert post(signed_in(here, OTHER), "/batches/1/withdraw").status_code == 404
    with here.store.write() as session:
        text_versions.correct_text(session, 1, "Du sport pour tous", MODERATOR, None)
    client = signed_in(here, CENTRE)
    post(client, "/batches/1/withdraw")
    assert "A moderator has worked on forms of this file already" in client.get("/batches/1/pages").text
    assert counted(here) == (1, True)


# --- the keying desk --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def read_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a form of a centre's was read: a theme ticked, writing in its zone, figures in its boxes."""
    folder = tmp_path_factory.mktemp("written")
    store = Store.open(Settings(folder=folder))
    migrate(store.engine)
    with Readers(Settings(folder=folder)) as readers:
        here = populate(WorkerContext(Settings(folder=folder), store, readers))
        (one,) = print_copies(here, 1)
        pages = [scanned(sheet(FORM, 1, one, ("Arbres",))), scanned(sheet(FORM, 2, one, lines=3, digits="0612345678"))]
        hand_in(signed_in(here, CENTRE), [("scan.tif", as_tiff(pages))])
        read_all(here)
    store.close()
    return folder


@pytest.fixture
def written(read_once: Path, tmp_path: Path) -> Iterator[WorkerContext]:
    """That town, to be changed."""
    shutil.copytree(read_once, tmp_path, dirs_exist_ok=True)
    settings = Settings(folder=tmp_path)
    store = Store.open(settings)
    with Readers(settings) as readers:
        yield WorkerContext(settings, store, readers)
    store.close()


def asked(here: WorkerContext, kind: DeskKind) -> int:
    """The one thing of a kind that is asked about."""
    with here.store.read() as session:
        return session.scalars(select(DeskItem.id).where(DeskItem.kind == kind)).one()


def said(here: WorkerContext, parts: int = 1) -> tuple[str, TextOrigin, Reading, str]:
    """The text of the first contribution, which is made of so many parts."""
    with here.store.read() as session:
        contribution = session.get_one(Contribution, 1)
        wording = text_versions.current_text(session, contribution)
        assert wording is not None
        reasons = session.scalars(select(Part.reading_reason)).all()
        assert len(reasons) == parts
        reason = " ".join(filter(None, reasons))
        return wording.body, wording.origin, contribution.reading, reason


def test_what_is_typed_in_becomes_the_text_and_numbers_do_not(written: WorkerContext) -> None:
    client = signed_in(written, CENTRE)
    assert "Begin" in client.get("/keying").text
    zone, row = asked(written, DeskKind.ZONE), asked(written, DeskKind.CHARACTERS)
    page = client.get("/keying/work?kind=zone&field=words").text
    assert f"/keying/{zone}/picture" in page
    assert client.get(f"/keying/{zone}/picture").mimetype == "image/png"
    assert "Arbres" not in page, "only the zone is shown"
    post(client, f"/keying/{zone}/say", said="keyed", body="Des tilleuls\nsur la place")
    body, _origin, reading, _reason = said(written)
    assert body == "☒ Arbres\n\nDes tilleuls\nsur la place"
    assert reading is Reading.NEEDS_PERSON, "the telephone number is not typed in yet"
    post(client, f"/keying/{row}/say", said="keyed", body="0612345678")
    assert said(written) == (body, TextOrigin.MACHINE, Reading.READ, "")
    assert "Nothing is to be typed in" in client.get("/keying").text


NUMBERS = {
    "as the machine read it": (["06 12 34 56 78"], "+33612345678"),
    "otherwise than the machine": (["06 12 34 56 79"], None),
    "otherwise, by two people": (["06 12 34 56 79", "0612345679"], "+33612345679"),
    "otherwise by each": (["0612345677", "0612345679"], None),
    "no number": (["12"], None),
}


@pytest.mark.parametrize(("typed", "number"), NUMBERS.values(), ids=NUMBERS)
def test_a_number_that_was_confirmed_is_the_way_of_the_answer(
    written: WorkerContext, typed: list[str], number: str | None
) -> None:
    row = asked(written, DeskKind.CHARACTERS)
    for person, body in zip((CENTRE, MODERATOR), typed, strict=False):
        post(signed_in(written, person), f"/keying/{row}/say", said="keyed", body=body)
    with written.store.read() as session:
        contribution = session.get_one(Contribution, 1)
        whose = contribution.contributor_id
        known = contributors.address_of(session, whose) if whose is not None else None
        (reach,) = find_reaches(session, written.settings, [contribution], general=False)
    assert (known[1] if known else None) == number
    assert reach.way is (Way.TEXT if number else Way.NOTICE)


# what the only person types, one sheet of the desk after the other -> the number that counts
ALONE = {
    "the same again": (["0612345679", "06 12 34 56 79"], "+33612345679"),
    "once only": (["0612345679"], None),
    "differently, then a third time as the second": (["0612345670", "0612345679", "0612345679"], "+33612345679"),
    "each time differently": (["0612345670", "0612345671", "0612345672", "0612345673"], None),
}


def only(here: WorkerContext, person: int) -> None:
    """Everybody else's account is closed."""
    with here.store.write() as session:
        for other in session.scalars(select(Person).where(Person.id != person)):
            other.active = False


@pytest.mark.parametrize(("typed", "number"), ALONE.values(), ids=ALONE)
def test_who_is_alone_is_asked_once_more_for_a_number(
    written: WorkerContext, typed: list[str], number: str | None
) -> None:
    only(written, MODERATOR)
    row = asked(written, DeskKind.CHARACTERS)
    client = signed_in(written, MODERATOR)
    for body in typed:
        page = client.get("/keying/work?kind=characters&field=telephone").text
        assert f"/keying/{row}/picture" in page
        assert not set(typed) & set(re.findall(r"[0-9]{10}", page)), "what was typed before is not shown"
        # Sent twice, as a browser does that did not hear an answer: it does not agree with itself.
        for _ in range(2):
            post(client, f"/keying/{row}/say", said="keyed", body=body)
        assert f"/keying/{row}/picture" not in client.get("/keying/work?kind=characters&field=telephone&more=1").text
    with written.store.read() as session:
        whose = session.get_one(Contribution, 1).contributor_id
        known = contributors.address_of(session, whose) if whose is not None else None
    assert (known[1] if known else None) == number
    assert (row_open(written, row)) == (number is None and len(typed) < 4)


def row_open(here: WorkerContext, row: int) -> bool:
    with here.store.read() as session:
        return session.get_one(DeskItem, row).is_open


def test_while_another_can_be_asked_nobody_is_asked_again(written: WorkerContext) -> None:
    row = asked(written, DeskKind.CHARACTERS)
    client = signed_in(written, MODERATOR)
    post(client, f"/keying/{row}/say", said="keyed", body="0612345679")
    assert f"/keying/{row}/picture" not in client.get("/keying/work?kind=characters&field=telephone").text
    assert f"/keying/{row}/picture" in signed_in(written, CENTRE).get("/keying/work?kind=characters").text


def test_of_a_sampled_zone_who_is_alone_is_asked_once(written: WorkerContext) -> None:
    only(written, MODERATOR)
    zone = asked(written, DeskKind.ZONE)
    with written.store.write() as session:
        session.get_one(DeskItem, zone).wanted = 2
    post(signed_in(written, MODERATOR), f"/keying/{zone}/say", said="keyed", body="Des tilleuls")
    assert "Des tilleuls" in said(written)[0]


DESK = {
    "nobody can read it": ({"said": "cannot_read"}, CANNOT_BE_READ),
    "it names somebody": ({"said": "keyed", "body": "Mme Le Bihan", "has_name": "1"}, NAMES_SOMEBODY),
}


@pytest.mark.parametrize(("fields", "reason"), DESK.values(), ids=DESK)
def test_what_a_moderator_has_to_know_is_said(written: WorkerContext, fields: dict[str, str], reason: str) -> None:
    client = signed_in(written, CENTRE)
    post(client, f"/keying/{asked(written, DeskKind.ZONE)}/say", **fields)
    post(client, f"/keying/{asked(written, DeskKind.CHARACTERS)}/say", said="cannot_read")
    assert said(written)[2] is Reading.NEEDS_PERSON
    assert reason in said(written)[3]


def test_every_letter_is_kept_and_shown_again(written: WorkerContext) -> None:
    client = signed_in(written, CENTRE)
    zone = asked(written, DeskKind.ZONE)
    for number, body in enumerate(("Des", "Des til", "Des tilleuls"), 1):
        assert post(client, f"/keying/{zone}/draft", body=body, number=str(number)).json == {"kept": True}
    assert post(client, f"/keying/{zone}/draft", body="Des", number="1").json == {"kept": False}, "it came late"
    assert ">Des tilleuls</textarea>" in client.get("/keying/work?kind=zone").text
    with written.store.read() as session:
        answer = session.scalars(select(DeskAnswer)).one()
        assert b"tilleuls" not in (answer.sealed_body or b"")
    assert ">Des tilleuls</textarea>" not in signed_in(written, MODERATOR).get("/keying/work?kind=zone").text


def test_two_people_never_see_what_the_other_typed_and_differing_is_told(written: WorkerContext) -> None:
    zone = asked(written, DeskKind.ZONE)
    with written.store.write() as session:
        session.get_one(DeskItem, zone).wanted = 2
    for person, body in ((CENTRE, "Des tilleuls"), (MODERATOR, "Des tilleuts")):
        assert "Des till" not in signed_in(written, person).get("/keying/work?kind=zone").text
        post(signed_in(written, person), f"/keying/{zone}/say", said="keyed", body=body)
    assert READ_DIFFERENTLY in said(written)[3]
    with written.store.read() as session:
        agreed = keying_desk.typing_agreement(session, EVERYBODY)
    assert (agreed.zones, agreed.same, round(agreed.characters, 3)) == (1, 0, round(11 / 12, 3))


def test_a_volunteer_works_on_the_centres_own_only(written: WorkerContext) -> None:
    stranger = signed_in(written, OTHER)
    zone = asked(written, DeskKind.ZONE)
    assert "Begin" not in stranger.get("/keying").text
    assert stranger.get(f"/keying/{zone}/picture").status_code == 404
    assert post(stranger, f"/keying/{zone}/say", said="keyed", body="x").status_code == 404


def test_what_a_moderator_has_worded_nobody_is_asked_about(written: WorkerContext) -> None:
    with written.store.write() as session:
        text_versions.correct_text(session, 1, "Des arbres", MODERATOR, None)
    page = signed_in(written, CENTRE).get("/keying").text
    assert "kind=zone" not in page
    assert "kind=characters" in page, "an answer still needs the number"


def test_what_is_erased_is_forgotten_at_the_desk(written: WorkerContext) -> None:
    client = signed_in(written, CENTRE)
    post(client, f"/keying/{asked(written, DeskKind.ZONE)}/draft", body="Des tilleuls", number="1")
    with written.store.write() as session:
        page = session.scalars(select(scanned_pages.ScannedPage)).first()
        assert page is not None
        page.ending = PageEnd.LETTER
    post(client, f"/batches/1/pages/{page.id}/destroy")
    with written.store.read() as session:
        assert session.scalars(select(DeskAnswer)).one().sealed_body is None
        assert session.get_one(Intake, 1).erased_at is not None
    assert "Begin" not in client.get("/keying").text
    assert client.get(f"/keying/{asked(written, DeskKind.ZONE)}/picture").status_code == 404


# --- boxes ------------------------------------------------------------------------------------


def test_doubtful_boxes_are_answered_one_key_each(printed) -> None:
    here, (one, *_) = printed
    hand_in(signed_in(here, CENTRE), [("scan.tif", as_tiff([_doubtful(one), scanned(sheet(FORM, 2, one))]))])
    read_all(here)
    client = signed_in(here, CENTRE)
    with here.store.read() as session:
        items = session.scalars(select(DeskItem).order_by(DeskItem.id)).all()
        assert {item.kind for item in items} == {DeskKind.BOX}
        assert all(session.get_one(Medium, item.picture_id).kind is MediumKind.BOX for item in items)
        fields = {item.id: item.field for item in items}
    assert "“Arbres”" in client.get("/keying/work?kind=box").text
    answers = {"themes=Arbres": "ticked"}
    for item_id, field in fields.items():
        post(client, f"/keying/{item_id}/say", said=answers.get(field, "empty"))
    body, _origin, reading, reason = said(here)
    assert "☒ Arbres" in body
    assert (reading, reason) == (Reading.READ, "")


def _doubtful(number: str) -> bytes:
    """A front with a cross, and a box that is filled: ticked, or withdrawn."""
    paper = sheet(FORM, 1, number, ("Sport",))
    (box,) = (box for box in form_pages(number_of(FORM), FORM)[0].boxes if box.key == "themes=Arbres")
    by = Hand("fill", PENS["felt"][1], 0.9, 1.0, 0.8 * np.eye(2))
    mark(paper, PER_MM, box.place, by, np.random.default_rng(2))
    return scanned(paper)


def test_the_batch_says_what_a_test_sheet_shows(printed) -> None:
    here, (number, *_) = printed
    client = signed_in(here, CENTRE)
    hand_in(client, [("scan.tif", as_tiff([scanned(sheet(FORM, 1, number, (), test=True))]))])
    read_all(here)
    page = client.get("/batches/1/pages").text
    assert "Test sheet: the copier is not set well yet." in page
    assert copier_trial.ONE_SIDED in page
    assert endings(here) == [PageEnd.TEST_SHEET]
