"""Voices that callers lend: heard only with their yes and a moderator's, as wished, and no longer than that."""

from __future__ import annotations

import pytest
import requests
from sqlalchemy import select, update

from config.enums import MediumKind, Moderation
from gateway.intake.new_parts import NewMedium
from gateway.intake.part_media import add_medium
from inbox.erasure.erase import erase_contribution
from inbox.models import Contribution, ContributionPart, Part
from inbox.storage.envelope_encryption import vault_of
from inbox.wishes import caller_wishes, lent_voices
from inbox.wishes.lent_voices import NotLent
from tests.gateway.conftest import NUMBER
from tests.workers.answered_town import SLUG
from tests.workers.test_call_backs import Line, _intake, line
from tests.workers.test_spoken_answers import sound
from workers.caretaking.spoken_files import prepare_lent_voices
from workers.runtime.watcher_context import WatcherContext

__all__ = ["line"]

PUBLISHED = f"/consultations/{SLUG}/published"


def records(line: Line) -> None:
    """The recording of the message is here."""
    store = line.town.store
    with store.read() as session:
        part_id, key_id = session.execute(
            select(Part.id, Part.key_id)
            .join(ContributionPart, ContributionPart.part_id == Part.id)
            .where(ContributionPart.contribution_id == line.contribution)
        ).one()
        key = vault_of(session).key_of(session, key_id)
    kept = store.vault.store(key, sound(1))
    with store.write() as session:
        vault_of(session).offer(session, [kept.locator])
        add_medium(
            session, session.get_one(Part, part_id), 1, NewMedium(MediumKind.RECORDING, "audio/wav", stored=kept)
        )


def wishes(line: Line, wish: str) -> None:
    with line.town.store.write() as session:
        caller_wishes.save_wish(session, _intake(session, line.contribution), wish)


def lets(line: Line) -> None:
    with line.town.store.write() as session:
        lent_voices.let_be_heard(session, line.contribution, line.town.official)
    prepare_lent_voices(WatcherContext(line.here.settings, line.town.store))


def played(line: Line) -> list[bytes]:
    """What somebody else hears by key 4, apart from words."""
    call = line.telephone.call("+33298777777", NUMBER, None, keys=("4",))
    bodies = "".join(one.body for one in call.deliveries)
    urls = [one.partition("</Play>")[0].replace("&amp;", "&") for one in bodies.split("<Play>")[1:]]
    base = line.telephone._connect_to
    got = [requests.get(base + url.partition(".example")[2], timeout=5) for url in urls]
    return [one.content for one in got if one.status_code == 200]


def test_it_is_heard_as_wished(line: Line) -> None:
    records(line)
    assert played(line) == []
    with line.town.store.write() as session, pytest.raises(NotLent):
        lent_voices.let_be_heard(session, line.contribution, line.town.official)
    wishes(line, "own_voice")
    assert played(line) == []  # nobody has listened yet
    lets(line)
    [own] = played(line)
    wishes(line, "altered_voice")
    assert played(line) == []  # what was wished since is another thing
    lets(line)
    [altered] = played(line)
    assert altered != own


def heard_online(line: Line, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    """What the public page plays."""
    base = line.telephone._connect_to
    got = requests.get(f"{base}{PUBLISHED}/{line.contribution}/own-voice.mp3", headers=headers, timeout=30)
    return got.status_code, got.content


def test_it_is_heard_online_by_a_yes_of_its_own(line: Line) -> None:
    records(line)
    wishes(line, "altered_voice")
    lets(line)
    assert heard_online(line)[0] == 404
    wishes(line, "online")
    assert heard_online(line)[0] == 404  # no moderator has let it be heard there
    assert len(played(line)) == 1
    lets(line)
    [by_telephone] = played(line)
    assert heard_online(line) == (200, by_telephone)
    assert heard_online(line, {"Range": "bytes=10-19"}) == (206, by_telephone[10:20])
    page = requests.get(f"{line.telephone._connect_to}{PUBLISHED}/{line.contribution}?lang=en", timeout=30).text
    assert "altered at their wish" in page
    assert 'preload="none"' in page
    wishes(line, "own_voice")
    assert heard_online(line)[0] == 404


@pytest.mark.parametrize("ends", ["taken back", "set aside", "silenced", "erased"])
def test_it_is_heard_no_longer(line: Line, ends: str) -> None:
    records(line)
    wishes(line, "own_voice")
    wishes(line, "online")
    lets(line)
    assert len(played(line)) == 1
    assert heard_online(line)[0] == 200
    with line.town.store.write() as session:
        if ends == "taken back":
            caller_wishes.save_wish(session, _intake(session, line.contribution), "taken_back")
        elif ends == "set aside":
            session.execute(update(Contribution).values(moderation=Moderation.IN_REVIEW))
        elif ends == "silenced":
            lent_voices.silence(session, line.contribution, line.town.official)
        else:
            erase_contribution(session, line.contribution, line.town.official, "error")
    assert played(line) == []
    assert heard_online(line)[0] == 404
    with line.town.store.read() as session:
        assert lent_voices.voice_sound(session, line.contribution) is None
