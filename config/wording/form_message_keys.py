"""The texts that stand on printed forms: their keys, like those in ``config.wording.message_keys``.

``{reference}`` stays as it is until a copy is printed. ``{call_number}`` is the number residents call and text.
"""

from config.wording.message_key import TextKey

FORM_KEYS = (
    TextKey("form_page", "A form of several pages, below its title.", ("page", "pages")),
    TextKey("form_lead", "A form, below the question."),
    TextKey("form_can_change", "A form: the heading above what can change."),
    TextKey("form_cannot_change", "… above what cannot."),
    TextKey("form_themes", "A form: the question above the themes."),
    TextKey("form_several", "… and how to tick: one box or several."),
    TextKey("form_quarter", "A form: the question above the quarters of the town."),
    TextKey("form_one", "… and how to tick: one box."),
    TextKey("form_age", "A form: the question above the age groups."),
    TextKey("form_age_under", "The youngest age group.", ("age",)),
    TextKey("form_age_between", "An age group in between.", ("age", "until")),
    TextKey("form_age_over", "The oldest age group.", ("age",)),
    TextKey("form_write", "A form: above the zone to write in."),
    TextKey("form_write_hint", "… and below that."),
    TextKey("form_write_or_draw_hint", "… where one zone is for both."),
    TextKey("form_draw", "A form: above the zone to draw in."),
    TextKey("form_draw_hint", "… and below that."),
    TextKey("form_vote", "A form: above the boxes for the number of a project."),
    TextKey("form_vote_hint", "… and below that, where a telephone number has one voice.", ("most",)),
    TextKey("form_vote_hint_card", "… where a card has one voice.", ("most",)),
    TextKey("form_vote_card", "A form: above the boxes for the number of a card."),
    TextKey("form_contact", "A form: above the boxes for a telephone number and a name."),
    TextKey("form_contact_hint", "… and below that."),
    TextKey("form_telephone", "A form: before the boxes for a telephone number."),
    TextKey("form_name", "A form: before the boxes for a name."),
    TextKey("form_information_title", "A form: above what happens with the sheet."),
    TextKey("form_information", "What happens with the sheet, and one's rights.", ("original_kept",)),
    TextKey("form_foot", "A form, at the foot of its first page."),
    TextKey("form_foot_back", "A form, at the foot of the pages after it."),
    TextKey("form_slip", "The slip that residents keep: its first words."),
    TextKey("form_slip_number", "The slip, above the number."),
    TextKey("form_slip_how", "The slip: what the number is good for.", ("call_number",)),
    TextKey("form_slip_title", "The slip: which consultation."),
    TextKey("form_reply_fold", "A reply sheet: how to send it.", ()),
    TextKey("form_test", "Across the sheet by which a copier is tried."),
    TextKey("form_test_how", "… and below that: what to do with it."),
    TextKey("form_poster_lead", "A poster: its first words."),
    TextKey("form_poster_call", "A poster: above the telephone number.", ("call_number",)),
    TextKey("form_poster_text", "A poster: texts are welcome too.", ("call_number",)),
    TextKey("form_poster_paper", "A poster: forms lie here."),
    TextKey("form_poster_code", "A poster: beside the QR code."),
    TextKey("form_card_call", "A pre-numbered card: call.", ("call_number",)),
    TextKey("form_card_key", "A pre-numbered card, above its number: when to key it."),
    TextKey("form_card_keep", "A pre-numbered card, below the number.", ("call_number",)),
)
"""In the order of the form, then the poster and the cards."""
