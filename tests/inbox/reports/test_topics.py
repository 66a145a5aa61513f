"""Topics are proposed by their words; a person names, joins, splits, throws away, and says for or against."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import func, select

from config.enums import Channel, ContributionKind, Role
from config.sense_states import KINDS_OF, Stance, TopicState
from config.settings.schema import PACKAGED_CONSULTATIONS
from config.wording.consultation import read_consultation
from inbox.accounts.staff import create_person
from inbox.consultations.consultation_versions import import_consultation
from inbox.contributions import moderation
from inbox.erasure.erase import erase_contribution
from inbox.models import Topic, TopicMember
from inbox.reports import topic_figures, topics
from inbox.storage.database import Store
from tests.inbox import makers
from tests.inbox.pages.conftest import post
from tests.inbox.reports.test_faithful import PAGE, signed_in
from tests.inbox.reports.towns import SLUG, ReportTown
from workers.tasks.making_sense import SenseMaker

TOPICS = f"{PAGE}/topics"
FOOTBRIDGE = (
    "La passerelle au-dessus du canal, je suis contre : elle abîmerait la vue.",
    "Une passerelle sur le canal ? Bonne idée, je suis pour.",
    "Avec la passerelle, les élèves traverseraient le canal sans danger.",
    "Le canal n'a pas de passerelle avant deux kilomètres.",
    "Passerelle du canal : nous nous opposons à cette dépense.",
    "Canal : pas favorable à la passerelle.",
    "Qui entretiendra la passerelle du canal ?",
)
GLASS = (
    "Le conteneur à verre déborde derrière le gymnase.",
    "Déplacez ce conteneur à verre, il réveille le gymnase entier.",
    "Conteneur à verre du gymnase : merci de le vider.",
    "Au gymnase, le conteneur de verre est toujours plein.",
    "Du verre partout près du conteneur, les enfants du gymnase marchent dessus.",
)


@pytest.fixture
def town(sqlite_store: Store) -> ReportTown:
    found = ReportTown(sqlite_store)
    with sqlite_store.write() as session:
        version = import_consultation(session, read_consultation(PACKAGED_CONSULTATIONS / f"{SLUG}.toml"))
        for login, role in (("mod", Role.MODERATOR), ("elu", Role.OFFICIAL)):
            found.people[login] = create_person(session, login, login.capitalize(), "", [role]).id
        for body in (*FOOTBRIDGE, *GLASS):
            inside = makers.intake(session, Channel.SMS, version)
            made = makers.contribution_of(session, makers.part(session, inside, body))
            moderation.decide_contribution(session, made.id, "publish", by=found.people["mod"], expect_revision=None)
    SenseMaker(sqlite_store).run()
    return found


@pytest.fixture
def official(town: ReportTown, tmp_path: Path) -> FlaskClient:
    return signed_in(town.store, tmp_path, town.people["elu"])


def about(town: ReportTown, word: str) -> int:
    """The topic that a word stands for."""
    with town.store.read() as session:
        (found,) = [one.id for one in session.scalars(select(Topic)) if word in one.words]
        return found


def members(town: ReportTown, topic: int, **of: object) -> int:
    with town.store.read() as session:
        wanted = select(func.count()).select_from(TopicMember).filter_by(topic_id=topic, **of)
        return session.scalar(wanted) or 0


def do(client: FlaskClient, topic: int, what: str, **values: object) -> str:
    """One decision; the page it leads to."""
    at = f"{TOPICS}/{topic}"
    answer = post(client, at, {"do": what, **values}, page=at)
    assert answer.status_code == 302
    return client.get(answer.headers["Location"]).text


def section(client: FlaskClient) -> str:
    found = html.fromstring(client.get(PAGE).text).xpath('//section[@id="section-topics"]')
    return " ".join(found[0].text_content().split()) if found else ""


def test_what_is_proposed_counts_once_a_person_named_it(town: ReportTown, official: FlaskClient) -> None:
    page = official.get(TOPICS).text
    assert "7 contributions speak of: canal, passerelle" in page.replace("passerelle, canal", "canal, passerelle")
    assert section(official) == ""
    topic = about(town, "passerelle")
    assert members(town, topic, confirmed=True) == 0
    do(official, topic, "name", name="  La passerelle\ndu canal ")
    assert "7 contributions speak of “La passerelle du canal”." in section(official)
    assert "For:" not in section(official)
    # Named once, it is not proposed again.
    SenseMaker(town.store).run()
    assert about(town, "passerelle") == topic


def test_for_and_against_are_suggested_and_counted_once_said(town: ReportTown, official: FlaskClient) -> None:
    topic = about(town, "passerelle")
    do(official, topic, "name", name="Passerelle", is_proposal="on")
    SenseMaker(town.store).run()
    with town.store.read() as session:
        suggested = {one.text: (one.stance, one.because) for one in topics.members_of(session, topic, 20)}
    assert {text: stance for text, (stance, _because) in suggested.items()} == dict(
        zip(
            FOOTBRIDGE,
            (Stance.AGAINST, Stance.FOR, None, None, Stance.AGAINST, Stance.AGAINST, None),
            strict=True,
        )
    )
    assert suggested[FOOTBRIDGE[5]][1] == "pas favorable"
    assert "For: 0; Against: 0; Neither: 0; Not looked at: 7." in section(official)
    with town.store.read() as session:
        ids = {one.text: one.contribution_id for one in topics.members_of(session, topic, 20)}
    do(official, topic, f"stance:against:{ids[FOOTBRIDGE[0]]}")
    do(official, topic, f"stance:for:{ids[FOOTBRIDGE[2]]}")
    do(official, topic, f"stance:neither:{ids[FOOTBRIDGE[6]]}")
    SenseMaker(town.store).run()
    assert "Too few are for it, against it or neither to be told apart." in section(official)


def test_new_texts_are_suggested_and_wait(town: ReportTown, official: FlaskClient) -> None:
    topic = about(town, "passerelle")
    do(official, topic, "name", name="Passerelle")
    with town.store.write() as session:
        version = import_consultation(session, read_consultation(PACKAGED_CONSULTATIONS / f"{SLUG}.toml"))
        said = "Et la passerelle du canal, c'est pour quand ?"
        made = makers.contribution_of(session, makers.part(session, makers.intake(session, Channel.SMS, version), said))
        moderation.decide_contribution(session, made.id, "publish", by=town.people["mod"], expect_revision=None)
    SenseMaker(town.store).run()
    assert "7 contributions speak of “Passerelle”." in section(official)
    assert "Only suggested, by their words: fewer than 5 more." in section(official)
    do(official, topic, "keep", ticked=made.id)
    assert "8 contributions speak of “Passerelle”." in section(official)
    do(official, topic, "remove", ticked=made.id)
    SenseMaker(town.store).run()
    assert "7 contributions" in section(official)
    assert "Only suggested" not in section(official)


def test_split_and_join(town: ReportTown, official: FlaskClient) -> None:
    topic, other = about(town, "passerelle"), about(town, "verre")
    do(official, topic, "name", name="Passerelle")
    with town.store.read() as session:
        three = [one.contribution_id for one in topics.members_of(session, topic, 3)]
    do(official, topic, "split", ticked=three, split_name="Contre la passerelle")
    for name in ("Passerelle", "Contre la passerelle"):  # four and three
        assert f"Fewer than 5 contributions speak of “{name}”." in section(official)
    do(official, topic, "join", other=other)
    assert "9 contributions speak of “Passerelle”." in section(official)
    with town.store.read() as session:
        assert session.get(Topic, other) is None


def test_what_is_thrown_away_does_not_come_back(town: ReportTown, official: FlaskClient) -> None:
    topic = about(town, "verre")
    do(official, topic, "throw_away")
    SenseMaker(town.store).run()
    assert "verre" not in official.get(TOPICS).text
    with town.store.read() as session:
        assert session.get_one(Topic, topic).state is TopicState.THROWN_AWAY


REFUSED: tuple[tuple[str, dict[str, str]], ...] = (
    ("name", {"name": "  "}),
    ("name", {"name": "x" * 129}),
    ("split", {"split_name": "Rien"}),
    ("split", {"split_name": "Autres", "ticked": "999999"}),
    ("join", {"other": "999999"}),
    ("join", {"other": "{topic}"}),
    ("stance:for:999999", {}),
    ("stance:maybe:1", {}),
)


def test_what_is_refused_changes_nothing(town: ReportTown, official: FlaskClient) -> None:
    topic = about(town, "passerelle")
    with town.store.read() as session:
        before = [(row.id, row.name, row.state) for row in session.scalars(select(Topic).order_by(Topic.id))]
    for what, values in REFUSED:
        do(official, topic, what, **{key: value.format(topic=topic) for key, value in values.items()})
        with town.store.read() as session:
            after = [(row.id, row.name, row.state) for row in session.scalars(select(Topic).order_by(Topic.id))]
        assert after == before, what
    assert members(town, topic) == 7


def test_what_is_erased_or_set_aside_is_in_no_topic(town: ReportTown, official: FlaskClient) -> None:
    topic = about(town, "verre")
    do(official, topic, "name", name="Verre")
    with town.store.read() as session:
        first, second = [one.contribution_id for one in topics.members_of(session, topic, 2)]
    with town.store.write() as session:
        moderation.decide_contribution(session, first, "reopen", by=town.people["mod"], expect_revision=None)
        erase_contribution(session, second, town.people["mod"], "tried")
    with town.store.read() as session:
        (told,) = topic_figures.topics_of(session, session.get_one(Topic, topic).consultation_id, TopicState.NAMED)
    assert told.confirmed == 3
    assert "Fewer than 5 contributions speak of “Verre”." in section(official)
    assert members(town, topic, contribution_id=second) == 0


def test_every_kind_has_its_place_in_one_facet() -> None:
    assert sorted(kind for kinds in KINDS_OF.values() for kind in kinds) == sorted(ContributionKind)
