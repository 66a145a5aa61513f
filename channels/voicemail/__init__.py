"""Calls: ``parse`` a request, ask what it ``wants``, then ``say`` the answer as TwiML."""

from channels.voicemail.call import LONGEST_CALL, CallFacts, State, Wants, parse, wants
from channels.voicemail.menu import apologise, say
from channels.voicemail.place import Place, Position

__all__ = ["LONGEST_CALL", "CallFacts", "Place", "Position", "State", "Wants", "apologise", "parse", "say", "wants"]
