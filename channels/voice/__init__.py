"""Calls: ``demand_of_request`` says what a request asks for, ``answer_call`` what is answered."""

from channels.voice.call_request import (
    LONGEST_CALL,
    CallDemand,
    CallFacts,
    SpokenState,
    SpokenVoices,
    Understood,
    demand_of_request,
)
from channels.voice.dialogue_state import Place, Position
from channels.voice.menu import answer_call, apology

__all__ = [
    "LONGEST_CALL",
    "CallDemand",
    "CallFacts",
    "Place",
    "Position",
    "SpokenState",
    "SpokenVoices",
    "Understood",
    "answer_call",
    "apology",
    "demand_of_request",
]
