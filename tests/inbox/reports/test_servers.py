"""A report is made, kept and released on either database server alike; what was made of texts follows them."""

from __future__ import annotations

from datetime import UTC

from inbox.consultations import consultation_versions
from inbox.contributions import text_versions
from inbox.erasure.erase import erase_contribution
from inbox.models import Contribution, PlaceMention, Quotation, SuggestedKind, TextSense
from inbox.reports import open_data, report_quotations, report_versions
from inbox.reports.figures import report_figures
from inbox.reports.report_editing import ReportArrangement
from inbox.storage.database import Store
from tests.inbox.reports.towns import OWN, SECRET, town_of
from transcription.text.place_names import PlaceIndex, read_places
from workers.tasks.making_sense import SenseMaker

PLACES = "name;quarter\nrue des Lilas;Est\nplace du Marché;Centre\n"


def test_figures_quotations_versions_and_editions(store: Store) -> None:
    town = town_of(store, 4, voices=14)
    with store.read() as session:
        version = consultation_versions.current_versions_by_slug(session)[0]
        figures = report_figures(session, version)
        quoted = report_quotations.quotations_of(session, version.consultation_id)
        consultation_id = version.consultation_id
    assert figures.published == len(town.published)
    assert [one.voices for one in figures.campaigns] == [len(town.campaign)]
    assert sum(count for _day, count in figures.days) == figures.published
    assert OWN in {one.text for one in quoted}
    with store.write() as session:
        assert (
            report_versions.save_version(
                session, consultation_id, figures, quoted, ReportArrangement(), "", town.people["elu"]
            )
            == 1
        )
        assert open_data.release_edition(session, consultation_id, UTC).released == len(town.published)
    with store.read() as session:
        kept = report_versions.open_version(session, consultation_id, 1)
        assert (kept.figures, kept.withdrawn, kept.published_since) == (figures, 0, 0)
        assert sum(len(batch) for batch in open_data.edition_rows(session, consultation_id, "fr")) == len(
            town.published
        )


def test_what_was_made_of_a_text_follows_it(store: Store) -> None:
    town = town_of(store, 6, voices=8)
    maker = SenseMaker(store, PlaceIndex(read_places(PLACES.encode())))
    with store.write() as session:
        text_versions.correct_text(session, town.own_voice, "Pourquoi ce trou rue dé lila ?", town.people["mod"], None)
    assert maker.run() == 1
    assert maker.run() == 0
    with store.read() as session:
        sense = session.get_one(TextSense, town.own_voice)
        assert (sense.group_id, sense.text_number) == (None, 2)
        assert session.query(PlaceMention).filter_by(contribution_id=town.own_voice).one().place == "rue des Lilas"
        assert {row.kind for row in session.query(SuggestedKind).filter_by(contribution_id=town.own_voice)}
    with store.write() as session:
        erase_contribution(session, town.own_voice, None, "author")
    maker.run()
    with store.read() as session:
        for model in (TextSense, SuggestedKind, PlaceMention, Quotation):
            assert session.query(model).filter_by(contribution_id=town.own_voice).count() == 0 or model is TextSense
        assert session.get_one(Contribution, town.own_voice).erased_at


def test_a_model_learns_no_word_that_few_have_said(store: Store) -> None:
    town = town_of(store, 8, voices=40)
    with store.read() as session:
        figures = report_figures(session, consultation_versions.current_versions_by_slug(session)[0])
    assert SECRET.split()[-1].lower() not in {word for model in figures.models for word in model.words}
    assert figures.published == len(town.published)
