"""An answer in the voice of whoever spoke it: handed in or dictated by telephone, checked, and played to callers."""

from __future__ import annotations

import io
import wave
from array import array
from pathlib import Path

import pytest
import requests

from config.answer_states import GivenState
from config.enums import Bucket, Role
from gateway.answers.answer_dispatch import dispatch_due_answers
from inbox.accounts import staff
from inbox.answers import answer_recordings, drafting
from inbox.answers.answer_recordings import SoundProblem, SoundState
from inbox.answers.drafting import AnswerContent, AnswerGone, SecondPersonNeeded
from inbox.answers.selection import RecipientSelection
from inbox.erasure.erase import erase_contribution
from inbox.listings.ledger import count_ledger
from inbox.listings.visibility import EVERYTHING
from inbox.models import Answer, Contribution
from inbox.records import references
from tests.gateway.conftest import NUMBER
from tests.workers.answered_town import FIXED
from tests.workers.test_call_backs import Line, line
from workers.caretaking.spoken_files import prepare_spoken_answers
from workers.runtime.watcher_context import WatcherContext

__all__ = ["line"]


def sound(seconds: float = 1.0, rate: int = 8000) -> bytes:
    """A WAV file of a tone."""
    kept = io.BytesIO()
    with wave.open(kept, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(array("h", [8000 if n // 20 % 2 else -8000 for n in range(int(seconds * rate))]).tobytes())
    return kept.getvalue()


def draft(line: Line, general: bool = True) -> int:
    with line.town.store.write() as session:
        chosen = RecipientSelection(numbers=(line.contribution,))
        meant = AnswerContent({"fr": "Le banc sera posé en mai."}, is_general=general)
        return drafting.create_draft(session, chosen, meant, line.town.official, EVERYTHING).id


def hand_in(line: Line, answer: int, content: bytes) -> tuple[str, str | None]:
    """Hand a file in, have it made ready: its state, and what is the matter."""
    with line.town.store.write() as session:
        answer_recordings.save_source(session, answer, "fr", line.town.official, content=content)
    return made_ready(line, answer)


def made_ready(line: Line, answer: int) -> tuple[str, str | None]:
    prepare_spoken_answers(WatcherContext(line.here.settings, line.town.store))
    with line.town.store.read() as session:
        [found] = answer_recordings.recordings_of(session, answer)
        return found.state, found.problem


def leaves(line: Line, answer: int) -> None:
    with line.town.store.write() as session:
        row = session.get_one(Answer, answer)
        drafting.submit_answer(session, answer, line.town.official, row.revision)
    dispatch_due_answers(line.town.store, line.here.settings)


def heard_by_calling(line: Line) -> tuple[list[str], list[bytes]]:
    """What somebody hears who calls and keys the reference: words, and what is played."""
    with line.town.store.read() as session:
        number = references.reference_of(session, line.contribution)
    call = line.telephone.call(FIXED.value, NUMBER, None, keys=("2", number))
    bodies = "".join(one.body for one in call.deliveries)
    urls = [one.partition("</Play>")[0].replace("&amp;", "&") for one in bodies.split("<Play>")[1:]]
    base = line.telephone._connect_to
    return call.said, [requests.get(base + url.partition(".example")[2], timeout=5).content for url in urls]


def test_a_file_is_played_in_the_place_of_the_voice(line: Line) -> None:
    answer = draft(line)
    assert hand_in(line, answer, sound()) == (SoundState.READY, None)
    leaves(line, answer)
    said, played = heard_by_calling(line)
    assert any("Voici la réponse de la ville" in one for one in said)
    assert not any("banc" in one for one in said)
    assert [one[:3] in (b"ID3", b"\xff\xf3\x44") or one[0] == 0xFF for one in played] == [True]
    [placed] = line.calls()
    assert not any("banc" in one for one in line.telephone.pick_up(placed, keys=("1",)).said)


BAD: dict[str, tuple[bytes, SoundProblem]] = {
    "text": (b"Bonjour, voici la reponse de la ville." * 9, SoundProblem.NO_SOUND),
    "an empty WAV": (sound(0), SoundProblem.NO_SOUND),
    "a cut header": (sound()[:30], SoundProblem.NO_SOUND),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 400, SoundProblem.NO_SOUND),
    "six minutes": (sound(360), SoundProblem.TOO_LONG),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_sound_is_told_and_the_voice_reads(name: str, line: Line) -> None:
    content, problem = BAD[name]
    answer = draft(line)
    assert hand_in(line, answer, content) == (SoundState.FAILED, problem)
    leaves(line, answer)
    said, played = heard_by_calling(line)
    assert any("banc" in one for one in said)
    assert played == []


def dictate(line: Line, code: str, caller: str = "+33298555555", keys: tuple[str, ...] = ()) -> list[str]:
    """An official calls, keys the code, and speaks."""
    return line.telephone.call(caller, NUMBER, sound(2), keys=("2", code, *keys)).said


def test_an_official_speaks_it_on_the_telephone(line: Line) -> None:
    answer = draft(line)
    with line.town.store.write() as session:
        code = answer_recordings.issue_code(session, answer, "fr", line.town.official)
    assert code.startswith("0")
    said = dictate(line, code)
    assert any("Vous enregistrez la réponse" in one for one in said)
    assert any("C'est enregistré" in one for one in said)
    assert made_ready(line, answer) == (SoundState.READY, None)
    with line.town.store.write() as session:
        revision = session.get_one(Answer, answer).revision
        [url] = list(line.telephone.api.recordings)
        account = line.telephone.api.account_sid
        told = f"{line.telephone.base}/2010-04-01/Accounts/{account}/Recordings/{url}"
        answer_recordings.save_source(session, answer, "fr", line.town.official, url=told)  # told of once more, late
        assert session.get_one(Answer, answer).revision == revision
    with line.town.store.read() as session:
        assert session.query(Contribution).count() == 1  # the official's words are nobody's contribution
        book = count_ledger(session)
        assert (book.balanced, book.counts[Bucket.NOT_CONTRIBUTION]) == (True, 1)
    assert not any("Vous enregistrez" in one for one in dictate(line, code))  # in one call only
    leaves(line, answer)
    assert len(heard_by_calling(line)[1]) == 1


def test_a_code_that_is_none_tells_nothing(line: Line) -> None:
    assert not any("Vous enregistrez" in one for one in dictate(line, "012345678"))


def test_what_has_left_is_not_spoken_over(line: Line) -> None:
    answer = draft(line)
    with line.town.store.write() as session:
        code = answer_recordings.issue_code(session, answer, "fr", line.town.official)
    leaves(line, answer)
    dictate(line, code)
    with line.town.store.read() as session:
        assert answer_recordings.recordings_of(session, answer) == []
    with line.town.store.write() as session, pytest.raises(AnswerGone):
        answer_recordings.save_source(session, answer, "fr", line.town.official, content=sound())


def test_whoever_spoke_it_does_not_approve_it(line: Line) -> None:
    line.town.open_again(second_person=True)
    answer = draft(line)
    with line.town.store.write() as session:
        reader = staff.create_person(session, "ana", "Ana", staff.PasswordHash("x"), [Role.OFFICIAL]).id
        answer_recordings.save_source(session, answer, "fr", line.town.colleague, content=sound())
        revision = session.get_one(Answer, answer).revision
        drafting.submit_answer(session, answer, line.town.official, revision)
        with pytest.raises(SecondPersonNeeded):
            drafting.approve_answer(session, answer, line.town.colleague, revision + 1)
        drafting.approve_answer(session, answer, reader, revision + 1)


def test_erasing_the_contribution_erases_what_was_spoken_to_it(line: Line) -> None:
    answer = draft(line, general=False)
    hand_in(line, answer, sound())
    leaves(line, answer)
    with line.town.store.write() as session:
        erase_contribution(session, line.contribution, line.town.official, "error")
    with line.town.store.read() as session:
        assert answer_recordings.recordings_of(session, answer) == []


def test_another_file_takes_the_place_of_the_first(line: Line, tmp_path: Path) -> None:
    answer = draft(line)
    hand_in(line, answer, sound())
    with line.town.store.read() as session:
        first = answer_recordings.sound_of(session, 1)
    assert hand_in(line, answer, sound(3)) == (SoundState.READY, None)
    with line.town.store.write() as session:
        assert answer_recordings.sound_of(session, 1) != first
        answer_recordings.delete_recording(session, answer, "fr", line.town.official)
    leaves(line, answer)
    assert heard_by_calling(line)[1] == []
    assert line.given(answer)[1] in (GivenState.HEARD, GivenState.SENDING)
