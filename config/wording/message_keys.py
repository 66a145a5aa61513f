"""Every text a resident can hear or read: its key, when it is used, and what it is told besides.

``voice_…`` is spoken, ``sms_…`` a text message, ``email_…`` a mail, ``paper_…`` and ``form_…`` printed,
``web_…`` stands on a public page, ``promise_…``, ``reason_…`` and ``outcome_…`` are passages of other texts.
"""

from datetime import date, timedelta

from config.wording.answer_message_keys import ANSWER_KEYS, VOTE_KEYS
from config.wording.form_message_keys import FORM_KEYS
from config.wording.message_key import TextKey

CONSULTATION_FACTS = (
    "town",
    "title",
    "question",
    "can_change",
    "cannot_change",
    "decides",
    "opens",
    "closes",
    "answer_by",
    "promise",
    "free_call",
    "phone",
    "controller",
    "dpo",
    "recording_kept",
)
"""What every text may name, taken from the consultation; empty when it is unknown.

``promise`` and ``free_call`` are texts themselves: what the town promises to answer, and that the call is free.
"""


COUNTED = ("arrived", "published", "waiting", "set_aside", "others")
"""What the ledger's sentence counts: the last four make the first."""

TEXT_KEYS = {
    text.key: text
    for text in (
        TextKey("voice_greeting", "A call begins."),
        TextKey("free_call", "In the greeting, where the consultation file says free_call = true."),
        TextKey("voice_unknown_number", "A call begins on a number that belongs to no consultation."),
        TextKey("voice_fallback", "A call begins at the fallback door, which has no menu."),
        TextKey("voice_press_9", "Said in each further language, so that its speakers hear of it."),
        TextKey("voice_question", "After the greeting."),
        TextKey("voice_before_tone", "The consent, before the tone; keys are heard while it is said."),
        TextKey("voice_consent", "The same consent without keys, where none is heard or there is no question."),
        TextKey("voice_speak_now", "Before another tone."),
        TextKey("voice_nothing_heard", "The recording was empty."),
        TextKey("voice_after_speaking", "The recording ended."),
        TextKey("voice_one_moment", "Key 1 was pressed, and the recording is not there yet."),
        TextKey("voice_cannot_play", "Key 1 was pressed, and the recording did not come in time."),
        TextKey("voice_first_kept", "Key 2 was pressed, and then nothing was said: what was said before is kept."),
        TextKey("voice_thanks", "The message is kept; its reference is said twice.", ("reference",)),
        TextKey("voice_thanks_only", "The message is kept; its reference cannot be told just now."),
        TextKey("voice_goodbye", "Nothing was said, three times."),
        TextKey("voice_trouble", "Something of ours failed, so badly that nothing can be recorded."),
        TextKey("voice_rights", "Key 0 was pressed: all there is to know before speaking."),
        TextKey("voice_key_reference", "Key 2 was pressed."),
        TextKey("voice_closed", "A call after the consultation closed."),
        TextKey("voice_not_open_yet", "A call before the consultation opens."),
        TextKey("voice_state_waiting", "The state asked for: nobody has read it yet.", ("reference", "received")),
        TextKey("voice_state_published", "The state asked for: published.", ("reference", "received")),
        TextKey("voice_state_set_aside", "The state asked for: set aside.", ("reference", "received", "reason")),
        TextKey("voice_state_erased", "The state asked for: erased.", ("reference",)),
        TextKey("voice_state_unknown", "The state asked for: no such reference."),
        TextKey("voice_state_card", "The number of a card was keyed that is still free.", ("reference",)),
        TextKey("voice_state_later", "The state asked for too often, or nothing can be looked up just now."),
        TextKey("voice_others", "Key 4: the ledger in a sentence, before what others said.", COUNTED),
        TextKey("voice_others_support", "After one of them that can be supported.", ("number",)),
        TextKey("voice_others_more", "After what others said, where there is more."),
        TextKey("voice_others_none", "Key 4, and nothing is published."),
        TextKey(
            "sms_receipt",
            "The receipt of a contribution.",
            ("reference", "write_to"),
            one_segment=True,
        ),
        TextKey("sms_call_receipt", "The receipt of a call, to a mobile telephone.", ("reference", "write_to"), True),
        TextKey("sms_closed", "A text after the consultation closed.", (), True),
        TextKey("sms_not_open_yet", "A text before the consultation opens.", ("reference",), True),
        TextKey("sms_state_waiting", "SUIVI: nobody has read it yet.", ("reference", "received"), True),
        TextKey("sms_state_published", "SUIVI: published.", ("reference", "received"), True),
        TextKey("sms_state_set_aside", "SUIVI: set aside.", ("reference", "received", "reason"), True),
        TextKey("sms_state_erased", "SUIVI: erased.", ("reference",), True),
        TextKey("sms_state_unknown", "SUIVI: no such reference.", ("write_to",), True),
        TextKey("sms_stop", "STOP.", ("write_to",), True),
        TextKey("sms_start", "REPRENDRE.", ("write_to",), True),
        TextKey("sms_help", "AIDE.", ("write_to",), True),
        TextKey(
            "sms_erase_how", "A wish to be erased, in other words than EFFACER: how.", ("reference", "write_to"), True
        ),
        TextKey("sms_erase_how_published", "The same about what is published.", ("reference", "write_to"), True),
        TextKey("sms_erase_how_unknown", "The same, and nobody knows which is meant.", ("write_to",), True),
        TextKey("sms_erase_confirm", "EFFACER: are you sure?", ("reference", "minutes", "write_to"), True),
        TextKey("sms_erased", "EFFACER, then OUI: it will be.", ("reference", "hours", "write_to"), True),
        TextKey("sms_erase_kept", "NON, or GARDER: it is kept.", ("reference",), True),
        TextKey("sms_erase_by_person", "EFFACER: a person must decide.", ("reference",), True),
        TextKey("email_receipt_subject", "The receipt's subject, when the mail had none.", ("reference",)),
        TextKey("email_receipt", "The receipt of a mail.", ("reference", "received", "link")),
        TextKey(
            "email_too_large",
            "The receipt of a mail over the size limit.",
            ("reference", "received", "link", "megabytes"),
        ),
        TextKey("email_closed", "A mail after the consultation closed.", ("reference", "received", "link")),
        TextKey("paper_list_title", "The heading of the list printed for a batch of forms.", ("received",)),
        TextKey("paper_list_intro", "Below that heading.", ("received",)),
        TextKey("paper_receipt", "The slip handed out with one form.", ("reference", "received")),
        TextKey("paper_box_title", "The notice hung up beside a box once its forms are read: its heading."),
        TextKey("paper_box_intro", "How many forms came out of the box.", ("count", "received")),
        TextKey("paper_box_boxes", "Above the boxes that were ticked, and how often."),
        TextKey("paper_box_next", "What happens now."),
        *FORM_KEYS,
        *ANSWER_KEYS,
        *VOTE_KEYS,
        TextKey("promise_all", 'The promise, where answers = "all".'),
        TextKey("promise_published_summary", 'The promise, where answers = "published summary".'),
        TextKey("promise_none", 'What is said in its place, where answers = "none".'),
        TextKey("promise_all_short", "The same three in text messages: everybody is answered."),
        TextKey("promise_published_summary_short", "… a summary is published."),
        TextKey("promise_none_short", "… nobody is answered."),
        TextKey("reason_off_topic", "Why something is not published: another subject."),
        TextKey("reason_names_a_person", "… it accuses a named person."),
        TextKey("reason_insulting", "… it insults."),
        TextKey("reason_unlawful", "… the law forbids it."),
        TextKey("reason_advertising", "… it advertises."),
        TextKey("reason_unreadable", "… nobody could read or hear it."),
        TextKey("reason_duplicate", "… the same person sent it twice."),
        TextKey("reason_withdrawn", "… its author no longer wants it to count."),
        TextKey("generic_town", "The town's name where the consultation is unknown."),
    )
}

PRINTED_KEYS = frozenset(
    {text.key for text in FORM_KEYS} | {"free_call", "promise_all", "promise_published_summary", "promise_none"}
)
"""What stands on forms, posters and cards, which may be in languages in which nothing is spoken or texted."""

SAMPLE_FACTS = {
    "reference": "482915307",
    "write_to": "+33600000000",
    "code": "204816",
    "number": "100",
    "arrived": 212,
    "published": 140,
    "waiting": 52,
    "set_aside": 12,
    "others": 8,
    "minutes": 60,
    "most": 1,
    "hours": 24,
    "megabytes": 60,
    "page": 1,
    "pages": 2,
    "count": 48,
    "age": 18,
    "until": 29,
    "call_number": "02 98 00 00 00",
    "original_kept": timedelta(days=365),
    "today": date(2026, 3, 20),
    "link": "https://avis.ville-exemple.example/suivi",
    "said": "Il faudrait un banc devant la bibliothèque.",
}
"""What previews and checks fill in; reasons are added per language."""

SAMPLE_ANSWER = {
    "fr": "Le banc sera posé en mai 2027. Décision du conseil du 12/04/2027.",
    "en": "The bench will be put up in May 2027. Decided by the council on 12/04/2027.",
}
"""What an official may have written."""
