"""Telephone numbers as they come in: which of them is somebody who can be answered."""

from __future__ import annotations

import re

from channels.values import Address
from config.names import AddressKind

_KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
_WITHHELD_WORDS = ("ANONYMOUS", "BLOCKED", "PRIVATE", "RESTRICTED", "UNAVAILABLE", "UNKNOWN", "WITHHELD")
# A withheld number comes as a word, or as that word typed on a telephone's keys: +266696687.
_WITHHELD = {f"+{word.translate(_KEYPAD)}" for word in _WITHHELD_WORDS}
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")  # E.164; names and short codes cannot be answered
# France and its overseas departments; of other countries only what E.164 cannot tell apart is lost:
# a text to a fixed line fails at the provider, and the reference was said in the call all the same.
_MOBILE = re.compile(r"\+33[67][0-9]{8}|\+(?:262|590|594|596)69[0-9]{7}|\+262639[0-9]{6}")


def phone(number: str) -> Address | None:
    """The number as an address; None when it is withheld or cannot be answered, so that strangers are never joined."""
    bare = re.sub(r"[\s().\-]", "", number)
    if bare in _WITHHELD or not _NUMBER.fullmatch(bare):
        return None
    return Address(AddressKind.PHONE, bare)


def takes_texts(address: Address | None) -> bool:
    """Whether a text message to this number can arrive: a French mobile one, or one of another country."""
    if address is None or address.kind is not AddressKind.PHONE:
        return False
    is_french = address.value.startswith(("+33", "+262", "+590", "+594", "+596"))
    return bool(_MOBILE.fullmatch(address.value)) if is_french else True
