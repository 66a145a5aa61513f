"""Calls: ``parse`` a request, ask what it ``wants``, then ``say`` the answer as TwiML."""

from channels.voicemail.call import CallFacts, Place, Position, Wants, parse, wants
from channels.voicemail.menu import say

__all__ = ["CallFacts", "Place", "Position", "Wants", "parse", "say", "wants"]
