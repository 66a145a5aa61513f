"""A printed form filled in by a hand and put through a copier: by the simulator that the tests of reading use."""

from __future__ import annotations

import cv2
import numpy as np
import pypdfium2

from channels.paper.stored_layout import layout_from_json
from gateway.reading.form_pages import form_pages
from inbox.consultations import printed_forms
from inbox.storage.database import Store
from tests.demo.samples import Form
from tests.simulator.hands import PENS, Hand, mark
from tests.simulator.machines import Paper, scan

DPI = 150
_PER_MM = DPI / 25.4


def filled_and_scanned(form: Form, pdf: bytes, store: Store) -> bytes:
    """Both sides of the first copy of a printed form, the boxes of the sample's themes crossed, as a TIFF.

       The back lies before the front, upside down.
    Raises ``ValueError`` when the form has no box for a theme.
    """
    rng = np.random.default_rng(sum(form.name.encode()))
    with store.read() as session:
        ((number, stored),) = printed_forms.all_layouts(session).items()
    pages = form_pages(number, layout_from_json(stored))
    hand = Hand("cross", PENS["ballpoint"][1], 0.85, 0.5, np.eye(2))
    wanted = {f"themes={theme}" for theme in form.ticks}
    sides = []
    for paper, page in zip(_papers(pdf), pages, strict=False):
        for box in page.boxes:
            if box.key in wanted:
                mark(paper, _PER_MM, box.place, hand, rng)
                wanted.remove(box.key)
        encoded = scan(paper, _PER_MM, "grey", DPI, rng).encoded()
        side = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert side is not None
        sides.append(side)
    if wanted:
        raise ValueError(f"the form has no box for {', '.join(sorted(wanted))}")
    sides[-1] = cv2.rotate(sides[-1], cv2.ROTATE_180)
    return cv2.imencodemulti(".tiff", sides[::-1])[1].tobytes()


def _papers(pdf: bytes) -> list[Paper]:
    """The pages as they come out of the printer, 1 for white."""
    document = pypdfium2.PdfDocument(pdf)
    return [
        np.asarray(page.render(scale=DPI / 72).to_pil().convert("L"), np.float32) / np.float32(255) for page in document
    ]
