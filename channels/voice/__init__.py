"""Calls: ask what a request ``wants``, then ``say`` the answer."""

from channels.voice.call_request import LONGEST_CALL, CallFacts, Others, State, Understood, Wants, wants
from channels.voice.dialogue_state import Place, Position
from channels.voice.menu import apologise, say

__all__ = [
    "LONGEST_CALL",
    "CallFacts",
    "Others",
    "Place",
    "Position",
    "State",
    "Understood",
    "Wants",
    "apologise",
    "say",
    "wants",
]
