"""Every way in, as the documentation lists it."""

from __future__ import annotations

from dataclasses import dataclass

from config.enums import Channel


@dataclass(frozen=True)
class ChannelDeclaration:
    """One channel: how it comes in, what makes two arrivals the same, and how it is answered."""

    name: str
    door: str
    proof: str
    identity: str
    reading: str
    answer: str

    def lines(self) -> list[tuple[str, str]]:
        """What there is to know, each with its label."""
        return [
            ("Comes in by", self.door),
            ("Proof of origin", self.proof),
            ("Counted once by", self.identity),
            ("Read as", self.reading),
            ("Answered by", self.answer),
        ]


CHANNELS: dict[Channel, ChannelDeclaration] = {
    Channel.SMS: ChannelDeclaration(
        name="Text message",
        door="a provider's signed requests below /hooks, or a provider that is asked: see the page of providers",
        proof="the provider's signature; of one that is asked, who may write into its folders",
        identity="account and the provider's identifier, or SHA-256 of what came from whom and when",
        reading="the text as typed; pictures are fetched and read like pages",
        answer="a text message of one segment; none to withheld numbers, names and short codes",
    ),
    Channel.VOICEMAIL: ChannelDeclaration(
        name="Voicemail",
        door="POST /hooks/voice and below, called by the telephone provider at every step of a call",
        proof="the provider's signature over the address and every field",
        identity="account and the provider's identifier of the call; several recordings of one call belong together",
        reading="speech, with the time and confidence of every word",
        answer="the reference is said twice, digit by digit; and texted when the caller's number can take texts",
    ),
    Channel.EMAIL: ChannelDeclaration(
        name="E-mail",
        door="a mailbox, read over IMAP",
        proof="none: anybody may write; the sender is what the mail says",
        identity="mailbox and SHA-256 of the raw message",
        reading="what was newly written, quotes and signatures set apart; recordings, pictures and PDFs are read too",
        answer="a mail in the same thread; never to programs, lists, bounces or ourselves",
    ),
    Channel.PAPER: ChannelDeclaration(
        name="Paper",
        door="the upload page of centres, or a watched folder",
        proof="a centre's account, or access to the folder",
        identity="centre or folder and SHA-256 of the file",
        reading="print, with the place and confidence of every word; the rest is shown to a person",
        answer="a printed list of references, one per form of the batch",
    ),
}
