"""Towns whose reports are tried: residents who say the same, alone, by mistake, and what may never be quoted."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from config.enums import Channel, Role, SetAsideReason
from config.settings.schema import PACKAGED_CONSULTATIONS
from config.wording.consultation import read_consultation
from inbox.accounts.staff import create_person
from inbox.consultations.consultation_versions import import_consultation
from inbox.contributions import moderation, tags, text_versions
from inbox.models import Contribution, Intake
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from tests.inbox import makers
from workers.tasks.making_sense import SenseMaker

SLUG = "rues-et-places"

CAMPAIGN = (
    "Nous demandons que la ligne 3 passe aussi le dimanche jusqu’à la gare, car beaucoup de salariés, de soignants et "
    "d’étudiants n’ont aucun autre moyen de rentrer chez eux."
)
OWN = "Je suis infirmière de nuit à la clinique et je rentre à pied depuis quatre ans, par tous les temps."
ASKED = "Quand est-ce que la rue des Lilas sera refaite ?"
SECRET = "Monsieur Kerzoncuf"
"""What a moderator masks: it may stand nowhere in a report."""

_WHAT = (
    "un banc",
    "une fontaine",
    "des arbres",
    "un abri pour les vélos",
    "un passage piéton",
    "des lampadaires",
    "un jeu",
)
_WHERE = ("devant l’école Jules-Ferry", "place du Marché", "au bord du canal", "derrière la mairie", "rue des Lilas")
_WHY = (
    "pour les anciens qui attendent",
    "car il fait noir dès cinq heures",
    "et personne n’écoute",
    "les enfants jouent là",
)
_HOW = ("Il manque {} {}, {}.", "Pourquoi pas {} {} ? {} !", "Nous aimerions {} {}. {}…", "{} {} ne sert à rien, {}.")


@dataclass
class ReportTown:
    """Who lives there, by what became of what they said."""

    store: Store
    people: dict[str, int] = field(default_factory=dict)
    published: list[int] = field(default_factory=list)
    campaign: list[int] = field(default_factory=list)
    own_voice: int = 0
    masked: int = 0
    set_aside: list[int] = field(default_factory=list)
    in_review: list[int] = field(default_factory=list)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Paris"))


def town_of(store: Store, seed: int, voices: int = 24) -> ReportTown:
    """A town of its own for each seed, made through the inbox's own functions, and made sense of."""
    dice, town = random.Random(seed), ReportTown(store)
    with store.write() as session:
        version = import_consultation(session, read_consultation(PACKAGED_CONSULTATIONS / f"{SLUG}.toml"))
        for login, role in (("mod", Role.MODERATOR), ("elu", Role.OFFICIAL)):
            town.people[login] = create_person(session, login, login.capitalize(), "", [role]).id
        by = town.people["mod"]
        size = dice.randrange(5, 12)
        said = [_one(dice) for _ in range(voices)] + [_mangled(dice, CAMPAIGN) for _ in range(size)]
        said.insert(0, ASKED)
        voices += 1
        said += [f"{CAMPAIGN} {OWN}", f"{SECRET} gare sa voiture sur le trottoir devant chez moi."]
        for number, body in enumerate(said):
            channel = dice.choice([Channel.SMS, Channel.EMAIL])
            inside = makers.intake(session, channel, version)
            inside.received_at = utc_now() - timedelta(days=dice.randrange(40))
            made = makers.contribution_of(session, makers.part(session, inside, body))
            is_campaign, is_masked = number >= voices or number == 0, number == len(said) - 1
            if is_masked:
                text_versions.correct_text(session, made.id, body.replace(SECRET, "[…]"), by, None)
                town.masked = made.id
            _decide(session, town, made, by, dice, keep=is_campaign)
            if voices <= number < len(said) - 1:
                town.campaign.append(made.id)
            if number == len(said) - 2:
                town.own_voice = made.id
    SenseMaker(store).run()
    return town


def _one(dice: random.Random) -> str:
    return dice.choice(_HOW).format(dice.choice(_WHAT), dice.choice(_WHERE), dice.choice(_WHY)).capitalize()


def _mangled(dice: random.Random, body: str) -> str:
    """As somebody else types it, or a machine hears it."""
    words = body.split()
    for _ in range(dice.randrange(3)):
        at = dice.randrange(len(words))
        words[at] = words[at].replace("é", "e").replace("ss", "s") if dice.random() < 0.5 else words[at].lower()
    return " ".join(words)


def _decide(session, town: ReportTown, made: Contribution, by: int, dice: random.Random, *, keep: bool) -> None:  # type: ignore[no-untyped-def]
    chance = 0.0 if keep else dice.random()
    theme = dice.choice(("mobilite", "nature", "mobilier", "proprete"))
    if dice.random() < 0.7:
        tags.suggest_tags(session, made.id, [(theme, ["banc"])])
        if dice.random() < 0.5:
            tags.confirm_tag(session, made.id, theme, by)
        elif dice.random() < 0.4:
            tags.remove_tag(session, made.id, theme, by)
    if chance < 0.7:
        moderation.decide_contribution(session, made.id, "publish", by=by, expect_revision=None)
        town.published.append(made.id)
    elif chance < 0.85:
        moderation.decide_contribution(
            session, made.id, "set_aside", reason=dice.choice(list(SetAsideReason)), by=by, expect_revision=None
        )
        town.set_aside.append(made.id)
    else:
        town.in_review.append(made.id)


def arrived(session, contribution_id: int) -> Intake | None:  # type: ignore[no-untyped-def]
    """The first intake of a contribution."""
    found = session.get(Contribution, contribution_id)
    return found.parts[0].intake if found and found.parts else None
