"""What the words of a message say about its tie to what was said before: cues, weighed later by training."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from corpus import fold_accents, folded

_START = re.compile(
    r"^(?:(?:ok|oui|non|merci|super|bien|d'accord|ah|tant pis|yes|no|thanks)[\s,.!]+)*"
    r"(?:et|mais|ou|donc|alors|du coup|puis|sinon|pareil|idem|en fait|en seine|dans le 93|in seine|comment ca|"
    r"c'est a dire|ah bon|par exemple|l'autre|and|but|so|then|how so|what about|how about|"
    r"same|such as|lequel|laquelle|"
    r"lesquel(?:le)?s|which one|celui|celle|encore|meme (?:chose|question)|qui ca|quand ca|the other)\b"
)
_REFERENCE = re.compile(
    r"\b(?:ca|cela|celui(?:-ci|-la)?|celle(?:-ci|-la)?|ceux(?:-ci|-la)?|celles(?:-ci|"
    r"-la)?|cette (?:forme|qualite|pratique|"
    r"idee|solution|approche|option|methode|cooperation|association|structure|convention)|"
    r"ce (?:point|type|cas|frein|reseau|"
    r"critere|facteur|collectif|pole|groupement)|ces \w+|elle|elles|il|ils|dedans|en|y|"
    r"leur|leurs|lui|l'eviter|this|that|"
    r"these|those|it|its|they|them|their|one|ones)\b|\b(?:l|d)'(?:autre|un|une)\b|\b(?:un|"
    r"une|les|des) autres?\b|-(?:elle|il|ce)s?\b"
)
# Of these, the ones that can hardly stand in a question of its own: « il », « en », « y » can.
_POINTING = re.compile(
    r"\b(?:ca|cela|celui(?:-ci|-la)?|celle(?:-ci|-la)?|ceux(?:-ci|-la)?|celles(?:-ci|-la)?|cette|ces|(?<!-)elles?|(?<!-)ils|eux|"
    r"lui|dedans|l'autre|un autre|une autre|this|that|these|those|they|them)\b|"
    r"^(?:(?!est-ce|faut-il)\w+ )?(?!est-ce|faut-il|y a-t-il)\w+-(?:t-)?(?:elle|il)s?\b"
)
_WHY = re.compile(r"\b(?:pourquoi|pk|pq|why|comment ca|how so|en quoi|raison|how come)\b")
_AGAIN = re.compile(
    r"\b(?:resum\w*|plus (?:court|simple|bref|clair)\w*|court\w*|bref|en (?:une|1|deux|2|"
    r"quelques) (?:phrases?|mots?|lignes?)|repet\w*|redi\w*|"
    r"reformul\w*|expliqu\w*|developp\w*|precis\w*|detaill\w*|c'est[- ]a[- ]dire|cad|"
    r"pas compris|vraiment|sure?s?|certain\w*|serieu\w*|"
    r"sources?|ecrit|ou ca|trouve|cit\w+|extrait|page|verifi\w*|traduis\w*|traduct\w*|"
    r"(?:en|in) (?:anglais|english|francais|french)|"
    r"shorter|short|summar\w*|repeat|again|rephrase|explain|elaborate|really|where|source|quote|translate|mean)\b"
)
# With these words only, « tu peux répéter ? » or « c'est écrit où ? » asks for what was said and nothing else.
_FILLING = (
    "et tu vous on peux px pouvez pourriez peut stp svp s il te plait ca c est cela le la les l moi en me m un une peu "
    "ou quel quelle dans guide dit dis dites ce que mots ai j compris pas merci alors bon ah etes es t de du fois ok d "
    "accord please can could you it that is the i are dire redonner say tell give in"
)
_FILLERS = frozenset(_FILLING.split())
_EXAMPLES = ("exemple", "exemples", "example", "examples")
_MORE_FILLERS = _FILLERS | {*_EXAMPLES, "quoi", "what", "one", "ones", "avez", "as", "y"}
_WORD = re.compile(r"\w+")
SHORT = 3
_OTHERS = re.compile(
    r"\b(?:autres?(?: chose)?|quoi d'autre|sinon|encore|d'autres|en plus|a part|else|"
    r"other|others|another|more|c'est tout|that's all|"
    r"et apres|suite|ensuite|suivant\w*|next)\b"
)
_EXAMPLE = re.compile(
    r"\b(?:exemples?|ex|concret\w*|concretement|cas|illustr\w*|en seine|93|terrain|"
    r"pratique|examples?|instance|in practice|"
    r"chez nous|par ici|departement)\b"
)
_CORRECTION = re.compile(
    r"\b(?:je parlais|je voulais dire|non pas|pas (?:la|le|les|celle|celui)|plutot|"
    r"je pensais|i meant|rather|not the)\b"
)
_ORDINALS: tuple[tuple[re.Pattern[str], int], ...] = tuple(
    (re.compile(rf"\b(?:{words})\b"), position)
    for words, position in (
        (r"premiere?s?|1ere?|1er|first|numero 1|n°1|point 1|le 1|la 1", 0),
        (r"deuxiemes?|seconde?s?|2e|2eme|second|numero 2|n°2|point 2|le 2|la 2", 1),
        (r"troisiemes?|3e|3eme|third|numero 3|n°3|point 3|le 3|la 3", 2),
        (r"quatriemes?|4e|4eme|fourth|numero 4|n°4|point 4|le 4|la 4", 3),
        (r"cinquiemes?|5e|5eme|fifth|numero 5|n°5|point 5", 4),
        (r"avant[- ]dernieres?|avant[- ]derniers?", -2),
        (r"dernieres?|derniers?|last", -1),
    )
)
_OPENING = re.compile(
    r"^\s*(?:(?:ok|oui|non|merci|super|bien|d['’]accord|ah|tant pis|parfait|yes|no|thanks|great)[\s,.!]+)*"
    r"(?:(?:et|mais|donc|alors|du coup|puis|and|but|so|then|même (?:question|chose)|pareil|idem|same)\b[\s,]*)*"
    r"(?:(?:pour|sur|avec|quid de|concernant|celle de|celui de|de|for|with|what about|how about|about)\s+(?=\w))?",
    re.IGNORECASE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cues:
    """What the words of one message show.

    `ordinal` is a position (negative from the end), None for none; `counted` is the word that follows it.
    """

    plain: str
    words: int
    starts: bool
    refers: bool
    points: bool
    why: bool
    again: bool
    others: bool
    example: bool
    corrects: bool
    asks: bool
    ordinal: int | None
    counted: str
    only_again: bool
    only_others: bool

    @property
    def goes_on(self) -> bool:
        """Tell whether the message asks for more of what was said: another one, an example, the reason."""
        return self.example or self.others or self.why or (self.tied and self.words > SHORT)

    @property
    def tied(self) -> bool:
        """Tell whether a word ties the message to what was said before, however long it is."""
        return self.starts or self.points or self.corrects or self.ordinal is not None


def plain_form(message: str) -> str:
    """Return a message in small letters without accents, spelled as the patterns here expect it."""
    return folded(message).strip(" ?!.…")


@lru_cache(maxsize=512)
def cues_of(message: str) -> Cues:
    """Read the cues of a message."""
    plain = plain_form(message)
    counts = next(((p, match) for pattern, p in _ORDINALS if (match := pattern.search(plain))), None)
    following = _WORD.search(plain, counts[1].end()) if counts else None
    return Cues(
        plain=plain,
        words=len(plain.split()),
        starts=bool(_START.search(plain)),
        refers=bool(_REFERENCE.search(plain)),
        points=bool(_POINTING.search(plain)),
        why=bool(_WHY.search(plain)),
        again=bool(_AGAIN.search(plain)),
        others=bool(_OTHERS.search(plain)),
        example=bool(_EXAMPLE.search(plain)),
        corrects=bool(_CORRECTION.search(plain)),
        asks="?" in message,
        ordinal=counts[0] if counts else None,
        counted=following[0] if following else "",
        only_again=bool(_AGAIN.search(plain)) and _FILLERS.issuperset(_WORD.findall(_AGAIN.sub(" ", plain))),
        only_others=bool(_OTHERS.search(plain)) and _MORE_FILLERS.issuperset(_WORD.findall(_OTHERS.sub(" ", plain))),
    )


def bare(message: str) -> str:
    """Return a message without the words that tie it to what was said (« et pour … », « ok, and … »)."""
    stripped = _OPENING.sub("", message).strip(" ,")
    return stripped or message


def has_words(text: str) -> bool:
    """Tell whether a text asks anything beyond articles and the like: « la ? », what is left of « la dernière ? »."""
    return not _FILLERS.issuperset(_WORD.findall(plain_form(text)))


def without_ordinal(message: str) -> str:
    """Return the words of a message that are not its ordinal."""
    kept = fold_accents(message)
    if len(kept) != len(message):
        return message
    spans = [match.span() for pattern, _ in _ORDINALS for match in pattern.finditer(kept.lower())]
    last = len(message)
    for start, end in sorted(spans, key=lambda span: (span[1], -span[0]), reverse=True):
        # « Avant-dernière » holds « dernière »: what lies within another is cut with it.
        if end <= last:
            message = message[:start] + message[end:]
            last = start
    return " ".join(message.split())
