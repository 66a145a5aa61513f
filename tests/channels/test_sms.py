"""Text messages as posted, and what each is."""

from collections.abc import Mapping

import pytest

from channels.base.errors import RequestRefused
from channels.base.values import Address, Command, CommandKind, Fields, IncomingText, Outgoing, RemoteMedium
from channels.providers.twilio.texts import TEXTS
from channels.sms import text_message
from config.enums import AddressKind, Channel
from config.settings.schema import PACKAGED_CONSULTATIONS
from config.wording.consultation import read_consultation
from tests.channels.payloads import ACCOUNT, fields

CONSULTATION = read_consultation(PACKAGED_CONSULTATIONS / "rues-et-places.toml")
SENDER = Address(AddressKind.PHONE, "+33639980001")
MEDIA = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/MM{'3' * 32}/Media/ME"
SERVICE = "MG" + "2" * 32


def text(body: str, **other: object) -> IncomingText:
    known = {"account": ACCOUNT, "external_id": "SM" + "1" * 32, "sender": SENDER, "addressed_to": "+33298000000"}
    return IncomingText(body=body, **{**known, **other})  # type: ignore[arg-type]


ARRIVED = {
    "plain": text("Plus de bancs rue de Siam, devant la médiathèque"),
    "stop": text("Stop.", command=Command(CommandKind.STOP)),
    "stop_answered": text("STOP", command=Command(CommandKind.STOP), messaging_service=SERVICE, answered=True),
    "not_stop": text("Stop aux camions rue de Siam !"),
    "state": text("Suivi no 482 915 307", command=Command(CommandKind.STATE, "482915307", "fr")),
    "two_pictures": text(
        "",
        external_id="MM" + "3" * 32,
        media=(RemoteMedium(MEDIA + "4" * 32, "image/jpeg"), RemoteMedium(MEDIA + "5" * 32, "image/png")),
    ),
    "service": text("Un abribus, svp", messaging_service=SERVICE),
    "withheld": text("La rue est trop bruyante", sender=None),
    "short_code": text("Votre colis est arrivé", sender=None),
    "control": text("Une piste\ncyclable"),
    "long_base64": text("Il faudrait replanter des arbres place de la Liberté, et remettre l'éclairage du passage."),
    "thanks": text("Merci beaucoup 🙏", command=Command(CommandKind.THANKS, None, "fr")),
    "emoji": text("👍"),
}


@pytest.mark.parametrize("name", ARRIVED)
def test_arrived(name: str) -> None:
    [posted] = text_message.parse_text_message(fields(f"sms/{name}"), TEXTS)
    assert text_message.understand_text(posted) == ARRIVED[name]


@pytest.mark.parametrize("name", ARRIVED)
def test_understanding_twice_is_once(name: str) -> None:
    """A step that an older version left holds a text that its door had understood."""
    assert text_message.understand_text(ARRIVED[name]) == ARRIVED[name]


SPOILT = {
    "no account": {"AccountSid": None},
    "an account of another form": {"AccountSid": "AC1"},
    "no message": {"MessageSid": None},
    "a message that swallowed a field": {"MessageSid": "SM" + "1" * 32 + "NumMedia0"},
    "no sender": {"From": None},
    "no receiver": {"To": None},
    "no number of pictures": {"NumMedia": None},
    "pictures beyond counting": {"NumMedia": "1000"},
    "pictures less than none": {"NumMedia": "-1"},
}


@pytest.mark.parametrize("changed", SPOILT.values(), ids=SPOILT)
def test_spoilt(changed: dict[str, str | None]) -> None:
    posted = {**fields("sms/plain"), **changed}
    with pytest.raises(RequestRefused) as refused:
        text_message.parse_text_message({name: value for name, value in posted.items() if value is not None}, TEXTS)
    assert refused.value.reason == "malformed"


BODIES = {
    "a link that looks like base64 is left alone": ("https" + "A" * 59, "https" + "A" * 59),
    "base64 of bytes is left alone": ("/" * 64, "/" * 64),
    "words without a blank are left alone": ("QUJD" * 16, "QUJD" * 16),
    "line ends become one kind": ("a\r\nb\rc", "a\nb\nc"),
    "surrogates go": ("a\ud800b", "ab"),
    "tabs stay": ("a\tb", "a\tb"),
    "nothing stays nothing": ("", ""),
}


@pytest.mark.parametrize(("typed", "kept"), BODIES.values(), ids=BODIES)
def test_bodies(typed: str, kept: str) -> None:
    assert text_message.clean_body(typed) == kept


def _understood(posted: Mapping[str, str]) -> IncomingText:
    return text_message.understand_text(text_message.parse_text_message(posted, TEXTS)[0])


def test_a_keyword_beside_a_picture_is_a_contribution() -> None:
    posted = {**fields("sms/two_pictures"), "Body": "STOP"}
    assert _understood(posted).command is None


def test_the_providers_keyword_counts_when_it_has_answered() -> None:
    """The town may have given the provider words of its own."""
    posted = Fields({**fields("sms/plain"), "Body": "Basta", "OptOutType": "STOP"})
    parsed = _understood(posted)
    assert parsed == text_message.understand_text(parsed)
    assert (parsed.command, parsed.answered) == (Command(CommandKind.STOP), True)


def test_an_answer_knows_its_price() -> None:
    cheap, dear = (
        CONSULTATION.model_copy(update={"texts": {"fr": {"sms_start": one}}}) for one in ("Oé" * 80, "ç" * 71)
    )
    assert text_message.compose_text_message("sms_start", SENDER, "fr", cheap) == Outgoing(
        Channel.SMS, SENDER, "Oé" * 80, segments=1
    )
    assert text_message.compose_text_message("sms_start", SENDER, "fr", dear).segments == 2


@pytest.mark.parametrize("language", ["fr", "en"])
def test_composed_from_the_residents_texts(language: str) -> None:
    answer = text_message.compose_text_message(
        "sms_receipt", SENDER, language, None, reference="482915307", write_to=""
    )
    assert "482 915 307" in answer.body
    assert answer.segments == 1
