"""What kind of fact a question asks for, and whether a passage holds one: a « combien » wants a number.

An answer to « combien » without a number in it is none. The patterns are French and English; what they
find is evidence beside other evidence, weighed by training, never a rule of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from corpus import folded

FACTS = ("number", "date", "name", "place", "contact", "document", "meaning")
# « où » asks for a place, « ou » (or) only as « c ou ? »: looked for before accents are folded.
_WHERE = re.compile(
    r"^(?:et |mais )?(?:c|c['’]est|cest|ils? sont|elles? sont)? ?ou[\s?!.…]*$|"
    r"(?:^|[\s,?])(?:d’|d')?où\b|\bdans quel(?:le)?s? (?:ville|commune|région|département|"
    r"quartier|lieu|pays)",
    re.IGNORECASE,
)
_ASKS: dict[str, re.Pattern[str]] = {
    "number": re.compile(
        r"\b(?:combien|cb|how (?:many|much)|nombre|number of|chiffres?|figures?|montants?|"
        r"budgets?|prix|tarifs?|euros?|"
        r"pourcentages?|percent(?:age)?|taux|effectifs?|statistiques?|quelle (?:part|"
        r"proportion|somme|enveloppe|duree)|"
        r"salaires?|price|amount)\b|[€%]"
    ),
    "date": re.compile(
        r"\b(?:(?:quand|kan)(?! (?:meme|mm)\b)|when|dates?|annees?|what year|which year|depuis (?:quand|combien)|"
        r"combien de temps|how long|calendrier|"
        r"echeances?|delais?|durees?|quel (?:mois|jour))\b"
    ),
    "name": re.compile(
        r"\b(?:^qui|qui (?:est|sont|a|ont|dirige|preside|finance|pilote|paie|decide|signe|"
        r"anime|gere)|(?:par|avec|a|chez) qui|who(?:se|m)?|"
        r"noms?|names?|nomme(?:e|nt|s)?|s'appelle(?:nt)?|quelles? (?:association|entreprise|"
        r"structure|fondation|personne|societe)s?|lesquel(?:le)?s)\b"
    ),
    "place": re.compile(
        r"\b(?:where|ville|commune|region|departement|quartier|pays|country|city|ailleurs|"
        r"elsewhere)\b"
    ),
    "contact": re.compile(
        r"\b(?:contacts?|contacter|telephones?|tel|numeros?|mails?|e-?mails?|adresses?|"
        r"address|site|lien|url|www|rendez-vous|rdv|joindre|"
        r"inscri\w*|appeler|phone|website|link)\b"
    ),
    "document": re.compile(
        r"\b(?:modeles?|templates?|trames?|exemplaires?|formulaires?|pdf|word|excel|"
        r"powerpoint|fichiers?|telecharg\w*|download|checklists?|"
        r"grilles?|tableurs?|logiciels?|outils?|tools?|software|appli(?:cation)?s?|fiche|kit)\b"
    ),
    "meaning": re.compile(
        r"\b(?:signifi\w*|veut dire|veulent dire|definition|definir|definit|acronymes?|"
        r"sigles?|stands? for|mean(?:s|ing)?|"
        r"en toutes lettres|abreviation|initiales|c'est quoi)\b"
    ),
}  # fmt: skip
_NUMBER_WORDS = (
    r"deux|trois|quatre|cinq|six|sept|huit|neuf|dix|douze|quinzaine|vingtaine|trentaine|"
    r"centaine|dizaine|premiere?s?"
)
_MONTHS = r"janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre"
_HOLDS: dict[str, re.Pattern[str]] = {
    "number": re.compile(rf"(?<![\w’'])\d+(?![\w-])|\b(?:{_NUMBER_WORDS})\b"),
    "date": re.compile(rf"\b(?:19|20)\d\d\b|\b(?:{_MONTHS})\b|\b(?:long|debut|duree|temps|terme|chronophage)\b"),
    "contact": re.compile(r"@|https?://|www\.|\b0\d(?:[ .]?\d\d){4}\b|\brubrique\b"),
    "document": re.compile(r"\b(?:document|convention|outil|charte|source|publie|rubrique)\b"),
    "meaning": re.compile(r"« [^»]{10,} » \w|–|\([A-Z]{2,}\)"),
}
# A capital that does not open a sentence: a name of someone, of a place or of a body.
_CAPITAL = re.compile(r"(?<=[\w,;’'] )[A-ZÀÂÉÈÊÎÔÙÇŒ][\w’'-]+|(?<=[’'])[A-ZÀÂÉÈÊÎÔÙÇŒ][\w-]+|\b[A-Z]{2,}\b")


@lru_cache(maxsize=1024)
def asks_for(question: str) -> frozenset[str]:
    """Return which of `FACTS` a question asks for; most ask for none."""
    plain = folded(question)
    found = {fact for fact, pattern in _ASKS.items() if pattern.search(plain)}
    if _WHERE.search(question):
        found.add("place")
    return frozenset(found)


@lru_cache(maxsize=1024)
def holds(text: str) -> frozenset[str]:
    """Return which of `FACTS` the words of a passage could give."""
    plain = folded(text)
    found = {fact for fact, pattern in _HOLDS.items() if pattern.search(text if fact == "meaning" else plain)}
    if _CAPITAL.search(text):
        found |= {"name", "place"}
    return frozenset(found)


def unmet(question: str, passages: Sequence[str]) -> tuple[float, ...]:
    """Return, for each of `FACTS`, 0 when it is not asked, 1 when no passage holds it, -1 when one does."""
    asked = asks_for(question)
    if not asked:
        return (0.0,) * len(FACTS)
    held = frozenset().union(*(holds(text) for text in passages)) if passages else frozenset[str]()
    return tuple(0.0 if fact not in asked else -1.0 if fact in held else 1.0 for fact in FACTS)
