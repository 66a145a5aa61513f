"""Telephone numbers as they come in: which of them is somebody who can be answered."""

from __future__ import annotations

from channels.base.values import Address
from config import phone_numbers
from config.enums import AddressKind

_KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
_WITHHELD_WORDS = ("ANONYMOUS", "BLOCKED", "PRIVATE", "RESTRICTED", "UNAVAILABLE", "UNKNOWN", "WITHHELD")
# A withheld number comes as a word, or as that word typed on a telephone's keys: +266696687.
_WITHHELD = {word.translate(_KEYPAD) for word in _WITHHELD_WORDS}


def phone_address(number: str, region: str) -> Address | None:
    """The number as an address, in E.164; ``region`` says whose national numbers are meant.

    None when it is withheld, or a name or short code, which cannot be answered: strangers are never joined.
    """
    if number.strip().removeprefix("+") in _WITHHELD:
        return None
    spelled = phone_numbers.to_e164(number, region)
    return Address(AddressKind.PHONE, spelled) if phone_numbers.E164.fullmatch(spelled) else None


def takes_texts(address: Address | None) -> bool:
    """Whether a text message to this address can arrive."""
    return address is not None and address.kind is AddressKind.PHONE and phone_numbers.takes_texts(address.value)
