"""The words of a short message as they are compared, and the picture signs that say something besides."""

from __future__ import annotations

import re
import unicodedata

# Signs that greet, thank, smile or underline what the words say. All others, a car, a wheelchair, a rubbish bin, say
# something themselves: « STOP 🚗🚗🚗 » is an opinion. Sick, sleeping and dirty ones do, too: « Stop 💩 », « Stop 🤢 ».
_DECORATION = frozenset(
    "👍👎👌🙏👋🤝👏🙌🤞✌🤟🤘👊✊🤙🫶🫰✋🖐🤚🖖☝👆👇👉👈🫡💪"
    "❤🧡💛💚💙💜🖤🤍🤎💔❣💕💞💓💗💖💘💝💟♥💌"
    "😀😃😄😁😆😅🤣😂🙂🙃😉😊😇🥰😍🤩😘😗☺😚😙🥲😋😛😜🤪😝🤗🤭🫢🤫🤔🤨😐😑😶😏😒🙄😬😌😔🤓🧐😕🫤😟🙁☹😮😯😲😳🥺🥹"
    "😦😧😨😰😥😢😭😱😖😣😞😓😩😫😤😡😠🤬🥳🤷🤦🙅🙆💁🙋🙇"
    "✨⭐★☆🌟💫🎉🎊💯✅☑✔✓❌✖❎⛔🛑🚫❗❕‼⁉❓❔🆗🔚📵🔕💐🌹"
    "♂♀"  # they make a person of a gesture: 🙋‍♀️
    "°©®™№•→➡▶►◆●■"
)
_FACES_TYPED = re.compile(r"(?<!\w)(?:[:;=8x]['’]?-?[)(dp3o/|*]+|<3+|\^_?\^)(?!\w)", re.IGNORECASE)
_LIGATURES = {ord("œ"): "oe", ord("æ"): "ae"}
_SKIN = range(0x1F3FB, 0x1F400)
_LONG_RUN = re.compile(r"([a-z])\1{2,}")


def folded_message(text: str) -> str:
    """Lower case, without accents, punctuation or symbols, digits of any script as 0-9, single spaces."""
    decomposed = unicodedata.normalize("NFKD", text).casefold().translate(_LIGATURES)
    kept = []
    for character in decomposed:
        if unicodedata.combining(character):
            continue
        if character.isdecimal():
            kept.append(str(unicodedata.decimal(character)))
        else:
            kept.append(character if character.isalpha() else " ")
    return " ".join("".join(kept).split())


def strip_emoticons(text: str) -> str:
    """A text without the faces and hearts that are typed with letters and digits, :-D and <3."""
    return _FACES_TYPED.sub(" ", text)


def emoji_matters(text: str) -> bool:
    """Whether a picture sign of the text says something that its words do not."""
    return any(_says_something(character) for character in text)


def is_picture(character: str) -> bool:
    """Whether a character is a picture sign or belongs to one."""
    joins = character in "\ufe0e\ufe0f\u200d\u20e3" or ord(character) in _SKIN
    return joins or unicodedata.category(character) in ("So", "Co", "Cn")


def _says_something(character: str) -> bool:
    if character in _DECORATION or ord(character) in _SKIN:
        return False
    return unicodedata.category(character) in ("So", "Co", "Cn")


def collapse_doubled(word: str) -> str:
    """A folded word with each letter once where it stands doubled, so that « merciii », « stopp » and « aret » fit."""
    return re.sub(r"([a-z])\1+", r"\1", word)


def collapse_repeats(text: str) -> str:
    """A folded text with the letters once that stand three times and more: « stoooop »."""
    return _LONG_RUN.sub(r"\1", text)
