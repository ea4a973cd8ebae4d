"""Retrieval measures by question, with sentence-transformers' `InformationRetrievalEvaluator`.

The class is given finished rankings; it embeds nothing. A unit (a passage, a chunk) is relevant when it
overlaps a gold quote. Importing the library takes seconds: only whole reports do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eval.metrics.texts import Quoted, covered_count, first_characters, overlaps, relevant_count

CUTS = (1, 3, 5, 10)
BUDGET = 1200
TOP = 4


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of a guide that a system can return, with its place in characters; -1 when unknown."""

    key: str
    text: str
    start: int = -1
    end: int = -1

    @property
    def quoted(self) -> Quoted:
        """Return the unit as a cited text."""
        return Quoted(self.text, self.start, self.end)


def relevant_units(units: Sequence[Unit], gold: Sequence[str]) -> set[str]:
    """Return the keys of the units that overlap some gold quote."""
    return {unit.key for unit in units if any(overlaps(unit.text, text) for text in gold)}


def evidence_measures(ranked: Sequence[Unit], gold: Sequence[str]) -> dict[str, float]:
    """Return what the first units put before a reader, for one question.

    `found_1200`: gold quotes covered by the first 1,200 characters; `citation_recall`, `citation_precision`
    and `complete`: the contract's, each of the top 4 units taken as a cited quote; `evidence_chars`: how long
    those are together.
    """
    first = first_characters([unit.quoted for unit in ranked], BUDGET)
    cited = [unit.quoted for unit in ranked[:TOP]]
    found = covered_count(gold, cited)
    return {
        "found_1200": covered_count(gold, first) / len(gold),
        "citation_recall": found / len(gold),
        "citation_precision": relevant_count(cited, gold) / len(cited) if cited else 0.0,
        "complete": float(found == len(gold)),
        "evidence_chars": float(sum(len(unit.text) for unit in ranked[:TOP])),
    }


def ranking_measures(ranked: Sequence[str], relevant: set[str], cuts: Sequence[int] = CUTS) -> dict[str, float]:
    """Return recall@k, MRR@10 and nDCG@10 of one ranking of keys; all 0 when nothing is relevant."""
    names = [f"recall@{cut}" for cut in cuts] + ["mrr@10", "ndcg@10"]
    if not relevant:
        return dict.fromkeys(names, 0.0)
    from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator

    evaluator = InformationRetrievalEvaluator(
        queries={"q": ""},
        corpus=dict.fromkeys(ranked, ""),
        relevant_docs={"q": set(relevant)},
        precision_recall_at_k=list(cuts),
        mrr_at_k=[10],
        ndcg_at_k=[10],
        map_at_k=[10],
        write_csv=False,
    )
    # Ranks stand for scores: the library would reorder ties by key.
    hits: list[object] = [{"corpus_id": key, "score": -float(rank)} for rank, key in enumerate(ranked)]
    found = evaluator.compute_metrics([hits])
    values = [found["recall@k"][cut] for cut in cuts] + [found["mrr@k"][10], found["ndcg@k"][10]]
    return {name: float(value) for name, value in zip(names, values, strict=True)}
