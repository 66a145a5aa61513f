"""How writers say that what they mean stands elsewhere in the mail: further down, or among the words they answer."""

from __future__ import annotations

import re

POINTS_BELOW = re.compile(
    r"\b(?:ci[- ]?(?:dessous|après)|plus bas|(?:les|aux|des|noms?|points?|lieux|endroits|adresses?|idées?|"
    r"propositions?) suivante?s?|below|(?:the |as )following|as follows)\b",
    re.IGNORECASE,
)
"""What follows, whatever stands between."""
_WITHIN = re.compile(
    r"\b(?:(?:j['’]ai |je vous |nous (?:vous |avons )?)?(?:répon(?:du?|ds|dons)|réponses?|commentaires?|"
    r"remarques?|annot\w+|avis|answers?|repl(?:y|ies|ied)|comments?|remarks?)\b.{0,60}"
    r"(?:ci[- ]?(?:dessous|après)|plus bas|dans (?:le|votre|ton|leur) (?:texte|message|mail|courriel|corps)|"
    r"en (?:rouge|bleu|vert|gras|majuscules?|couleurs?|italiques?|gros|capitales)|sous chaque|après chaque|"
    r"à la suite|below|in[- ]?line|within|in (?:red|blue|green|bold|capitals|caps|colou?r|italics)|under each|"
    r"after each|in between)|"
    r"(?:voir|cf\.?|lire|see) (?:tout )?(?:ci[- ]?(?:dessous|après)|plus bas|dans (?:le|votre) (?:texte|message|mail)|"
    r"below|in[- ]?line)|"
    r"(?:en (?:rouge|majuscules?|gras|bleu|vert)|in (?:red|capitals|caps|bold|blue|green)) "
    r"(?:dans|dessous|ci|below|in))\b",
    re.IGNORECASE,
)


_ANSWERED = re.compile(r"\?[\s>]*(?:(?:OUI|NON|YES|NO)\b|(?:(?:[A-ZÀ-Ý]['’])?[A-ZÀ-Ý]{2,}\b[ ,.!-]{0,3}){2})")
"""Behind a question, an answer in capitals: who asks writes otherwise."""


def answers_in_capitals(quoted: str) -> bool:
    """Whether answers in capitals stand among the words that are quoted."""
    return _ANSWERED.search(quoted) is not None


def points_within(text: str) -> bool:
    """Whether a writer says that answers stand among the words of the mail that is quoted."""
    return _WITHIN.search(text) is not None
