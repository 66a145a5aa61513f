"""Telephone numbers: one spelling of each, whoever wrote it, so that the same person is the same person in every form.

E.164 (ITU-T) wherever a number has a country; after Google's metadata of all numbering plans.
"""

import re
import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType, ValidationResult

DEFAULT_REGION = "FR"
"""ISO 3166-1 alpha-2: whose national numbers are meant where a number names no country."""

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
SHORT_CODE = re.compile(r"[0-9]{3,8}")
_DIALLED_ABROAD = re.compile(r"(?:00)+")
"""What one dials for another country (ITU-T E.164 advises 00); some telephones put it in twice."""

_SHARED_PLAN = ("FR", "GP", "MQ", "GF", "RE", "YT")
"""In these one dials each other's numbers with 0 and no country (ARCEP's numbering plan): 0692… is Réunion's."""
_FIXED = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.VOIP,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    }
)
_MOST_DIGITS = 15  # E.164
_LONGEST_SHORT_CODE = 8


def to_e164(written: str, region: str) -> str:
    """A number in E.164, with its country from ``region`` where it names none; bare digits for short codes.

    Empty for what is no number: names that texts come from, words for a withheld one, other kinds of address.
    What is already E.164 is never changed, so that whoever was known by it stays known.
    """
    text = unicodedata.normalize("NFKC", written).strip().lower().removeprefix("tel:").replace("(0)", "")
    if any(character.isalpha() for character in text):
        return ""
    digits = "".join(str(unicodedata.decimal(character)) for character in text if character.isdecimal())
    if text.lstrip("( ").startswith("+"):
        return _international(digits)
    return _without_plus(digits, region)


def takes_texts(number: str) -> bool:
    """Whether a text to this E.164 number can arrive: not to one of a plan that says it is no mobile one.

    Where a plan does not tell mobile numbers from fixed ones (North America) or does not know the number, it is tried.
    """
    known = _parsed(number, None)
    return known is not None and _possible(known) and phonenumbers.number_type(known) not in _FIXED


def national_format(number: str) -> str:
    """An E.164 number as people write it in its own country: 02 98 00 00 00; what is none stays as it is."""
    known = _parsed(number, None)
    return str(phonenumbers.format_number(known, PhoneNumberFormat.NATIONAL)) if known is not None else number


def has_numbering_plan(code: str) -> bool:
    """Whether libphonenumber knows a numbering plan for this country: two capitals, ISO 3166-1."""
    return code in phonenumbers.SUPPORTED_REGIONS


def _international(digits: str) -> str:
    bare = _bare(digits)
    known = _parsed(f"+{bare}", None)
    if known is not None and _possible(known):
        return _e164(known, read_from=f"+{bare}")
    return f"+{bare}" if bare else ""


def _without_plus(digits: str, region: str) -> str:
    """Telephones and providers leave the plus out, dial abroad with 00, or say a national number."""
    others = [one for one in _SHARED_PLAN if one != region] if region in _SHARED_PLAN else []
    national = _parsed(digits, region)
    for known in (national, *(_parsed(digits, one) for one in others)):
        if known is not None and phonenumbers.is_valid_number(known):
            return _e164(known)
    # Numbers that nobody has been given yet, or that are kept for films, fit a plan without being valid in it.
    for known in (national, _parsed(f"+{digits}", None)):
        if known is not None and _possible(known):
            return _e164(known)
    return _international(digits) if _LONGEST_SHORT_CODE < len(_bare(digits)) <= _MOST_DIGITS else digits


def _bare(digits: str) -> str:
    dialled = _DIALLED_ABROAD.match(digits)
    return digits[dialled.end() :] if dialled else digits


def _e164(known: PhoneNumber, read_from: str = "") -> str:
    # A zero too many in front of the national number leaves it only when it is read once more: +44 00 39….
    spelled = str(phonenumbers.format_number(known, PhoneNumberFormat.E164))
    if spelled == read_from:
        return spelled
    again = _parsed(spelled, None)
    if again is None or not _possible(again):
        return spelled
    settled = str(phonenumbers.format_number(again, PhoneNumberFormat.E164))
    return spelled if settled == spelled else _e164(again)


def _parsed(number: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(number, region)
    except NumberParseException:
        return None


def _possible(number: PhoneNumber) -> bool:
    # Not "possible locally": that is a number without its area code, which cannot be reached from here.
    return phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
