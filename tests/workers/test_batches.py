"""Twelve files handed over together, a copier's mail: one batch, one list, slips that lead to their sheets of paper."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select

from config.enums import MediumKind, StepKind
from config.wording.consultation import read_consultation
from gateway.web.app import create_app
from inbox.consultations import consultation_versions
from inbox.contributions import linking, text_versions
from inbox.erasure.erase import erase_contribution
from inbox.listings.batches import FIRST_WORDS, _first_words, _printed_on_all, batch_content
from inbox.listings.visibility import EVERYTHING
from inbox.models import Centre, ContributionPart, Intake, Medium, Part, Person
from inbox.models.staff_rows import PersonRole, Role
from inbox.paper.page_names import SheetPlace, page_name, sheet_place
from tests.fixtures_mail import take_in_mail
from tests.gateway import judged_samples as samples
from tests.signed_in import sign_in_as
from tests.standins.scanned import office_document, pdf, picture, tiff
from tests.workers.test_runners import do_all
from workers.runtime.worker_context import WorkerContext

MODERATOR, CENTRE, OTHER = 1, 2, 3


@pytest.fixture
def town(workshop: WorkerContext) -> WorkerContext:
    """A workshop with a consultation, a moderator, somebody of a centre, and somebody of another one."""
    return populate(workshop)


def populate(workshop: WorkerContext) -> WorkerContext:
    with workshop.store.write() as session:
        consultation_versions.import_consultation(session, read_consultation(workshop.settings.consultation_files[0]))
        centres = session.scalars(select(Centre).order_by(Centre.slug)).all()
        for login, role, centre in (("mod", Role.MODERATOR, None), ("a", Role.CENTRE, 0), ("b", Role.CENTRE, 1)):
            session.add(
                Person(
                    login=login,
                    name=login,
                    password_hash="x",
                    roles=[PersonRole(role=role)],
                    centre_id=centres[centre].id if centre is not None else None,
                )
            )
            session.flush()
    return workshop


def signed_in(here: WorkerContext, person: int) -> FlaskClient:
    client = create_app(here.settings, here.store).test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    sign_in_as(client, person)
    return client


Files = list[tuple[str, bytes]]


def hand_in(client: FlaskClient, files: Files, pages_per_form: int = 1) -> str:
    """Choose files on the upload page and send them; where the list of the batch is to which it leads."""
    token = client.get("/upload").text.split('name="csrf_token" value="')[1].split('"')[0]
    form = {
        "csrf_token": token,
        "files": [(io.BytesIO(content), name) for name, content in files],
        "consultation": "rues-et-places",
        "pages_per_form": str(pages_per_form),
    }
    answer = client.post("/upload", data=form)
    assert answer.status_code == 302, answer.text
    assert answer.location.endswith("/pages")
    return str(answer.location).removesuffix("/pages")


def read_all(here: WorkerContext) -> None:
    do_all(here, StepKind.TAKE_APART)
    do_all(here, StepKind.SPLIT_PAGES)
    do_all(here, StepKind.READ_PAGES)


def batches(here: WorkerContext) -> list[int]:
    """How many files each batch has."""
    with here.store.read() as session:
        batch = func.coalesce(Intake.batch_id, Intake.id)
        return list(session.scalars(select(func.count(Intake.id)).group_by(batch).order_by(batch)))


PICTURES: Files = [(f"IMG_{number:04}.JPG", picture("JPEG", f"Avis {number}")) for number in range(12)]


def test_twelve_files_handed_over_together_are_one_batch(town: WorkerContext) -> None:
    client = signed_in(town, CENTRE)
    address = hand_in(client, PICTURES)
    assert batches(town) == [12]
    assert client.get("/batches").text.count("/batches/") == 2, "one line, with its heading and its button"
    assert client.get(address).status_code == 200


def test_the_list_has_the_sheets_as_they_were_handed_over(town: WorkerContext) -> None:
    client = signed_in(town, CENTRE)
    files = [PICTURES[number] for number in (10, 2, 9)]
    address = hand_in(client, files)
    do_all(town, StepKind.SPLIT_PAGES)
    text = client.get(address).text
    places = re.findall(r'receipt-place">\s*(\d+)\. page 1 of (\S+)<', text)
    assert places == [(str(number), name) for number, (name, _content) in enumerate(files, 1)]
    assert len(set(re.findall(r'receipt-number">([\d\s\u202f\u00a0]+)<', text))) == 3


FOUR = PICTURES[:4]
AGAIN: dict[str, tuple[Callable[[FlaskClient], object], list[int]]] = {
    "all of them": (lambda client: hand_in(client, FOUR), [4]),
    "one of them": (lambda client: hand_in(client, PICTURES[3:4]), [4]),
    "some, with new ones, as when it broke off": (
        lambda client: hand_in(client, [*PICTURES[:2], ("new.jpg", picture("JPEG", "Encore"))]),
        [5],
    ),
    "other ones": (lambda client: hand_in(client, [("new.jpg", picture("JPEG", "Encore"))]), [4, 1]),
}


@pytest.mark.parametrize(("again", "expected"), AGAIN.values(), ids=AGAIN)
def test_handed_in_again(town: WorkerContext, again: Callable[[FlaskClient], object], expected: list[int]) -> None:
    client = signed_in(town, CENTRE)
    hand_in(client, FOUR)
    again(client)
    assert batches(town) == expected


def test_each_of_its_files_leads_to_the_batch(town: WorkerContext) -> None:
    client = signed_in(town, CENTRE)
    address = hand_in(client, PICTURES[:3])
    for intake_id in (2, 3):
        assert client.get(f"/batches/{intake_id}").location == address
    assert signed_in(town, MODERATOR).get(address).status_code == 200
    assert signed_in(town, OTHER).get(address).status_code == 404
    assert signed_in(town, OTHER).get("/batches/2").status_code == 404


SLIPS: dict[str, tuple[Files, int, list[SheetPlace]]] = {
    "a form with a back": (
        [("scan0001.tif", tiff("Plus de bancs", "Signé", "Des arbres", "Merci"))],
        2,
        [SheetPlace("scan0001.tif", 1, 2), SheetPlace("scan0001.tif", 3, 4)],
    ),
    "two copiers that name everything alike": (
        [("scan0001.pdf", pdf("Plus de bancs")), ("scan0001.pdf", pdf("Un bus le soir"))],
        1,
        [SheetPlace("scan0001.pdf", 1, 1), SheetPlace("scan0001.pdf", 1, 1)],
    ),
    "one that nobody can open": (
        [("lettre.docx", office_document()), ("scan0001.pdf", pdf("Plus de bancs"))],
        1,
        [SheetPlace("lettre.docx"), SheetPlace("scan0001.pdf", 1, 1)],
    ),
}


@pytest.mark.parametrize(("files", "pages_per_form", "expected"), SLIPS.values(), ids=SLIPS)
def test_a_slip_leads_to_its_sheet(
    town: WorkerContext, files: Files, pages_per_form: int, expected: list[SheetPlace]
) -> None:
    hand_in(signed_in(town, CENTRE), files, pages_per_form)
    do_all(town, StepKind.SPLIT_PAGES)
    with town.store.read() as session:
        slips = batch_content(session, 1, EVERYTHING).slips
    assert [slip.place for slip in slips] == expected
    assert [slip.picture is not None for slip in slips] == [place.first > 0 for place in expected]
    assert {slip.words for slip in slips} == {""}, "nothing has been read yet"


def test_a_blank_sheet_gets_no_number_and_is_named(town: WorkerContext) -> None:
    client = signed_in(town, CENTRE)
    address = hand_in(client, [("scan0001.pdf", pdf("Plus de bancs", "", "Un bus"))])
    do_all(town, StepKind.SPLIT_PAGES)
    text = client.get(address).text
    assert "Blank page: page 2 of scan0001.pdf" in text
    assert re.findall(r"(\d)\. page (\d) of", text) == [("1", "1"), ("2", "3")]


def test_the_small_picture_is_the_sheet_and_for_who_may_print_it(town: WorkerContext) -> None:
    client = signed_in(town, CENTRE)
    address = hand_in(client, [("scan0001.tif", tiff("Plus de bancs", "Un bus le soir"))])
    do_all(town, StepKind.SPLIT_PAGES)
    small = re.findall(rf'src="({address}/sheets/\d+)"', client.get(address).text)
    assert len(small) == 2
    answer = client.get(small[0])
    with Image.open(io.BytesIO(answer.data)) as drawn:
        assert (drawn.format, max(drawn.size) <= 400) == ("JPEG", True)
        assert min(drawn.convert("L").tobytes()) < 90, "there is writing on it"
    assert answer.content_type == "image/jpeg"
    assert signed_in(town, MODERATOR).get(small[0]).status_code == 200
    assert signed_in(town, OTHER).get(small[0]).status_code == 404
    with town.store.write() as session:
        pages = session.scalars(select(Medium.id).where(Medium.kind == MediumKind.PAGE)).all()
        erase_contribution(session, 1, None, "asked")
    assert client.get(small[0]).status_code == 404, "it is erased with its form"
    assert client.get(f"{address}/sheets/{pages[1]}").status_code == 404, "the page itself is for moderators"
    assert client.get(small[1]).status_code == 200


def test_a_slip_says_what_was_moderated(town: WorkerContext) -> None:
    client = signed_in(town, CENTRE)
    address = hand_in(client, [("scan0001.pdf", pdf("Madame Le Gall crie"))])
    read_all(town)
    assert "Begins, as a machine read it:" in client.get(address).text
    small = re.findall(rf'src="({address}/sheets/\d+)"', client.get(address).text)
    assert client.get(small[0]).status_code == 200
    with town.store.write() as session:
        text_versions.correct_text(session, 1, " ".join(["[…] crie", *["fort"] * 20]), MODERATOR, None)
    text = client.get(address).text
    assert "Le Gall" not in text
    assert "crie" not in text
    assert "/sheets/" not in text
    assert client.get(small[0]).status_code == 404, "what is masked in the text stands in the picture"
    assert "[…] crie" in signed_in(town, MODERATOR).get(address).text
    with town.store.read() as session:
        slip = batch_content(session, 1, EVERYTHING).slips[0]
    assert (slip.by_machine, slip.words) == (False, " ".join(["[…] crie", *["fort"] * (FIRST_WORDS - 2)]) + "…")


def test_a_slip_never_says_what_somebody_else_said(town: WorkerContext) -> None:
    address = hand_in(signed_in(town, CENTRE), [("scan0001.pdf", pdf("Un banc rue Foch"))])
    read_all(town)
    with town.store.write() as session:
        text = samples.text(session, "SM1", "Madame Le Gall crie", None)
        of_text = select(ContributionPart.contribution_id).join(Part).where(Part.intake_id == text)
        linking.merge(session, session.scalars(of_text).one(), 1, MODERATOR)
        slip = batch_content(session, 1, EVERYTHING).slips[0]
    assert "Le Gall" in slip.words
    assert "Le Gall" not in signed_in(town, CENTRE).get(address).text


def test_a_copiers_mail_has_its_list(town: WorkerContext) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "noreply@copieur.example", "avis@ville.example", "Scan"
    for name, content in (("scan0001.pdf", pdf("Plus de bancs", "Une place")), ("scan0002.pdf", pdf("Des arbres"))):
        mail.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    with town.store.write() as session:
        take_in_mail(session, account="avis@ville.example", raw=mail.as_bytes(), digest="d", addressed_to="avis@v.e")
    read_all(town)
    client = signed_in(town, MODERATOR)
    assert "by mail from a copier" in client.get("/batches").text
    text = client.get("/batches/1").text
    assert re.findall(r"(\d)\. (page \d of \S+)<", text) == [
        ("1", "page 1 of scan0001.pdf"),
        ("2", "page 2 of scan0001.pdf"),
        ("3", "page 1 of scan0002.pdf"),
    ]
    assert text.count("/sheets/") == 3
    assert all(words in text for words in ("Plus de bancs", "Une place", "Des arbres"))


def test_a_letter_by_mail_is_no_batch(town: WorkerContext) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "claire@example.org", "avis@ville.example", "Mon avis"
    mail.set_content("Il faut plus de bancs.")
    with town.store.write() as session:
        take_in_mail(session, account="avis@ville.example", raw=mail.as_bytes(), digest="d", addressed_to="avis@v.e")
    read_all(town)
    assert signed_in(town, MODERATOR).get("/batches/1").status_code == 404
    assert "/batches/1" not in signed_in(town, MODERATOR).get("/batches").text


PRINTED = "Que faut-il changer dans votre quartier ?"
BEGINNINGS: dict[str, tuple[list[str], list[str]]] = {
    "a question on every form": (
        [f"{PRINTED} Plus de bancs", f"{PRINTED} Un bus", f"{PRINTED} Des arbres"],
        ["… Plus de bancs", "… Un bus", "… Des arbres"],
    ),
    "misread on one of them": (
        [f"{PRINTED} Plus de bancs", f"{PRINTED} Un bus", "Oue faut-il chanqer ? Des arbres"],
        ["… Plus de bancs", "… Un bus", "Oue faut-il chanqer ? Des arbres"],
    ),
    "nothing but the question": (
        [PRINTED, f"{PRINTED} Un bus", f"{PRINTED} Un banc"],
        [PRINTED, "… Un bus", "… Un banc"],
    ),
    "two people who say the same": (["Plus de bancs dans le parc"] * 2, ["Plus de bancs dans le parc"] * 2),
    "one form alone": ([f"{PRINTED} Plus de bancs"], [f"{PRINTED} Plus de bancs"]),
    "nothing in common": (["Plus de bancs", "Un bus"], ["Plus de bancs", "Un bus"]),
    "nothing read": (["", ""], ["", ""]),
}


@pytest.mark.parametrize(("bodies", "expected"), BEGINNINGS.values(), ids=BEGINNINGS)
def test_a_slip_begins_where_the_sheets_differ(bodies: list[str], expected: list[str]) -> None:
    printed = _printed_on_all([body.split() for body in bodies])
    assert [_first_words((body, True), printed)[0] for body in bodies] == expected


NAMES = {
    "a page": ([page_name(3, "scan0001.pdf")], SheetPlace("scan0001.pdf", 3, 3)),
    "pages": ([page_name(3, "a.tif"), page_name(4, "a.tif")], SheetPlace("a.tif", 3, 4)),
    "a name with a mark in it": ([page_name(2, "x#page=9.pdf")], SheetPlace("x#page=9.pdf", 2, 2)),
    "a page of a file without a name": ([page_name(2)], SheetPlace("", 2, 2)),
    "a file": (["lettre.doc"], SheetPlace("lettre.doc")),
    "what stood there before": (["page 4"], SheetPlace("page 4")),
    "nothing": ([], SheetPlace("")),
}


@pytest.mark.parametrize(("names", "expected"), NAMES.values(), ids=NAMES)
def test_where_a_page_stands(names: list[str], expected: SheetPlace) -> None:
    assert sheet_place(names) == expected
