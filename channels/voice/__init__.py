"""Calls: ``parse`` a request, ask what it ``wants``, then ``say`` the answer as TwiML."""

from channels.voice.call_request import LONGEST_CALL, CallFacts, State, Wants, parse, wants
from channels.voice.dialogue_state import Place, Position
from channels.voice.menu import apologise, say

__all__ = ["LONGEST_CALL", "CallFacts", "Place", "Position", "State", "Wants", "apologise", "parse", "say", "wants"]
