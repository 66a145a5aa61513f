"""Calls: ``demand_of_request`` says what a request asks for, ``answer_call`` what is answered."""

from channels.voice.call_request import CallDemand, CallFacts, demand_of_request
from channels.voice.dialogue_state import Place, Position
from channels.voice.menu import answer_call, apology
from channels.voice.ring_dialogue import RingFacts, answer_ring, answer_test_call
from channels.voice.spoken_facts import WISHES, CallerWishes, SpokenState, SpokenVoices, Understood

__all__ = [
    "WISHES",
    "CallDemand",
    "CallFacts",
    "CallerWishes",
    "Place",
    "Position",
    "RingFacts",
    "SpokenState",
    "SpokenVoices",
    "Understood",
    "answer_call",
    "answer_ring",
    "answer_test_call",
    "apology",
    "demand_of_request",
]
