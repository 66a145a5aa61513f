"""Text messages and pictures as the provider posts them: one line each, what differs from ``sms/plain.form``."""

from __future__ import annotations

import base64
from typing import Any

from tests.gateway.door_contract import Case

ACCOUNT = "AC" + "0123456789abcdef" * 2
SERVICE = "MG" + "2" * 32
PARKS_NUMBER, PARKS_SERVICE = "+33298111111", "MG" + "9" * 32
URL = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/MM{'3' * 32}/Media/ME"
THOUGHT = "Il faudrait replanter des arbres place de la Liberté, et remettre l'éclairage du passage."
LONG = " ".join(["Les trottoirs de la rue de Lyon sont trop étroits pour une poussette."] * 22)


def said(body: str, **more: Any) -> dict[str, Any]:
    """One contribution with its receipt."""
    return {"intakes": 1, "says": [body], "contributions": 1, "answers": ["receipt"], **more}


def keyword(body: str, answer: str | None, **more: Any) -> dict[str, Any]:
    """A keyword: nobody's contribution, and perhaps an answer."""
    answers = {"answers": [answer]} if answer else {}
    return {"intakes": 1, "says": [body], "kinds": ["keyword"], **answers, **more}


def reaction(body: str) -> dict[str, Any]:
    """A telephone's reaction: nobody's contribution, and nothing is answered."""
    return {"intakes": 1, "says": [body], "kinds": ["reaction"]}


def wish(body: str) -> dict[str, Any]:
    """A wish to be erased that is answered with how to do it."""
    return {"intakes": 1, "says": [body], "kinds": ["erasure_wish"], "answers": ["how to erase"]}


def b64(text: str, charset: str = "utf-8") -> str:
    return base64.b64encode(text.encode(charset)).decode()


def b64_cut(text: str, inside: str) -> str:
    """Base64 that ends in the middle of the last character of this kind."""
    raw = text.encode()
    return base64.b64encode(raw[: raw.rindex(inside.encode()) + 1]).decode().rstrip("=")


def pictures(*types: str, **more: str) -> dict[str, str]:
    """A message with pictures, as posted: their number, and an address and a type for each."""
    fields = {"MessageSid": "MM" + "3" * 32, "SmsMessageSid": "MM" + "3" * 32, "NumMedia": str(len(types)), "Body": ""}
    for place, kind in enumerate(types):
        fields |= {f"MediaUrl{place}": URL + f"{place:x}" * 32, f"MediaContentType{place}": kind}
    return fields | more


def shown(*types: str, body: str = "", **more: Any) -> dict[str, Any]:
    """A contribution with pictures that are still to be fetched."""
    steps = ["fetch_media", "suggest_themes"] if body else ["fetch_media"]
    return said(body, media=list(types), steps=steps, **more)


THEMED = {"steps": ["suggest_themes"]}
EMPTY = {"needs": ["the text message is empty"]}
MALFORMED = {"refused": ["malformed"]}
B = "Body"


def t(fields: dict[str, Any], makes: dict[str, Any], **more: Any) -> Case:
    return Case(fields, makes, **more)


def themed(body: str, **more: Any) -> dict[str, Any]:
    """A contribution with words, whose themes are to be suggested."""
    return said(body, **THEMED, **more)


TEXTS: dict[str, Case] = {
    # What people write.
    "a sentence": t({B: "Plus de bancs rue de Siam"}, themed("Plus de bancs rue de Siam")),
    "one word": t({B: "Piscine"}, themed("Piscine")),
    "one letter": t({B: "A"}, themed("A")),
    "a number": t({B: "12"}, themed("12")),
    "oui": t({B: "Oui"}, themed("Oui")),
    "non": t({B: "Non"}, themed("Non")),
    "yes": t({B: "YES"}, themed("YES")),
    "an emoji": t({B: "👍"}, themed("👍")),
    "a family of emoji": t({B: "👨‍👩‍👧‍👦 au parc"}, themed("👨‍👩‍👧‍👦 au parc")),
    "accents composed": t({B: "Éclairage du passage"}, themed("Éclairage du passage")),
    "accents decomposed": t({B: "E\u0301clairage"}, themed("E\u0301clairage")),
    "Breton": t({B: "Muioc'h a c'hwez e kêr mar plij"}, themed("Muioc'h a c'hwez e kêr mar plij")),
    "Arabic": t({B: "نريد حديقة أقرب"}, themed("نريد حديقة أقرب")),
    "Ukrainian": t({B: "Більше лавок біля школи"}, themed("Більше лавок біля школи")),
    "Chinese": t({B: "公园需要更多长椅"}, themed("公园需要更多长椅")),
    "Vietnamese": t({B: "Cần thêm đèn đường"}, themed("Cần thêm đèn đường")),
    "typographic marks": t({B: "« Rue ‘calme’ » … œuvre – ça"}, themed("« Rue ‘calme’ » … œuvre – ça")),
    "a non-breaking space": t({B: "Trop cher\u00a0!"}, themed("Trop cher\u00a0!")),
    "a link": t({B: "Voir https://exemple.example/a?b=c&d=e#f"}, themed("Voir https://exemple.example/a?b=c&d=e#f")),
    "percent and plus": t({B: "100 % d'accord + 1 + 1"}, themed("100 % d'accord + 1 + 1")),
    "HTML": t({B: "<b>Stop</b> & <script>alert(1)</script>"}, themed("<b>Stop</b> & <script>alert(1)</script>")),
    "a spreadsheet formula": t({B: '=HYPERLINK("x")'}, themed('=HYPERLINK("x")')),
    "quotes and backslashes": t({B: "l'\"école\" \\ d'à côté; DROP"}, themed("l'\"école\" \\ d'à côté; DROP")),
    "several lines": t({B: "Un banc\nun arbre\nun bus"}, themed("Un banc\nun arbre\nun bus")),
    "lines of Windows": t({B: "Un banc\r\nun arbre\rfin"}, themed("Un banc\nun arbre\nfin")),
    "blanks around": t({B: "  Un banc \n"}, themed("Un banc")),
    "tabs": t({B: "nord\tsud"}, themed("nord\tsud")),
    "capitals": t({B: "AU SECOURS LE BRUIT"}, themed("AU SECOURS LE BRUIT")),
    "a very long text": t({B: LONG, "NumSegments": "10"}, themed(LONG)),
    "what begins like a keyword": t({B: "Stop aux camions !"}, themed("Stop aux camions !")),
    "what ends like a keyword": t({B: "Il faut un stop"}, themed("Il faut un stop")),
    "a name that is a keyword": t({B: "L'arrêt Aide"}, themed("L'arrêt Aide")),
    "a reference alone": t({B: "482915307"}, themed("482915307")),
    "a keyword with more": t({B: "SUIVI 482915307 et un banc"}, themed("SUIVI 482915307 et un banc")),
    "a telephone number": t({B: "Appelez-moi au 06 39 98 00 01"}, themed("Appelez-moi au 06 39 98 00 01")),
    "thanks to nobody's receipt": t({B: "Merci !"}, themed("Merci !")),
    "insults": t({B: "Vous êtes nuls"}, themed("Vous êtes nuls")),
    "a quotation with words of one's own": t({B: "J'ai aimé « la fête »"}, themed("J'ai aimé « la fête »")),
    "a quotation with words behind it": t(
        {B: "A aimé « la fête » mais pas le bruit"}, themed("A aimé « la fête » mais pas le bruit")
    ),
    "keywords with pictures that say something": t({B: "STOP 🚲💥"}, themed("STOP 🚲💥")),
    "nothing": t({B: ""}, said("", **EMPTY)),
    "only blanks": t({B: " \n "}, said("", **EMPTY)),
    "only a control character": t({B: "\x07"}, said("", **EMPTY)),
    # Odd encodings.
    "NUL inside": t({B: "Un\x00 banc"}, themed("Un banc")),
    "bell and escape": t({B: "Un \x07banc\x1b"}, themed("Un banc")),
    "bytes that are no UTF-8": t({B: b"caf\xe9 ferm\xe9"}, themed("caf\ufffd ferm\ufffd")),
    "base64 from a carrier": t({B: b64(THOUGHT)}, themed(THOUGHT)),
    "base64 in lines": t({B: b64(THOUGHT)[:76] + "\n" + b64(THOUGHT)[76:]}, themed(THOUGHT)),
    "base64 cut inside a character": t({B: b64_cut(THOUGHT, "é")}, themed(THOUGHT[: THOUGHT.rindex("é")] + "\ufffd")),
    "base64 of Latin-1 stays": t({B: b64(THOUGHT, "latin-1")}, themed(b64(THOUGHT, "latin-1"))),
    "a byte order mark": t({B: "\ufeffUn banc"}, themed("\ufeffUn banc")),
    "bidirectional marks": t({B: "\u200fحديقة\u200e parc"}, themed("\u200fحديقة\u200e parc")),
    "a lone surrogate": t({B: b"\xed\xa0\xbd banc"}, themed("\ufffd\ufffd\ufffd banc")),
    # Who writes, and to which number.
    "a national form of the sender": t(
        {"From": "+33 6 39 98 00 01"}, themed("Plus de bancs rue de Siam, devant la médiathèque")
    ),
    "withheld, in a word": t(
        {B: "Du bruit", "From": "ANONYMOUS"}, themed("Du bruit", nobody=1, answers=["no_address"])
    ),
    "withheld, on keys": t({B: "Du bruit", "From": "+266696687"}, themed("Du bruit", nobody=1, answers=["no_address"])),
    "restricted": t({B: "Du bruit", "From": "+7378742833"}, themed("Du bruit", nobody=1, answers=["no_address"])),
    "a short code": t({B: "Votre colis", "From": "36179"}, themed("Votre colis", nobody=1, answers=["no_address"])),
    "a name as sender": t(
        {B: "Promo -50 %", "From": "MAGASIN"}, themed("Promo -50 %", nobody=1, answers=["no_address"])
    ),
    "an empty sender": t({B: "Du bruit", "From": ""}, themed("Du bruit", nobody=1, answers=["no_address"])),
    "a fixed line": t({B: "Du bruit", "From": "+33298445566"}, themed("Du bruit", answers=["no_address"])),
    "from Réunion": t({B: "Du bruit", "From": "+262692001122"}, themed("Du bruit")),
    "from abroad": t({B: "A bench", "From": "+447700900123", "FromCountry": "GB"}, themed("A bench")),
    "the other consultation's number": t(
        {B: "Un jet d'eau", "To": PARKS_NUMBER}, themed("Un jet d'eau", consultations=["parcs"])
    ),
    "a number of no consultation": t({B: "Un banc", "To": "+33299999999"}, themed("Un banc", consultations=[None])),
    "a short code that receives": t({B: "Un banc", "To": "38123"}, themed("Un banc", consultations=[None])),
    "through a messaging service": t({B: "Un banc", "MessagingServiceSid": SERVICE}, themed("Un banc")),
    "a service as the consultation's address": t(
        {B: "Un jet d'eau", "To": "+33644639999", "MessagingServiceSid": PARKS_SERVICE},
        themed("Un jet d'eau", consultations=["parcs"]),
    ),
    "number and service of two consultations": t(
        {B: "Un banc", "MessagingServiceSid": PARKS_SERVICE}, themed("Un banc")
    ),
    # What else the provider posts.
    "a parameter nobody knows": t({B: "Un banc", "ChannelMetadata": '{"type":"x"}', "Zeta": ""}, themed("Un banc")),
    "a parameter twice": t({B: "Un banc", "Tag": ["b", "a", "b"]}, themed("Un banc")),
    "geography left out": t({B: "Un banc", "FromCity": None, "FromZip": None, "ToState": None}, themed("Un banc")),
    "no body at all": t({B: None}, said("", **EMPTY)),
    "an answer to a message of ours": t(
        {B: "Un banc", "OriginalRepliedMessageSid": "SM" + "e" * 32}, themed("Un banc")
    ),
    "an identifier in capitals": t({B: "Un banc", "MessageSid": "SM" + "AB" * 16}, themed("Un banc")),
    # Keywords.
    "stop": t({B: "STOP"}, keyword("STOP", "stop", opted_out=[True])),
    "stop in odd dress": t({B: " « Stop ! » 🛑"}, keyword("« Stop ! » 🛑", "stop", opted_out=[True])),
    "arrêt": t({B: "Arrêt"}, keyword("Arrêt", "stop", opted_out=[True])),
    "unsubscribe": t({B: "Unsubscribe"}, keyword("Unsubscribe", "stop", opted_out=[True])),
    "stop that the provider has answered": t(
        {B: "STOP", "OptOutType": "STOP"}, keyword("STOP", None, opted_out=[True])
    ),
    "the provider's own word for stop": t({B: "BASTA", "OptOutType": "STOP"}, keyword("BASTA", None, opted_out=[True])),
    "stop from nobody": t({B: "STOP", "From": "ANONYMOUS"}, keyword("STOP", None, nobody=1)),
    "start": t({B: "Reprendre"}, keyword("Reprendre", "start", opted_out=[False])),
    "start that the provider has answered": t(
        {B: "START", "OptOutType": "START"}, keyword("START", None, opted_out=[False])
    ),
    "help": t({B: "Aide ?"}, keyword("Aide ?", "help")),
    "help in English": t({B: "help"}, keyword("help", "help")),
    "help that the provider has answered": t({B: "HELP", "OptOutType": "HELP"}, keyword("HELP", None)),
    "the state of no reference": t({B: "SUIVI"}, keyword("SUIVI", "unknown")),
    "the state of a wrong reference": t({B: "Suivi 482915308"}, keyword("Suivi 482915308", "unknown")),
    "the state of a reference not issued": t({B: "Suivi 482915307"}, keyword("Suivi 482915307", "unknown")),
    "erasing what is not there": t({B: "Effacer 482915307"}, keyword("Effacer 482915307", "unknown")),
    "erasing without a reference": t({B: "EFFACER"}, keyword("EFFACER", "unknown")),
    "keeping what is not there": t({B: "Keep 482915307"}, keyword("Keep 482915307", "unknown")),
    "stop with courtesies and a name": t(
        {B: "Bonsoir, stop svp. Merci.\nMme Guéguen"},
        keyword("Bonsoir, stop svp. Merci.\nMme Guéguen", "stop", opted_out=[True]),
    ),
    "a long way to say stop": t(
        {B: "Je ne veux plus recevoir vos SMS, merci"},
        keyword("Je ne veux plus recevoir vos SMS, merci", "stop", opted_out=[True]),
    ),
    "a state misspelt": t({B: "Suivis n° 482915307 svp"}, keyword("Suivis n° 482915307 svp", "unknown")),
    # What is nobody's contribution besides.
    "a reaction of an iPhone": t(
        {B: "A adoré « Votre avis est arrivé »"}, reaction("A adoré « Votre avis est arrivé »")
    ),
    "a reaction of Google's": t(
        {B: '\u200a\u200b😂\u200b à "\u200aVotre avis\u200a"'},
        reaction('\u200b😂\u200b à "\u200aVotre avis\u200a"'),
    ),
    "a reaction taken back": t(
        {B: "Removed a heart from “Your opinion”"}, reaction("Removed a heart from “Your opinion”")
    ),
    "a reaction to a picture": t({B: "Laughed at an image"}, reaction("Laughed at an image")),
    "a wish to be erased by somebody unknown": t({B: "Supprimez mon message svp"}, wish("Supprimez mon message svp")),
    "a wish to be erased from nobody": t(
        {B: "Delete my text", "From": "ANONYMOUS"},
        {"intakes": 1, "says": ["Delete my text"], "kinds": ["erasure_wish"], "nobody": 1},
    ),
    "what somebody wants erased in town": t(
        {B: "Supprimez mon passage piéton"}, themed("Supprimez mon passage piéton")
    ),
    # Several messages.
    "a second text a moment later": t(
        {B: "et des arbres", "MessageSid": "SM" + "2" * 32},
        {"intakes": 2, "says": ["Des bancs", "et des arbres"], "contributions": 1, "answers": ["receipt"], **THEMED},
        before=({B: "Des bancs"},),
    ),
    "the same words by somebody else": t(
        {B: "Des bancs", "MessageSid": "SM" + "2" * 32, "From": "+33639980009"},
        {"intakes": 2, "says": ["Des bancs"] * 2, "contributions": 2, "answers": ["receipt"] * 2, **THEMED},
        before=({B: "Des bancs"},),
    ),
    "two withheld numbers are never joined": t(
        {B: "Des arbres", "MessageSid": "SM" + "2" * 32, "From": "ANONYMOUS"},
        {
            "intakes": 2,
            "says": ["Des bancs", "Des arbres"],
            "contributions": 2,
            "answers": ["no_address"] * 2,
            "nobody": 2,
            **THEMED,
        },
        before=({B: "Des bancs", "From": "ANONYMOUS"},),
    ),
    "texts to two consultations are not joined": t(
        {B: "Des arbres", "MessageSid": "SM" + "2" * 32, "To": PARKS_NUMBER},
        {
            "intakes": 2,
            "says": ["Des bancs", "Des arbres"],
            "contributions": 2,
            "answers": ["receipt"] * 2,
            "consultations": ["rues-et-places", "parcs"],
            **THEMED,
        },
        before=({B: "Des bancs"},),
    ),
    "thanks after a receipt": t(
        {B: "Merci 🙏", "MessageSid": "SM" + "2" * 32},
        {
            "intakes": 2,
            "says": ["Des bancs", "Merci 🙏"],
            "kinds": ["thanks"],
            "contributions": 1,
            "answers": ["receipt"],
            **THEMED,
        },
        before=({B: "Des bancs"},),
    ),
    "a wish to be erased a moment later": t(
        {B: "Je veux supprimer mon avis", "MessageSid": "SM" + "2" * 32},
        {
            **said("Des bancs", **THEMED),
            "intakes": 2,
            "says": ["Des bancs", "Je veux supprimer mon avis"],
            "kinds": ["erasure_wish"],
            "answers": ["receipt", "how to erase"],
        },
        before=({B: "Des bancs"},),
    ),
    "a reaction to our receipt, cut short, in another language": t(
        {B: "Le gustó “Ville d'Exemple : votre avis est bien…”", "MessageSid": "SM" + "2" * 32},
        {
            **said("Des bancs", **THEMED),
            "intakes": 2,
            "says": ["Des bancs", "Le gustó “Ville d'Exemple : votre avis est bien…”"],
            "kinds": ["reaction"],
        },
        before=({B: "Des bancs"},),
    ),
    "a keyword between two texts": t(
        {B: "et des arbres", "MessageSid": "SM" + "3" * 32},
        {
            "intakes": 3,
            "says": ["Des bancs", "AIDE", "et des arbres"],
            "kinds": ["keyword"],
            "contributions": 1,
            "answers": ["receipt", "help"],
            **THEMED,
        },
        before=({B: "Des bancs"}, {B: "AIDE", "MessageSid": "SM" + "2" * 32}),
    ),
    "a text after stop is a contribution all the same": t(
        {B: "Des bancs", "MessageSid": "SM" + "2" * 32},
        {
            "intakes": 2,
            "says": ["STOP", "Des bancs"],
            "kinds": ["keyword"],
            "contributions": 1,
            "answers": ["stop", "receipt"],
            "opted_out": [True],
            **THEMED,
        },
        before=({B: "STOP"},),
    ),
    # What is no text message.
    "no identifier": t({"MessageSid": None}, MALFORMED, status=403),
    "an identifier of a call": t({"MessageSid": "CA" + "1" * 32}, MALFORMED, status=403),
    "an identifier cut short": t({"MessageSid": "SM" + "1" * 31}, MALFORMED, status=403),
    "two identifiers": t({"MessageSid": ["SM" + "1" * 32, "SM" + "2" * 32]}, MALFORMED, status=403),
    "no account": t({"AccountSid": None}, MALFORMED, status=403),
    "another's account": t({"AccountSid": "AC" + "f" * 32}, {"refused": ["wrong_account"]}, status=403),
    "no sender field": t({"From": None}, MALFORMED, status=403),
    "no receiver field": t({"To": None}, MALFORMED, status=403),
    "no number of pictures": t({"NumMedia": None}, MALFORMED, status=403),
    "more pictures than anybody can count": t({"NumMedia": "1e9"}, MALFORMED, status=403),
    # Pictures.
    "a picture": t(pictures("image/jpeg"), shown("image/jpeg")),
    "a picture with words": t(pictures("image/jpeg", Body="Ce trou"), shown("image/jpeg", body="Ce trou")),
    "ten pictures": t(pictures(*["image/png"] * 10), shown(*["image/png"] * 10)),
    "a picture of an iPhone": t(pictures("image/heic"), shown("image/heic")),
    "a moving picture": t(pictures("image/gif"), shown("image/gif")),
    "a film": t(pictures("video/3gpp"), shown("video/3gpp")),
    "a voice note": t(pictures("audio/amr"), shown("audio/amr")),
    "a business card": t(pictures("text/x-vcard"), shown("text/x-vcard")),
    "a PDF": t(pictures("application/pdf"), shown("application/pdf")),
    "a picture of no type": t(pictures(""), shown("")),
    "a keyword beside a picture": t(pictures("image/jpeg", Body="STOP"), shown("image/jpeg", body="STOP")),
    "a picture without its address": t(pictures("image/jpeg", MediaUrl0=""), said("", **EMPTY)),
    "fewer pictures than announced": t(pictures("image/jpeg", NumMedia="2"), shown("image/jpeg")),
    "a picture from nobody": t(
        pictures("image/jpeg", From="ANONYMOUS"), {**shown("image/jpeg"), "nobody": 1, "answers": ["no_address"]}
    ),
    "a picture after a text": t(
        pictures("image/jpeg"),
        {**shown("image/jpeg"), "intakes": 2, "says": ["Ce trou", ""], "steps": ["fetch_media", "suggest_themes"]},
        before=({B: "Ce trou"},),
    ),
}
