"""Voices for projects: by text, telephone key and desk; sealed, counted by the rule, and joined to nobody anywhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from channels.intent.votes import VoteSaid, vote_in
from config.enums import Bucket, NotContribution, VoteBy
from config.settings.loader import Settings
from config.wording.consultation import Consultation, read_consultation
from config.wording.projects import Project, Vote
from inbox.consultations import consultation_versions
from inbox.erasure.erase import erase_contribution
from inbox.listings import recount
from inbox.listings.ledger import count_ledger
from inbox.models import Arrival, BallotBox, Contribution, Message, Part, Step
from inbox.models import Vote as VoteRow
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import place_of
from inbox.storage.database import Store
from inbox.storage.envelope_encryption import vault_of
from inbox.votes import cards, counting
from inbox.votes.rule import CastVoice, VoteTally, tally_votes
from tests.gateway.conftest import Provider, call_fields, text_fields
from tests.opened import bytes_in, json_in

# What is texted -> the voice it is; None for what is, or may be, something else.
SAID: dict[str, VoteSaid | None] = {
    "OUI 12": VoteSaid((12,)),
    "oui12": VoteSaid((12,)),
    "Oui n° 12, merci !": VoteSaid((12,)),
    "Bonjour, OUI 12. Mme Le Gall": VoteSaid((12,)),
    "je vote pour le projet 12": VoteSaid((12,)),
    "👍 12": VoteSaid((12,)),
    "projet 12": VoteSaid((12,)),
    "12": VoteSaid((12,)),
    "OUI 012": VoteSaid((12,)),
    "ＯＵＩ １２": VoteSaid((12,)),
    "yes 12 please": VoteSaid((12,)),
    "OUI 12 et 14": VoteSaid((12, 14)),
    "NON 12": VoteSaid((12,), takes_back=True),
    "je retire ma voix au 12": VoteSaid((12,), takes_back=True),
    "OUI 12 CARTE 4417 2203 1": VoteSaid((12,), card="441722031"),
    "OUI 12 parce que le banc manque": VoteSaid((12,), words="parce que le banc manque"),
    "Oui 12. Il en faudrait deux !": VoteSaid((12,), words="Il en faudrait deux !"),
    "oui 12 carte n° 441722031, car il fait noir": VoteSaid((12,), card="441722031", words="car il fait noir"),
    "oui 12 bancs de plus": None,
    "oui, 12 % des gens": None,
    "oui 12h30, c'est trop tard": None,
    "pour 12 personnes": None,
    "non 12 c'est trop": None,
    "oui 12/03": None,
    "oui 12,5 km": None,
    "oui 12 14": VoteSaid((12, 14)),
    "oui": None,
    "STOP 12": None,
    "EFFACER 12": None,
    "SUIVI 482915307": None,
    "482915307": None,
    "Je suis pour": None,
}


@pytest.mark.parametrize("text", SAID)
def test_what_is_a_voice(text: str) -> None:
    assert vote_in(text) == SAID[text]


# (most, voices in order) -> projects, voters
RULES: dict[str, tuple[int, list[CastVoice], dict[int, int], int]] = {
    "one each": (1, [CastVoice("a", (1,)), CastVoice("b", (1,))], {1: 2}, 2),
    "the last choice": (1, [CastVoice("a", (1,)), CastVoice("a", (2,))], {2: 1}, 1),
    "twice the same": (1, [CastVoice("a", (1,)), CastVoice("a", (1,))], {1: 1}, 1),
    "taken back": (1, [CastVoice("a", (1,)), CastVoice("a", (1,), takes_back=True)], {}, 0),
    "taken back what was not given": (1, [CastVoice("a", (1,)), CastVoice("a", (2,), takes_back=True)], {1: 1}, 1),
    "taken back, given again": (
        1,
        [CastVoice("a", (1,)), CastVoice("a", (1,), takes_back=True), CastVoice("a", (1,))],
        {1: 1},
        1,
    ),
    "two each, the third takes the place of the first": (
        2,
        [CastVoice("a", (1,)), CastVoice("a", (2,)), CastVoice("a", (3,))],
        {2: 1, 3: 1},
        1,
    ),
    "two at once": (2, [CastVoice("a", (1, 2)), CastVoice("b", (2,))], {1: 1, 2: 2}, 2),
}


@pytest.mark.parametrize("name", RULES)
def test_the_rule(name: str) -> None:
    most, voices, projects, voters = RULES[name]
    assert tally_votes(voices, most) == VoteTally(projects, voters)


def town(settings: Settings, **vote: object) -> Consultation:
    first = read_consultation(settings.consultation_files[0])
    labels = {12: "Un banc", 14: "Une fontaine", 3: "Un lampadaire"}
    projects = tuple(Project(number=n, label={"fr": label, "en": label}) for n, label in labels.items())
    return first.model_copy(update={"projects": projects, "vote": Vote.model_validate(vote)})


@pytest.fixture
def votes(gateway_settings: Settings, gateway_store: Store) -> Callable[..., Consultation]:
    """Puts a rule in force."""

    def rule(**vote: object) -> Consultation:
        asked = town(gateway_settings, **vote)
        with gateway_store.write() as session:
            consultation_versions.import_consultation(session, asked)
        return asked

    return rule


def counted(store: Store, settings: Settings, asked: Consultation) -> dict[int, int]:
    """What the count finds once all is closed."""
    with store.write() as session:
        box = session.scalars(select(BallotBox)).one()
        after = asked.closes + timedelta(days=1)
        return dict(counting.count_votes(session, box.consultation_id, asked, after, settings.zone).voices)


def answers(store: Store) -> list[str]:
    with store.read() as session:
        rows = session.scalars(select(Message).order_by(Message.id)).all()
        return [json_in(one)["body"] for one in rows if one.sealed_body]


def test_by_text(provider: Provider, gateway_store: Store, gateway_settings: Settings, votes) -> None:
    asked = votes()
    provider.text("OUI 12", 1)
    provider.text("OUI 12", 1)  # the same message again
    provider.text("Oui 14, merci", 2)  # another mind
    provider.text("OUI 12 parce que le banc manque", 3, "+33611111111")
    provider.text("OUI 99", 4)
    provider.text("OUI 12 14", 5)
    assert counted(gateway_store, gateway_settings, asked) == {14: 1, 12: 1}
    told = answers(gateway_store)
    assert [sum(what in one for one in told) for what in ("voix est bien", "Aucun projet", "Trop de projets")] == [
        3,
        1,
        1,
    ]
    assert not any("12" in one.replace("2029-12", "").replace("31/12", "") for one in told if "voix est" in one)
    with gateway_store.read() as session:
        book = count_ledger(session)
        assert (book.balanced, book.counts[Bucket.VOTE], book.counts[Bucket.IN_REVIEW]) == (True, 4, 1)
        assert recount.count_differences(session) == []


def test_nothing_joins_a_voice_and_an_address(provider: Provider, gateway_store: Store, votes) -> None:
    votes()
    provider.text("OUI 12 parce que le banc manque", 1)
    listed = text_fields("OUI 12 parce que le banc manque", 1, ApiVersion="again")
    provider.post("/hooks/sms", listed)  # the same message in other bytes
    with gateway_store.read() as session:
        vault = vault_of(session)
        assert [one.sealed_raw for one in session.scalars(select(Arrival))] == [None]
        assert all(one.sealed_facts is None for one in session.scalars(select(Step)))
        bodies = {one.not_contribution: one.sealed_body for one in session.scalars(select(Part))}
        assert bodies[NotContribution.VOTE] is None
        part = session.scalars(select(Part).where(Part.not_contribution.is_(None))).one()
        assert (
            vault.open_text(session, part.key_id, part.sealed_body, place_of(Part.sealed_body, part))
            == "parce que le banc manque"
        )
        columns = {column.name for column in VoteRow.__table__.columns}
        assert columns == {"id", "consultation_id", "once", "sealed_said"}


def test_sealed_alike(provider: Provider, gateway_store: Store, votes) -> None:
    votes()
    for number, sender in enumerate(("+33611111111", "+33622222222"), 1):
        provider.text("OUI 12", number, sender)
    with gateway_store.read() as session:
        sealed = [one.sealed_said for one in session.scalars(select(VoteRow))]
    assert len({len(one) for one in sealed}) == 1
    assert sealed[0] != sealed[1]


def test_not_before_closing(gateway_store: Store, gateway_settings: Settings, provider: Provider, votes) -> None:
    asked = votes()
    provider.text("OUI 12", 1)
    with gateway_store.write() as session, pytest.raises(counting.TooEarly):
        counting.count_votes(session, 1, asked, asked.closes, gateway_settings.zone)
    assert "Votes are counted when all is closed" in provider.client.get(
        f"/consultations/{asked.slug}?lang=en", headers={"Accept-Language": "en"}
    ).get_data(as_text=True)


def test_erasing_the_words_keeps_the_voice(
    provider: Provider, gateway_store: Store, gateway_settings: Settings, votes
) -> None:
    asked = votes()
    provider.text("OUI 12. Il fait noir", 1)
    with gateway_store.write() as session:
        erase_contribution(session, session.scalars(select(Contribution.id)).one(), by=None, reason="asked")
    assert counted(gateway_store, gateway_settings, asked) == {12: 1}
    with gateway_store.read() as session:
        assert count_ledger(session).balanced


def test_after_a_question_of_ours_yes_is_its_answer(provider: Provider, gateway_store: Store, votes) -> None:
    votes()
    provider.text("Le banc de la place est sale, il faudrait le nettoyer.", 1)
    with gateway_store.read() as session:
        number = session.scalars(select(Contribution)).one().id
    reference = next(one for one in answers(gateway_store) if "SUIVI" in one).split("SUIVI ")[1][:9]
    provider.text(f"EFFACER {reference}", 2)
    provider.text("OUI 12", 3)
    provider.text("OUI", 4)
    with gateway_store.read() as session:
        states = [one.state.value for one in session.scalars(select(Step)) if one.kind.value == "erase"]
        book = count_ledger(session)
    assert (number, states, book.counts[Bucket.VOTE], book.balanced) == (number, ["open"], 1, True)


def test_two_cards_in_one_household(
    provider: Provider, gateway_store: Store, gateway_settings: Settings, votes
) -> None:
    asked = votes(by=VoteBy.CARD)
    with gateway_store.write() as session:
        version = consultation_versions.current_version(session, asked.slug)
        assert version is not None
        hers, his = cards.create_cards(session, version.consultation_id, 2)
    provider.text(f"OUI 12 CARTE {hers}", 1)
    provider.text(f"OUI 14, carte n° {his}", 2)
    provider.text("OUI 12", 3)
    provider.text("OUI 12 CARTE 111111118", 4)
    assert counted(gateway_store, gateway_settings, asked) == {12: 1, 14: 1}
    told = answers(gateway_store)
    assert [sum(what in one for one in told) for what in ("il faut le numéro", "n'existe pas")] == [1, 1]


def keyed(provider: Provider, digits: str, tries: int = 1, **more: str) -> str:
    place = "/hooks/voice/vote?l=fr" + (f"&n={tries}" if tries > 1 else "")
    return provider.post(place, call_fields(Digits=digits, **more)).get_data(as_text=True)


def test_by_telephone(provider: Provider, gateway_store: Store, gateway_settings: Settings, votes) -> None:
    asked = votes()
    assert "touche 5" in provider.post("/hooks/voice", call_fields()).get_data(as_text=True)
    asks = provider.post("/hooks/voice/key?l=fr", call_fields(Digits="5")).get_data(as_text=True)
    assert "Tapez le num" in asks
    assert "Aucun projet" in keyed(provider, "99")
    assert "voix est bien" in keyed(provider, "12", 2)
    keyed(provider, "12", 2)  # asked again
    keyed(provider, "14", 3)
    keyed(provider, "12", 4)  # back to the first
    assert counted(gateway_store, gateway_settings, asked) == {12: 1}
    with gateway_store.read() as session:
        book = count_ledger(session)
        assert (book.balanced, book.counts[Bucket.VOTE]) == (True, 3)
        for arrival in session.scalars(select(Arrival)):
            raw = bytes_in(arrival, "sealed_raw")
            assert b"Digits=12" not in raw
            assert b"Digits=14" not in raw


def test_a_withheld_number(provider: Provider, gateway_store: Store, votes) -> None:
    votes()
    assert "pas compter cette voix" in keyed(provider, "12", From="anonymous")
    with gateway_store.read() as session:
        assert session.scalars(select(VoteRow)).all() == []


def test_only_the_count_opens_the_box() -> None:
    """Nobody else reads the half that opens; the door's key, which opens webhooks, is another."""
    from pathlib import Path

    rooms = ("config", "channels", "inbox", "gateway", "workers")
    found = [
        path.as_posix()
        for room in rooms
        for path in Path(room).rglob("*.py")
        if "sealed_half" in path.read_text(encoding="utf-8") or "from_private_bytes" in path.read_text(encoding="utf-8")
    ]
    assert sorted(found) == [
        "gateway/base/door_keys.py",
        *sorted(path.as_posix() for path in Path("inbox/migrations/versions").glob("*_votes.py")),
        "inbox/models/vote_rows.py",
        "inbox/storage/open_halves.py",  # of master keys: derived from the key itself, by who holds it
        "inbox/votes/ballot_box.py",
        "inbox/votes/counting.py",
    ]


def test_closing_is_told(provider: Provider, gateway_store: Store, gateway_settings: Settings, votes) -> None:
    asked = votes()
    yesterday = utc_now().date() - timedelta(days=1)
    with gateway_store.write() as session:
        ended = asked.model_copy(update={"closes": yesterday, "opens": yesterday - timedelta(days=9)})
        consultation_versions.import_consultation(session, ended)
    provider.text("OUI 12", 1)
    assert [one for one in answers(gateway_store) if "vote est fini" in one]
    with gateway_store.read() as session:
        assert count_ledger(session).balanced
