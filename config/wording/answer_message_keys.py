"""The texts by which a town answers, tells what becomes of contributions, and that a vote came: as in ``message_keys``.

``{answer}`` is what officials wrote; ``{outcome}`` one of the passages ``outcome_…``, empty where none was decided.
"""

from config.wording.message_key import TextKey

_GIVEN = ("reference", "outcome", "answer")
_TO_HEAR = ("call_number", "code")
"""Of an individual answer: where to call, and the code by which it is heard on any telephone."""

ANSWER_KEYS = (
    TextKey("sms_answer", "The town answers a contribution by text.", (*_GIVEN, *_TO_HEAR, "write_to")),
    TextKey("sms_state_answered", "SUIVI: the town has answered.", _GIVEN),
    TextKey(
        "sms_state_answered_in_person",
        "SUIVI from another number: answered, and only its author is told what.",
        ("reference",),
        True,
    ),
    TextKey("voice_state_answered", "The state asked for: the town has answered.", _GIVEN),
    TextKey(
        "voice_state_answered_in_person",
        "The state asked for from another number: answered, to its author.",
        ("reference",),
    ),
    TextKey("voice_code_key", "After that: the code may be keyed that came with the answer."),
    TextKey("voice_state_code_wrong", "The code that was keyed is another.", ("reference",)),
    TextKey("voice_state_code_too_many", "Too many codes were keyed for this answer.", ("reference",)),
    TextKey("sms_state_decided", "SUIVI: what becomes of it is decided.", ("reference", "outcome"), True),
    TextKey("voice_state_decided", "The state asked for: what becomes of it is decided.", ("reference", "outcome")),
    TextKey("voice_state_more", "After a state: to hear it again, and to hear what we understood."),
    TextKey("voice_understood_yours", "Key 3 after a state: before the words that we understood."),
    TextKey("voice_understood_elsewhere", "Key 3 after a state, from another telephone: no words are told."),
    TextKey("voice_understood_nothing", "Key 3 after a state, and nothing was written down yet."),
    TextKey("voice_contest_key", "After what we understood: the key that says that this is not it."),
    TextKey("voice_contested", "That key was pressed: a person looks again."),
    TextKey("voice_wishes", "After speaking, where something can be wished for the message."),
    TextKey("voice_wishes_later", "After a state, on the telephone that left the message: the same."),
    TextKey("voice_wish_call_back", "Key 3 after speaking: to be called back with the answer."),
    TextKey("voice_wish_voice", "Key 3 after speaking: to let others hear one's own voice, or altered."),
    TextKey("voice_wish_online", "After the voice was lent: to let it be heard on the web, too."),
    TextKey("voice_wish_take_back", "After these wishes: to take them back."),
    TextKey("voice_wish_kept_call_back", "A wish is noted: to be called back."),
    TextKey("voice_wish_kept_own_voice", "A wish is noted: others may hear the voice."),
    TextKey("voice_wish_kept_altered_voice", "A wish is noted: others may hear the voice, altered."),
    TextKey("voice_wish_kept_online", "A wish is noted: the voice may be heard on the web, too."),
    TextKey("voice_wish_kept_taken_back", "The wishes are taken back."),
    TextKey("voice_ring_greeting", "We call somebody back who asked for it, with the answer."),
    TextKey("voice_ring_missed", "In that call, and no key was pressed: how to hear the answer later."),
    TextKey("voice_ring_bye", "In that call, after the answer."),
    TextKey("voice_ring_no_more", "In that call: key 0, not to be called any more."),
    TextKey("voice_ring_over", "In that call, and the answer was withdrawn meanwhile."),
    TextKey("voice_test_call", "A test call from the page of the telephone."),
    TextKey("voice_dictate", "An official keyed a code in the place of a reference: before the tone."),
    TextKey("voice_dictated", "The official has spoken: it is kept."),
    TextKey("closing_words", "What a town tells everybody once a consultation has closed; officials change it."),
    TextKey("sms_closing", "A consultation has closed: told by text.", (*_GIVEN, "write_to")),
    TextKey("sms_state_closing", "SUIVI: the consultation has closed, and nothing is answered yet.", _GIVEN),
    TextKey(
        "voice_state_closing", "The state asked for: the consultation has closed, nothing is answered yet.", _GIVEN
    ),
    TextKey("email_closing_subject", "The subject of a closing message, when the mail had none."),
    TextKey("email_closing", "A consultation has closed: told by mail.", (*_GIVEN, "link")),
    TextKey("paper_closing_letter", "The letter that a consultation has closed.", (*_GIVEN, "said", "today")),
    TextKey("web_state_closing", "On the page /suivi: the consultation has closed.", _GIVEN),
    TextKey("sms_understood", "COMPRIS: what we understood.", ("reference", "said", "write_to")),
    TextKey("sms_understood_elsewhere", "COMPRIS from another number: no words are told.", ("reference",), True),
    TextKey("sms_understood_nothing", "COMPRIS, and nothing was written down yet.", ("reference", "write_to"), True),
    TextKey("sms_contested", "AUTRE: a person looks again.", ("reference", "write_to"), True),
    TextKey("email_answer_subject", "The subject of an answer, when the mail had none.", ("reference",)),
    TextKey("email_answer", "The town answers a mail.", (*_GIVEN, *_TO_HEAR, "link")),
    TextKey("paper_letter", "The letter by which the town answers.", (*_GIVEN, *_TO_HEAR, "said", "today")),
    TextKey("paper_notice_title", "The heading of the sheet of answers that hangs in a centre.", ("today",)),
    TextKey("paper_notice_intro", "Below that heading."),
    TextKey("paper_notice_in_person", "On that sheet, where only its author is told the answer.", ()),
    TextKey("web_state_waiting", "On the page /suivi: nobody has read it yet.", ("reference", "received")),
    TextKey("web_state_published", "On the page /suivi: published.", ("reference", "received")),
    TextKey("web_state_set_aside", "On the page /suivi: set aside.", ("reference", "received", "reason")),
    TextKey("web_state_answered", "On the page /suivi: answered.", _GIVEN),
    TextKey(
        "web_state_answered_in_person",
        "On the page /suivi: answered, and only its author is told what.",
        ("reference",),
    ),
    TextKey("web_state_decided", "On the page /suivi: what becomes of it is decided.", ("outcome",)),
    TextKey("web_state_unknown", "On the page /suivi: no such reference."),
    TextKey("web_state_later", "On the page /suivi: asked too often."),
    TextKey("outcome_passed_on", "What became of it: passed on to a service."),
    TextKey("outcome_under_study", "… it is under study."),
    TextKey("outcome_kept", "… it is kept."),
    TextKey("outcome_in_budget", "… it is in the budget."),
    TextKey("outcome_done", "… it is done."),
    TextKey("outcome_not_kept", "… it is not kept; the answer says why."),
)

VOTE_KEYS = (
    TextKey("sms_vote_counted", "OUI 12: the voice has come.", ("write_to",), True),
    TextKey("sms_vote_taken_back", "NON 12: the voice is taken back.", ("write_to",), True),
    TextKey("sms_vote_unknown", "OUI 99: there is no such project.", ("write_to",), True),
    TextKey("sms_vote_too_many", "OUI 12 14: more projects than one may support.", ("most", "write_to"), True),
    TextKey("sms_vote_closed", "OUI 12 after the consultation closed.", (), True),
    TextKey("sms_vote_not_open_yet", "OUI 12 before the consultation opens.", (), True),
    TextKey("sms_vote_needs_card", "OUI 12 without the number of a card, where one is needed.", ("write_to",), True),
    TextKey("sms_vote_card_unknown", "OUI 12 with the number of no card of ours.", ("write_to",), True),
    TextKey("sms_vote_at_centre", "OUI 12, where voices are given at a centre only.", (), True),
    TextKey("voice_vote_offer", "After the question, where there are projects to support."),
    TextKey("voice_vote_key", "Key 5: a project's number is keyed."),
    TextKey("voice_vote_key_card", "Key 5, where a card is needed: its number, a star, the project's."),
    TextKey("voice_vote_counted", "A project's number was keyed: the voice has come."),
    TextKey("voice_vote_unknown", "A number was keyed that is no project's."),
    TextKey("voice_vote_refused", "A voice that cannot count by telephone: no card, or a withheld number."),
)
"""About voices for projects: they say that a voice came, never for what."""
