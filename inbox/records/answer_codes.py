"""Codes by which an individual answer is heard on another telephone than the one that gave the opinion.

The code stands in the letter, text or mail that brings the answer. It is derived from the key that never rotates, so a
letter that is printed again has the same one, and nothing here has to keep it. Guesses are limited for each answer,
whoever makes them: a few in a day, and a few more in all, after which only a person tells it.
"""

from __future__ import annotations

import hmac
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inbox.models import AnswerCodeTry, GivenAnswer
from inbox.models.column_types import utc_now
from inbox.storage.crypto import Keyring
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.upsert import insert_if_new

DIGITS = 6
WRONG_IN_A_DAY = 5
WRONG_IN_ALL = 20
"""With a million codes, whoever uses up every guess at an answer hears it once in 50,000 times."""
_DAY = timedelta(days=1)


class CodeTried(StrEnum):
    """What came of a code that was keyed."""

    RIGHT = "right"
    WRONG = "wrong"
    TOO_MANY = "too_many"
    """Nothing was compared: too many wrong ones were keyed before."""


def answer_code(keyring: Keyring, answer_id: int, contribution_id: int) -> str:
    """The six digits by which an answer to a contribution is heard."""
    number = int(keyring.keyed_hash("answer_code", f"{answer_id} {contribution_id}".encode()), 16)
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def try_code(session: Session, given: GivenAnswer, intake_id: int, digits: str) -> CodeTried:
    """Compare digits that were keyed in a call; the same digits in the same call count once, and end alike."""
    code = answer_code(vault_of(session).keyring, given.answer_id, given.contribution_id)
    is_right = hmac.compare_digest(code.encode(), digits.encode())
    # Locked, so that guesses of many calls at once are counted one after the other.
    session.get_one(GivenAnswer, given.id, with_for_update=True, populate_existing=True)
    tag = _hashed(session, "answer_code_try", f"{given.id} {intake_id} {digits}")
    known = session.scalar(select(AnswerCodeTry).where(AnswerCodeTry.given_id == given.id, AnswerCodeTry.tag == tag))
    if known is not None:
        return CodeTried.RIGHT if known.is_right else CodeTried.WRONG
    if _is_used_up(session, given.id):
        return CodeTried.TOO_MANY
    insert_if_new(session, AnswerCodeTry, given_id=given.id, tag=tag, is_right=is_right, at=utc_now())
    if is_right:
        proof = _proof(session, given.id, intake_id)
        insert_if_new(session, AnswerCodeTry, given_id=given.id, tag=proof, is_right=True, at=utc_now())
    return CodeTried.RIGHT if is_right else CodeTried.WRONG


def is_proven(session: Session, given_id: int, intake_id: int) -> bool:
    """Whether the right code was keyed in a call."""
    proof = _proof(session, given_id, intake_id)
    return session.scalar(select(AnswerCodeTry.id).where(AnswerCodeTry.tag == proof)) is not None


def _is_used_up(session: Session, given_id: int) -> bool:
    wrong = select(func.count()).where(AnswerCodeTry.given_id == given_id, AnswerCodeTry.is_right.is_(False))
    in_all = session.scalar(wrong) or 0
    today = session.scalar(wrong.where(AnswerCodeTry.at > utc_now() - _DAY)) or 0
    return in_all >= WRONG_IN_ALL or today >= WRONG_IN_A_DAY


def _proof(session: Session, given_id: int, intake_id: int) -> str:
    return _hashed(session, "answer_code_proof", f"{given_id} {intake_id}")


def _hashed(session: Session, namespace: str, text: str) -> str:
    return vault_of(session).keyring.keyed_hash(namespace, text.encode())[:32]
