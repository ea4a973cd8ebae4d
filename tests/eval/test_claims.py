"""Claims and their support, in extractive and generative answers."""

from __future__ import annotations

import pytest

from assistant.messages import load_catalogue
from eval.metrics.claims import Claim, claims, message_patterns, supported

QUOTE = "Permet de diminuer les coûts individuels par la mise en commun."


def test_a_quoted_item_is_one_claim_and_its_lead_is_none() -> None:
    assert claims(f"Dans la partie « A », le guide dit :\n\n- « {QUOTE} » [1]") == [Claim(f"« {QUOTE} »", (1,))]


def test_several_markers_and_several_claims_in_a_line_are_told_apart() -> None:
    found = claims("Semez en mars [1][2]. Arrosez le soir [3].")
    assert [claim.numbers for claim in found] == [(1, 2), (3,)]


def test_a_sentence_without_a_marker_is_a_claim_without_support() -> None:
    found = claims("Les coûts baissent de moitié chaque année.")
    assert found == [Claim("Les coûts baissent de moitié chaque année.", ())]
    assert not supported(found[0], {1: [QUOTE]}, extractive=True)


def test_tables_give_the_claims_of_their_cells() -> None:
    head = "Le guide compare ainsi :\n\n| | A | B |\n| --- | --- | --- |"
    table = f"{head}\n| **Avantages** | « Un » [1]<br>« Deux » [2] | – |"
    assert [claim.words for claim in claims(table)] == ["« Un »", "« Deux »"]


def test_translations_in_italics_claim_nothing() -> None:
    assert claims("*Unofficial translation: it lowers costs for everyone.*") == []


def test_the_assistants_own_phrases_claim_nothing() -> None:
    text = "Le guide répond en plusieurs endroits."
    assert claims(text)
    assert not claims(text, message_patterns(load_catalogue().all_of("fr"), ("lead_",)))


def test_escaped_brackets_are_words_and_not_markers() -> None:
    assert claims(r"- « voir \[1\] plus loin dans le texte » [2]")[0] == Claim(
        "« voir [1] plus loin dans le texte »", (2,)
    )


@pytest.mark.parametrize(
    ("words", "extractive", "generative"),
    [
        (f"« {QUOTE} »", True, True),
        ("diminuer les coûts individuels", True, True),
        ("La mise en commun fait diminuer les coûts individuels", False, True),
        ("La mise en commun diminue les coûts individuels de 30 %", False, False),
        ("Les animaux sont interdits dans les locaux", False, False),
    ],
)
def test_support_is_strict_for_quotes_and_lexical_for_sentences(words: str, extractive: bool, generative: bool) -> None:
    claim = Claim(words, (1,))
    assert supported(claim, {1: [QUOTE]}, extractive=True) is extractive
    assert supported(claim, {1: [QUOTE]}, extractive=False) is generative


def test_a_claim_is_judged_by_the_citation_that_it_names() -> None:
    assert not supported(Claim(QUOTE, (2,)), {1: [QUOTE], 2: ["Autre chose."]}, extractive=True)
    assert not supported(Claim(QUOTE, (9,)), {1: [QUOTE]}, extractive=True)
