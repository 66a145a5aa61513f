"""Whole messages that are keywords, and contributions that only look like them."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base.values import Command, CommandKind
from channels.intent.erasure_wish import erasure_wish_in_longer_text
from channels.intent.keyword_commands import consent_in, folded_message, keyword_command_in, language_of

KEYWORDS = {
    Command(CommandKind.STOP): [
        "STOP",
        "stop",
        " Stop. ",
        "« Stop »",
        "STOP!!!",
        "Stop 🛑",
        "stop sms",
        "Stop svp",
        "STOPALL",
    ],
    Command(CommandKind.STOP, None, "fr"): [
        "Merci de me retirer de vos envois",
        "veuillez me rayer de votre répertoire",
        "Je ne souhaite plus recevoir de textos de votre part",
        "je ne veux plus de messages de la mairie",
        "ARRET",
        "Arrêt",
        "ARRÊT",
        "arre\u0302t",
        "Désinscrire",
        "DÉSABONNER",
        "Me désinscrire",
    ],
    Command(CommandKind.STOP, None, "en"): [
        "stop texting",
        "Unsubscribe",
        "END",
        "quit",
        "Cancel",
        "REVOKE",
        "OptOut",
        "opt-out",
        "Stop all",
    ],
    Command(CommandKind.START, None, "fr"): ["REPRENDRE", "Reprendre svp", "reprendre s'il vous plaît"],
    Command(CommandKind.START, None, "en"): ["START", "Unstop"],
    Command(CommandKind.HELP, None, "fr"): ["AIDE", "aide ?", "Aide svp"],
    Command(CommandKind.HELP, None, "en"): ["HELP", "help!", "Help please"],
    Command(CommandKind.HELP): ["INFO", "infos"],
    Command(CommandKind.STATE, None, "fr"): ["SUIVI", "suivi ?"],
    Command(CommandKind.STATE, None, "en"): ["STATUS"],
    Command(CommandKind.STATE, "482915307", "fr"): [
        "SUIVI 482915307",
        "suivi 482 915 307",
        "Suivi: 482.915.307",
        "Suivi n° 482915307",
        "suivi no 482 915 307 svp",
        "SUIVI numéro 482-915-307",
        "SUIVI482915307",
        "Suivi ４８２９１５３０７",
        "suivi ٤٨٢٩١٥٣٠٧",
        "Suivi référence 482915307",
        "Suivi réf. 482915307 merci",
    ],
    Command(CommandKind.STATE, "482915307", "en"): ["Status 482915307", "status number 482 915 307, please"],
    Command(CommandKind.STATE, "12", "fr"): ["SUIVI 12"],
    Command(CommandKind.ERASE, "482915307", "fr"): ["EFFACER 482915307", "Effacer no 482 915 307"],
    Command(CommandKind.ERASE, None, "fr"): ["Effacer"],
    Command(CommandKind.ERASE, "482915307", "en"): ["ERASE 482915307"],
    Command(CommandKind.THANKS, None, "fr"): [
        "Merci",
        "MERCI !",
        "merci beaucoup 🙏",
        "Ok merci",
        "Bien reçu, merci",
        "D'accord, merci.",
    ],
    Command(CommandKind.THANKS, None, "en"): ["Thanks", "thank you!", "Ok, thanks."],
}
LABELLED = [(phrase, command) for command, phrases in KEYWORDS.items() for phrase in phrases]


@pytest.mark.parametrize(("phrase", "command"), LABELLED, ids=[phrase for phrase, _ in LABELLED])
def test_keywords(phrase: str, command: Command) -> None:
    assert keyword_command_in(phrase) == command


CONTRIBUTIONS = [
    "Stop aux textos au volant rue de Siam",
    "Je ne veux plus de panneaux de la mairie devant l'école",
    "Retirez les poubelles de vos listes de travaux",
    "Stop aux camions rue de Siam !",
    "Stop à la pub",
    "Un stop au carrefour, svp",
    "Il faut un panneau stop",
    "Arrêt de bus trop loin",
    "L'arrêt Liberté n'est pas éclairé",
    "Arrêtez les travaux la nuit",
    "Aide aux personnes âgées",
    "Il faut plus d'aide",
    "Besoin d'aide pour les courses",
    "Suivi des travaux place de la Liberté ?",
    "Suivi du chantier : rien depuis 3 mois",
    "Suivi 2 arbres abattus",
    "Effacer les tags du tunnel",
    "Effacer le marquage 482 rue de Siam",
    "Effacez tout",
    "Merci de remettre les bancs",
    "Merci pour les vélos, mais il faut des arceaux",
    "Pas merci",
    "OUI",
    "Non",
    "YES",
    "ok",
    "Oui à la piscine",
    "Fin des travaux quand ?",
    "Infos voisins : le parc ferme trop tôt",
    "Information",
    "Help the elderly",
    "Stop the noise",
    "End of the street is dark",
    "Start with the schools",
    "Cancel the car park",
    "Status of the pool?",
    "Thanks for nothing",
    "Reprendre les bus de nuit",
    "482915307",
    "s'il vous plaît",
    "svp",
    "👍",
    "?",
    "",
    "Merci merci svp stop aux voitures",
]


@pytest.mark.parametrize("phrase", CONTRIBUTIONS)
def test_contributions(phrase: str) -> None:
    assert keyword_command_in(phrase) is None


@given(st.text())
def test_folding_is_stable(text: str) -> None:
    assert folded_message(folded_message(text)) == folded_message(text)


@given(st.text(), st.sampled_from(["aux", "bancs", "rue", "école"]))
def test_a_word_more_is_never_stop(before: str, word: str) -> None:
    found = keyword_command_in(f"{before} {word} stop")
    assert found is None or found.kind is not CommandKind.STOP


CONTENT = ["banc", "école", "rue", "bruit", "camion", "trottoir", "lampadaire", "piscine", "place", "arbre", "ticket"]
WORDS = [*CONTENT, "stop", "aide", "suivi", "merci", "svp", "arrêt", "supprimer", "effacer", "mon", "le", "aux", "482"]


@given(
    st.lists(st.sampled_from(WORDS), max_size=12), st.permutations(CONTENT).map(lambda words: words[:5]), st.randoms()
)
def test_a_sentence_of_five_words_of_weight_is_never_a_keyword(
    around: list[str], content: list[str], random: Random
) -> None:
    words = [*around, *content]
    random.shuffle(words)
    found = keyword_command_in(" ".join(words))
    assert found is None or found.kind is CommandKind.ERASE_WISH


GREETING = ["", "Bonjour, ", "Bonsoir. ", "Hello, ", "svp ", "Madame, Monsieur,\n"]
COURTESY = [
    "",
    " svp",
    " s'il vous plaît",
    ", merci",
    " merci bcp !",
    ". Cordialement",
    "\nMerci\nMme Le Bihan",
    " 🙏👍",
]


@given(
    st.sampled_from(["STOP", "Désinscrire", "AIDE", "SUIVI 482915307", "unsubscribe", "Reprendre", "garder 482915307"])
)
def test_no_courtesy_changes_what_is_asked(keyword: str) -> None:
    plain = keyword_command_in(keyword)
    assert plain is not None
    for before in GREETING:
        for after in COURTESY:
            assert keyword_command_in(before + keyword + after) == plain, (before, after)


@pytest.mark.parametrize("picture", ["🚗", "♿", "🌳", "🐕", "💩", "🚲", "🗑", "👵", "🏊‍♀️", "🇫🇷", "🚮"])
@pytest.mark.parametrize("keyword", ["STOP", "Aide", "Merci", "Suivi 482915307", "Oui"])
def test_a_picture_that_says_something_makes_it_an_opinion(keyword: str, picture: str) -> None:
    for text in (f"{keyword} {picture}", f"{picture}{keyword}", f"{keyword} 🙏{picture}"):
        assert keyword_command_in(text) is None
        assert consent_in(text) is None


@pytest.mark.parametrize("picture", ["🙏", "👍🏿", "🙂", "❤", "❤️", "😀😀", "🙋🏽‍♀️", ":-)", "<3", "^^"])
def test_a_picture_that_only_smiles_changes_nothing(picture: str) -> None:
    assert keyword_command_in(f"Stop {picture}") == Command(CommandKind.STOP)


LANGUAGES = {
    "Stop. Thank you": "en",
    "Hello, STOP": "en",
    "STOP svp": "fr",
    "Bonjour, stop": "fr",
    "STOP": None,
    "Désabonner please": "fr",
    "Info, bonne journée": "fr",
}


@pytest.mark.parametrize(("text", "language"), LANGUAGES.items(), ids=LANGUAGES)
def test_the_language_of_a_keyword(text: str, language: str | None) -> None:
    command = keyword_command_in(text)
    assert command is not None
    assert language_of(text, command) == language


OLD_AND_NEW = (
    "Supprimez mon message d'hier. Ce que je voulais dire : la rue Pasteur manque de bancs devant la boulangerie, les"
    " personnes âgées restent debout, et les poubelles débordent chaque samedi matin après le marché."
)


def test_a_wish_in_a_contribution_is_both() -> None:
    assert keyword_command_in(OLD_AND_NEW) is None
    assert erasure_wish_in_longer_text(OLD_AND_NEW) == Command(CommandKind.ERASE_WISH, None, "fr")
    assert erasure_wish_in_longer_text("Supprimez mon message d'hier") is None
    assert erasure_wish_in_longer_text(OLD_AND_NEW.partition(".")[2]) is None
