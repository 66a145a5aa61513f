"""Forms as PDF: the same to the byte, with their words as text, and codes that are read from poor copies."""

from __future__ import annotations

import re
import subprocess
import sys

import cv2
import numpy as np
import pypdfium2
import pytest
import zxingcpp

from channels.paper.fonts import visual_order
from channels.paper.form_kinds import SheetSize
from channels.paper.form_layout import FormLayout, form_number
from channels.paper.laying.form import lay_out
from channels.paper.laying.style_table import STYLES
from channels.paper.laying.wording import FormWording
from channels.paper.page_codes import PageCode, decode_page_code
from channels.paper.printing.forms import print_forms
from channels.paper.printing.poster import print_poster
from channels.paper.stored_layout import layout_to_json
from config.wording.form_message_keys import FORM_KEYS
from tests.channels.paper.forms import CONSULTATIONS

FIXED = {
    text.key: {name: 3 for name in text.facts if name not in ("call_number", "original_kept")} for text in FORM_KEYS
}
PREPAID = CONSULTATIONS["prepaid"]
REFERENCES = ["482915307", "591230476"]
MADE = {
    f"{variant} {size} {language}": lay_out(PREPAID, 1, variant=variant, size=size, language=language)
    for variant, size in STYLES
    for language in ("fr", "en")
}


@pytest.mark.parametrize("layout", MADE.values(), ids=MADE)
def test_words_are_text_and_numbers_are_the_copies_own(layout: FormLayout) -> None:
    document = pypdfium2.PdfDocument(print_forms(layout, REFERENCES))
    pages = [page.get_textpage().get_text_range().replace("\r\n", " ") for page in document]
    question = {"fr": "Que faut-il changer", "en": "What should change"}[layout.language]
    assert question in pages[0]
    for reference in ("482 915 307", "591 230 476"):
        assert any(reference in text for text in pages)
    assert len(pages) == (2 if layout.size is SheetSize.A5 else 4)


def test_the_same_to_the_byte() -> None:
    """In another process too, where hashes of words differ."""
    program = (
        "import hashlib;from tests.channels.paper.test_printing import MADE, REFERENCES, print_forms;"
        "print([hashlib.sha256(print_forms(one, REFERENCES)).hexdigest() for one in MADE.values()])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    again = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == again.stdout
    assert len(set(run.stdout.split(","))) == len(MADE)


def test_a_sheet_to_be_photocopied_has_no_slip() -> None:
    layout = MADE["standard a4 fr"]
    page = pypdfium2.PdfDocument(print_forms(layout, [None]))[0].get_textpage().get_text_range()
    assert "talon" not in page
    assert "Que faut-il changer" in page


def photocopied(page: pypdfium2.PdfPage, dpi: int, seed: int) -> np.ndarray:
    """A page as a worn copier gives it back: turned a little, blurred, grey, noisy, saved as a poor JPEG."""
    random = np.random.default_rng(seed)
    image = np.asarray(page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L"))
    height, width = image.shape
    turn = cv2.getRotationMatrix2D(
        (width / 2, height / 2), float(random.uniform(-3, 3)), float(random.uniform(0.97, 1.0))
    )
    image = cv2.warpAffine(image, turn, (width, height), borderValue=255, flags=cv2.INTER_AREA)
    image = cv2.GaussianBlur(image, (0, 0), 0.6 * dpi / 150)
    noisy = 40 + image.astype(np.float32) * 0.75 + random.normal(0, 14, image.shape)
    _, saved = cv2.imencode(".jpg", np.clip(noisy, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 40])
    return np.asarray(cv2.imdecode(saved, cv2.IMREAD_GRAYSCALE))


@pytest.mark.parametrize("dpi", [100, 150, 300])
@pytest.mark.parametrize("kind", ["standard a4 fr", "standard a5 fr", "large-print a4 fr", "reply a4 fr"])
def test_codes_are_read_from_a_poor_copy(kind: str, dpi: int) -> None:
    layout = MADE[kind]
    form = form_number(layout_to_json(layout))
    for number, page in enumerate(pypdfium2.PdfDocument(print_forms(layout, REFERENCES[:1])), 1):
        found = zxingcpp.read_barcodes(photocopied(page, dpi, seed=number))
        read = {code for one in found if (code := decode_page_code(one.text))}
        wanted = {PageCode(form, number, place, REFERENCES[0]) for place in (1, 2)}
        assert read
        assert read <= wanted


def test_a_number_keeps_its_order_on_a_form_from_right_to_left() -> None:
    assert visual_order("482 915 307", right_to_left=True) == "482 915 307"
    assert visual_order("شارع", right_to_left=True) != "شارع"
    for number in ("02 98 00 00 00", "482 915 307", "06.12.34.56.78"):
        drawn = visual_order(f"اتصل: {number}.", right_to_left=True).replace("\u00a0", " ")
        assert number in drawn


def test_arabic_forms_say_in_arabic_what_is_fixed_on_them() -> None:
    """A day is named in its words too; what the town has not worded stays in the town's language."""
    arabic = FormWording(CONSULTATIONS["Arabic, from right to left"], "ar")
    said = [arabic.say(key, **facts) for key, facts in FIXED.items()]
    assert all(re.search("[\u0600-\u06ff]", one) for one in said)
    assert not any(re.search("\\b(Votre|avant|mois|Une personne)\\b", one) for one in said)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("named", CONSULTATIONS)
def test_a_poster_tells_how_to_take_part_and_its_code_is_read_from_a_poor_print(named: str, language: str) -> None:
    consultation = CONSULTATIONS[named]
    pdf = print_poster(consultation, language)
    assert pdf == print_poster(consultation, language)
    (page,) = pypdfium2.PdfDocument(pdf)
    said = page.get_textpage().get_text_range()
    picture = cv2.GaussianBlur(page.render(scale=60 / 72).to_numpy()[:, :, 0], (3, 3), 0)
    read = [one.text for one in zxingcpp.read_barcodes(picture)]
    phones = consultation.addresses.phones
    link = consultation.form.poster_link or (f"tel:{phones[0]}" if phones else "")
    assert read == ([link] if link else [])
    if phones:
        assert phones[0][-2:] in said
