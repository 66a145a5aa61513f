"""A town of so many contributions, with something of everything in it: the same for the same number, made in bulk.

What it says is invented; rows stand as the front door and the workers leave them. Nothing waits to be done.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from config.enums import (
    ArrivalKind,
    Channel,
    Moderation,
    NotContribution,
    Reading,
    Role,
    SetAsideReason,
    StepKind,
    StepState,
    TagSource,
    TextOrigin,
)
from config.settings.schema import PACKAGED_CONSULTATIONS
from config.wording.consultation import read_consultation
from inbox.consultations.consultation_versions import import_consultation
from inbox.contributions import search_index
from inbox.contributions.optimistic_locking import MERGED
from inbox.models import (
    Arrival,
    Base,
    Centre,
    Contribution,
    ContributionLink,
    ContributionPart,
    DataKey,
    History,
    Intake,
    Part,
    Person,
    PersonRole,
    Reference,
    SearchTokens,
    Step,
    Tag,
    TextVersion,
)
from inbox.models.sealed_places import place_of
from inbox.records.references import check_digit
from inbox.storage import crypto
from inbox.storage.database import Store

SLUG = "rues-et-places"
AT_ONCE = 2000
"""Contributions in one transaction."""
FIRST_DAY = datetime(2026, 1, 5, 8, tzinfo=UTC)

_OPENINGS = ("Il manque", "Je voudrais", "Merci de prévoir", "Pourquoi pas", "On demande", "Nous aimerions")
_THINGS = ("un banc", "des arbres", "plus de bus", "une fontaine", "un passage piéton", "des lampadaires", "un arrêt")
_PLACES = ("rue de Siam", "place de la Liberté", "devant l'école", "au marché", "près du port", "au jardin")
_REASONS = ("pour les personnes âgées", "parce que les camions passent trop vite", "le soir", "quand il pleut", "")
_PEOPLE = (("lena", Role.MODERATOR), ("elu", Role.OFFICIAL), ("accueil", Role.CENTRE))

Rows = dict[type[Base], list[dict[str, Any]]]

# A vote has a bucket of its own, and comes by a door of its own.
_JUDGED = [kind for kind in NotContribution if kind is not NotContribution.VOTE]


@dataclass(frozen=True)
class Town:
    """Who can sign in, by login, and some of what there is."""

    people: dict[str, int]
    contributions: int


@dataclass
class _Maker:
    """Makes the rows of one contribution after another."""

    store: Store
    version: int
    consultation: int
    themes: list[str]
    centres: list[int]
    dice: random.Random
    rows: Rows = field(default_factory=dict)
    at: datetime = FIRST_DAY
    keys: int = 0
    form: int = 0
    batch: int | None = None

    def __post_init__(self) -> None:
        said = (" ".join(words).strip() for words in _sentences())
        key = self.store.keyring.search_key
        self.sentences = [(one, search_index.index_tokens(key, one, "fr")) for one in said]
        self.rare = [search_index.hash_tokens(key, [f"rare{number}"])[0] for number in range(200)]

    def add(self, model: type[Base], **values: Any) -> None:
        self.rows.setdefault(model, []).append(values)

    def key(self) -> tuple[int, bytes]:
        self.keys += 1
        key = crypto.new_key()
        master, wrapped = self.store.keyring.wrap(key)
        self.add(DataKey, id=self.keys, master_id=master, wrapped=wrapped, created_at=self.at, destroyed_at=None)
        return self.keys, key

    def one(self, number: int) -> None:
        """One contribution with all that belongs to it; its number is that of its intake, part and reference, too."""
        dice = self.dice
        self.at += timedelta(seconds=dice.randrange(20, 400))
        channel = dice.choices(list(Channel), (50, 15, 15, 20))[0]
        judged = dice.choices(_JUDGED)[0] if dice.random() < 0.02 else None
        erased = self.at + timedelta(days=2) if judged is None and dice.random() < 0.003 else None
        self._arrived(number, channel, judged, erased)
        if judged is None:
            self._said(number, channel, erased)

    def _arrived(self, number: int, channel: Channel, judged: NotContribution | None, erased: datetime | None) -> None:
        key_id, key = self.key()
        scanned = channel is Channel.PAPER
        self._next_form(number, scanned=scanned)
        self.add(
            Intake,
            id=number,
            channel=channel,
            account="+33200000000",
            external_id=f"X{number}",
            consultation_version_id=self.version,
            key_id=key_id,
            language="fr",
            batch_id=self.batch if scanned and self.batch != number else None,
            centre_id=self.dice.choice(self.centres) if scanned else None,
            received_at=self.at,
            erased_at=erased,
        )
        arrival = {"intake_id": number, "digest": f"{number:064x}"}
        self.add(
            Arrival,
            **arrival,
            kind=ArrivalKind.FILE if scanned else ArrivalKind.WEBHOOK,
            size=9,
            sealed_raw=None if erased else crypto.seal(key, b"something", place_of(Arrival.sealed_raw, arrival)),
            arrived_at=self.at,
        )
        kind = StepKind.SPLIT_PAGES if scanned else StepKind.TAKE_IN_TEXT
        broken = self.dice.random() < 0.004
        self.add(
            Step,
            kind=kind,
            queue=kind.queue,
            intake_id=number,
            part_id=None,
            state=StepState.QUARANTINED if broken else StepState.DONE,
            attempts=3 if broken else 0,
            token=1,
            not_before=self.at,
            reason="The file is damaged." if broken else None,
            created_at=self.at,
            ended_at=self.at,
        )
        part = {"intake_id": number, "part_key": "text"}
        self.add(
            Part,
            id=number,
            **part,
            channel=channel,
            consultation_version_id=self.version,
            key_id=key_id,
            language="fr",
            reading=Reading.READ,
            not_contribution=judged,
            sealed_body=None if erased else crypto.seal(key, b"Stop", place_of(Part.sealed_body, part)),
            created_at=self.at,
            erased_at=erased,
        )

    def _next_form(self, number: int, *, scanned: bool) -> None:
        """Some ten scanned files are handed in together."""
        if scanned:
            self.batch = number if self.form % 10 == 0 else self.batch
            self.form += 1

    def _said(self, number: int, channel: Channel, erased: datetime | None) -> None:
        dice = self.dice
        key_id, key = self.key()
        by_machine = channel in (Channel.VOICEMAIL, Channel.PAPER)
        state = dice.choices(list(Moderation), (20, 65, 15))[0]
        reading = dice.choices(list(Reading), (1, 96, 3))[0] if state is Moderation.IN_REVIEW else Reading.READ
        self.add(
            Contribution,
            id=number,
            consultation_id=self.consultation,
            channel=channel,
            key_id=key_id,
            language="fr",
            reading=reading,
            moderation=state,
            set_aside_reason=dice.choice(list(SetAsideReason)) if state is Moderation.SET_ASIDE else None,
            revision=1,
            confidence=round(dice.uniform(0.5, 0.98), 3) if by_machine else None,
            created_at=self.at,
            erased_at=erased,
        )
        self.add(ContributionPart, contribution_id=number, part_id=number)
        seven = str(10_000_000 + number)
        self.add(Reference, number=seven + check_digit(seven), contribution_id=number, issued_at=self.at)
        self.add(History, subject=f"contribution:{number}", action="arrived", details={}, at=self.at)
        if state is not Moderation.IN_REVIEW:
            action = "publish" if state is Moderation.PUBLISHED else "set_aside"
            self.add(History, subject=f"contribution:{number}", action=action, details={}, at=self.at)
        if number > 1 and dice.random() < 0.005:
            self.add(ContributionLink, from_id=number, to_id=1, kind=MERGED, created_at=self.at)
        if erased is None:
            self._text(number, key, by_machine=by_machine and state is Moderation.IN_REVIEW)
            self._tags(number)

    def _text(self, number: int, key: bytes, *, by_machine: bool) -> None:
        said, tokens = self.dice.choice(self.sentences)
        origin = TextOrigin.MACHINE if by_machine else TextOrigin.PERSON
        for version in (1, 2) if self.dice.random() < 0.3 else (1,):
            row = {"contribution_id": number, "number": version}
            body = crypto.seal(key, said.encode(), place_of(TextVersion.sealed_body, row))
            self.add(TextVersion, **row, origin=origin, sealed_body=body, created_at=self.at)
        # A word of its own makes some searches narrow: every two-hundredth says the same.
        tokens = f"{tokens} {self.rare[number % 200]}"
        self.add(SearchTokens, contribution_id=number, tokens=tokens, rules=search_index.RULES)

    def _tags(self, number: int) -> None:
        weights = [len(self.themes) - place for place in range(len(self.themes))]
        for name in set(self.dice.choices(self.themes, weights, k=self.dice.choice((0, 1, 2, 2, 3)))):
            self.add(
                Tag,
                contribution_id=number,
                name=name,
                source=TagSource.RULE,
                because="",
                confirmed=False,
                removed=self.dice.random() < 0.05,
                created_at=self.at,
            )


def _sentences() -> Iterator[tuple[str, ...]]:
    for opening in _OPENINGS:
        for thing in _THINGS:
            for place in _PLACES:
                for reason in _REASONS:
                    yield opening, thing, place, reason


def fill(store: Store, contributions: int) -> Town:
    """Fill an empty store; a few seconds for each ten thousand."""
    with store.write() as session:
        version = import_consultation(session, read_consultation(PACKAGED_CONSULTATIONS / f"{SLUG}.toml"))
        themes = [theme["key"] for theme in version.body["themes"]]
        made = {"version": version.id, "consultation": version.consultation_id, "themes": themes}
        session.add(Centre(slug="le-port", name="Le port"))
        session.flush()
        centres = [centre.id for centre in session.query(Centre).order_by(Centre.id)]
        people = {login: _person(session, login, role, centres[0]) for login, role in _PEOPLE}
    maker = _Maker(store, **made, centres=centres, dice=random.Random(contributions))
    for start in range(1, contributions + 1, AT_ONCE):
        for number in range(start, min(start + AT_ONCE, contributions + 1)):
            maker.one(number)
        with store.write() as session:
            for model in Base.metadata.sorted_tables:
                _insert(session, maker.rows, model.name)
        maker.rows.clear()
    _settle(store)
    return Town(people, contributions)


def _insert(session: Session, rows: Rows, table: str) -> None:
    for model, values in rows.items():
        if model.__tablename__ == table:
            session.connection().execute(insert(model.__table__), values)  # type: ignore[arg-type] # a Table


def _person(session: Session, login: str, role: Role, centre: int) -> int:
    """Somebody who never signs in with a password: making one is slow by intention."""
    person = Person(login=login, name=login.capitalize(), password_hash="", active=True)
    person.centre_id = centre if role is Role.CENTRE else None
    person.roles = [PersonRole(role=role)]
    session.add(person)
    session.flush()
    return person.id


def _settle(store: Store) -> None:
    """Numbers go on after ours, and the planner knows what there is, as after a while of running."""
    with store.write() as session:
        if session.get_bind().dialect.name == "postgresql":
            for table in ("data_key", "intake", "part", "contribution"):
                following = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
                session.execute(text(following))
            session.execute(text("ANALYZE"))
