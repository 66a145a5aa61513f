"""What people say to an answering machine in other languages than the model's, spoken by espeak-ng."""

from __future__ import annotations

from tests.transcription.spoken import Clip

# Written for this file; espeak-ng's name of the language, then what is said.
SAID: dict[str, tuple[str, ...]] = {
    "en": (
        "good morning I would like to have more benches in the park because my mother cannot walk very far",
        "the street light in front of my house has been broken for two weeks and nobody has come to repair it",
        "please tell the mayor that the buses are always full in the morning",
        "I think we need a doctor and a pharmacy in our neighbourhood",
    ),
    "de": (
        "guten Tag ich hätte gern mehr Bänke im Park weil meine Mutter nicht mehr weit laufen kann",
        "die Straßenlaterne vor meinem Haus ist seit zwei Wochen kaputt und niemand repariert sie",
        "die Busse sind am Morgen immer voll das muss sich endlich ändern",
        "wir brauchen einen Arzt und eine Apotheke in unserem Viertel",
    ),
    "es": (
        "buenos días quisiera más bancos en el parque porque mi madre no puede caminar mucho",
        "la farola delante de mi casa está rota desde hace dos semanas y nadie viene a repararla",
        "los autobuses siempre están llenos por la mañana hace falta poner más",
        "necesitamos un médico y una farmacia en nuestro barrio",
    ),
    "it": (
        "buongiorno vorrei più panchine nel parco perché mia madre non può camminare molto",
        "il lampione davanti a casa mia è rotto da due settimane e nessuno viene a ripararlo",
        "gli autobus sono sempre pieni la mattina ce ne vorrebbero di più",
        "abbiamo bisogno di un medico e di una farmacia nel nostro quartiere",
    ),
    "pt": (
        "bom dia eu queria mais bancos no parque porque a minha mãe não pode andar muito",
        "o candeeiro em frente da minha casa está avariado há duas semanas e ninguém o vem arranjar",
        "os autocarros estão sempre cheios de manhã são precisos mais",
        "precisamos de um médico e de uma farmácia no nosso bairro",
    ),
    "pl": (
        "dzień dobry chciałbym więcej ławek w parku bo moja matka nie może daleko chodzić",
        "latarnia przed moim domem nie świeci od dwóch tygodni i nikt jej nie naprawia",
        "autobusy rano są zawsze pełne potrzeba ich więcej",
        "potrzebujemy lekarza i apteki w naszej dzielnicy",
    ),
    "tr": (
        "günaydın parkta daha fazla bank istiyorum çünkü annem uzun süre yürüyemiyor",
        "evimin önündeki sokak lambası iki haftadır bozuk ve kimse tamir etmiyor",
        "otobüsler sabahları hep dolu daha fazla otobüs lazım",
        "mahallemizde bir doktora ve bir eczaneye ihtiyacımız var",
    ),
    "ro": (
        "bună ziua aș vrea mai multe bănci în parc pentru că mama mea nu poate merge mult",
        "felinarul din fața casei mele este stricat de două săptămâni și nimeni nu îl repară",
        "autobuzele sunt mereu pline dimineața ar trebui mai multe",
        "avem nevoie de un medic și de o farmacie în cartierul nostru",
    ),
}
VARIANTS = ("+f2", "+m3")


def foreign_clips() -> list[Clip]:
    """Every sentence by a woman and a man."""
    return [
        Clip(sentence, language + variant, 145, 50)
        for language, sentences in SAID.items()
        for sentence in sentences
        for variant in VARIANTS
    ]
