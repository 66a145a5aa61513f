"""One module or folder per way in: how what arrives is recognised, and how an answer is put."""

from channels.catalogue import CHANNELS, ChannelDeclaration

__all__ = ["CHANNELS", "ChannelDeclaration"]
