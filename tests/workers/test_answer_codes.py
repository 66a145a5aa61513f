"""An individual answer is heard on any telephone by the code that came with it, and by no guess."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, update

from config.enums import Channel
from config.settings.sections.mail_section import Smtp
from gateway.answers.answer_dispatch import dispatch_due_answers
from inbox.answers.selection import RecipientSelection
from inbox.models import AnswerCodeTry, Message
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import place_of
from inbox.records import answer_codes, references
from inbox.storage.envelope_encryption import vault_of
from tests.gateway.conftest import NUMBER
from tests.workers.answered_town import mail, mobile
from tests.workers.test_call_backs import WORDS, Line, line

__all__ = ["line"]

HIS, WITHHELD = "+33298777777", "anonymous"


def answered(line: Line, channel: Channel = Channel.SMS, *, general: bool = False) -> tuple[str, str]:
    """Somebody is answered by text or mail: the reference, and what they get."""
    sender = mobile(77) if channel is Channel.SMS else mail("lea")
    made = line.town.comes(channel, sender)
    line.town.answers(RecipientSelection(numbers=(made,)), WORDS, is_general=general)
    smtp = Smtp(host="127.0.0.1", port=9, tls="none", sender="avis@ville.example")
    dispatch_due_answers(line.town.store, line.here.settings.model_copy(update={"smtp": smtp}))
    with line.town.store.read() as session:
        [message] = session.scalars(
            select(Message).where(Message.channel == channel, Message.contribution_id.is_(None))
        )
        body = vault_of(session).open_json(
            session, message.key_id, message.sealed_body, place_of(Message.sealed_body, message)
        )
        return references.reference_of(session, made), str(body["body"])


def code_in(letter: str) -> str:
    [code] = re.findall(r"code ([0-9]{6})", letter)
    return code


def other(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 1_000_000:06d}"


def heard(line: Line, *keys: str, caller: str = HIS) -> str:
    return " / ".join(line.telephone.call(caller, NUMBER, None, keys=("2", *keys)).said)


@pytest.mark.parametrize("caller", [HIS, WITHHELD])
@pytest.mark.parametrize("channel", [Channel.SMS, Channel.EMAIL])
def test_the_code_that_came_with_it_opens_it(line: Line, channel: Channel, caller: str) -> None:
    reference, letter = answered(line, channel)
    assert WORDS in letter
    code = code_in(letter)
    assert WORDS not in heard(line, reference, caller=caller)
    assert WORDS in heard(line, reference, code, caller=caller)
    # Once more by key 1, in the same call; another call asks for the code again.
    assert heard(line, reference, code, "1", caller=caller).count(WORDS) == 2
    assert WORDS not in heard(line, reference, caller=caller)


def test_a_general_answer_needs_none(line: Line) -> None:
    reference, letter = answered(line, general=True)
    assert "code" not in letter
    assert WORDS in heard(line, reference)


def test_whoever_answers_from_their_own_telephone_needs_none(line: Line) -> None:
    reference, _letter = answered(line)
    assert WORDS in heard(line, reference, caller=mobile(77).value)


# What is keyed after the reference (``right``: the code; ``wrong``: another) -> whether the answer is heard.
KEYED = {
    "wrong, then right": (("wrong", "right"), True),
    "twice wrong, then right": (("wrong", "wronger", "right"), True),
    "three times wrong ends it": (("wrong", "wronger", "wrongest", "right"), False),
    "the code of another answer": (("another",), False),
    "too short": (("12",), False),
    "nothing": ((), False),
    "a key": (("3",), False),
}


@pytest.mark.parametrize("name", KEYED)
def test_what_is_keyed(line: Line, name: str) -> None:
    keys, is_heard = KEYED[name]
    reference, letter = answered(line)
    code = code_in(letter)
    with line.town.store.read() as session:
        another = answer_codes.answer_code(vault_of(session).keyring, 999, 1)
    meant = {"right": code, "wrong": other(code), "wronger": other(code, 2), "wrongest": other(code, 3)}
    said = heard(line, reference, *[meant.get(key, another if key == "another" else key) for key in keys])
    assert (WORDS in said) == is_heard


def test_guesses_are_limited_for_the_answer_whoever_makes_them(line: Line) -> None:
    reference, letter = answered(line)
    code = code_in(letter)
    for number in range(answer_codes.WRONG_IN_A_DAY):
        assert "pas le code" in heard(line, reference, other(code, number + 1), caller=f"+3329877770{number}")
    assert "Trop de codes" in heard(line, reference, code, caller="+33298777799")
    assert WORDS in heard(line, reference, caller=mobile(77).value)  # who gave the opinion is not locked out
    with line.town.store.write() as session:  # a day later
        session.execute(update(AnswerCodeTry).values(at=utc_now() - 2 * answer_codes._DAY))
    assert WORDS in heard(line, reference, code)


def test_in_all_there_are_few(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_codes, "WRONG_IN_ALL", 1)
    reference, letter = answered(line)
    heard(line, reference, other(code_in(letter)))
    with line.town.store.write() as session:
        session.execute(update(AnswerCodeTry).values(at=utc_now() - 400 * answer_codes._DAY))
    assert WORDS not in heard(line, reference, code_in(letter))


def test_the_same_request_twice_is_one_guess(line: Line) -> None:
    reference, letter = answered(line)
    wrong = other(code_in(letter))
    with line.town.store.write() as session:
        given = session.scalars(select(answer_codes.GivenAnswer)).one()
        for _again in range(10):
            assert answer_codes.try_code(session, given, 1, wrong) is answer_codes.CodeTried.WRONG
        assert answer_codes.try_code(session, given, 2, code_in(letter)) is answer_codes.CodeTried.RIGHT
    assert reference
