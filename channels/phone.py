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
# Mobile numbers by country, after the national numbering plans: ARCEP's for France and its overseas departments, the
# others as notified to the ITU. Where a plan does not tell mobile numbers from fixed ones (North America) or is not
# here, a text is tried: one to a fixed line fails at the provider, and the reference was said in the call all the same.
_MOBILE = {
    "33": r"[67]\d{8}",
    "262": r"(?:69[23]|639|709)\d{6}",
    "590": r"(?:69\d|709)\d{6}",
    "594": r"(?:694|709)\d{6}",
    "596": r"(?:69[67]|709)\d{6}",
    "32": r"4[5-9]\d{7}",
    "34": r"[67]\d{8}",
    "351": r"9[1236]\d{7}",
    "352": r"6\d{8}",
    "39": r"3\d{8,9}",
    "41": r"7[5-9]\d{7}",
    "44": r"7[1-57-9]\d{8}",
    "49": r"1[5-7]\d{8,9}",
    "212": r"[67]\d{8}",
    "213": r"[5-7]\d{8}",
    "216": r"[24579]\d{7}",
}
_PLANS = re.compile(r"\+(" + "|".join(sorted(_MOBILE, key=len, reverse=True)) + r")(\d+)")


def phone(number: str) -> Address | None:
    """The number as an address; None when it is withheld or cannot be answered, so that strangers are never joined."""
    bare = re.sub(r"[\s().\-]", "", number)
    if bare in _WITHHELD or not _NUMBER.fullmatch(bare):
        return None
    return Address(AddressKind.PHONE, bare)


def takes_texts(address: Address | None) -> bool:
    """Whether a text message to this number can arrive: a mobile one, or one whose country's plan does not tell."""
    if address is None or address.kind is not AddressKind.PHONE:
        return False
    planned = _PLANS.fullmatch(address.value)
    return planned is None or bool(re.fullmatch(_MOBILE[planned[1]], planned[2]))
