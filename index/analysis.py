"""French (and English) text to terms for the lexical index. BM25 itself is `index.lexical`'s."""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache

import Stemmer

from corpus import fold_accents

# Short words joined to the next by an apostrophe: l’impact, qu’il.
_ELISION = re.compile(r"\b(?:l|d|j|m|t|s|c|n|qu|jusqu|lorsqu|puisqu|quoiqu)['’ʼ](?=\w)", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:·[^\W_]+)*", re.UNICODE)

_STOP_FR = """
a ai ainsi alors apres as au aucun aussi autre autres aux avec avoir avons bien c ca car ce ceci cela celle
celles celui ces cet cette ceux chaque ci comme comment d dans de des dois doit donc dont du elle elles en encore
entre est et etait etant ete etre eu eux fait faire faut font hors ici il ils j je jusque l la le les leur leurs lui
m ma mais me meme memes mes moi mon n ne ni nos notre nous on ont ou par parce pas peu peut peuvent plus
pour pourquoi qu quand que quel quelle quelles quels qui quoi s sa sans se selon sera ses si soi son sont sous
sur t ta tant te tel telle tes toi ton tous tout toute toutes tres tu un une va vers voici voila vos votre vous y
"""
_STOP_EN = """
a about all am an and any are as at be been but by can could did do does for from had has have he her his how i if
in into is it its me my no not of on or our she should so some than that the their them then there these they this
those to us was we were what when where which who why will with would you your
"""
STOP_WORDS = frozenset((_STOP_FR + _STOP_EN).split())
_stemmers = threading.local()  # A PyStemmer object must not be shared between threads.


def _stem(word: str) -> str:
    stemmer = getattr(_stemmers, "french", None)
    if stemmer is None:
        stemmer = _stemmers.french = Stemmer.Stemmer("french")
    stem: str = stemmer.stemWord(word)
    return stem


@lru_cache(maxsize=4096)
def analyse(text: str) -> tuple[str, ...]:
    """Return the terms of a text: elisions cut, accents folded, digits kept, stop words left out, stemmed.

    Accents are folded before stemming, so that a question typed without accents meets the same terms.
    """
    plain = unicodedata.normalize("NFKC", text)
    plain = _ELISION.sub("", plain).replace("œ", "oe").replace("Œ", "Oe").replace("æ", "ae")
    words = (fold_accents(word.split("·")[0]).lower() for word in _WORD.findall(plain))
    return tuple(_stem(word) for word in words if word not in STOP_WORDS)
