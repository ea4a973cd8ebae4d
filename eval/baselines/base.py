"""What a system to compare with is: a name and a ranking of pieces of the guide. Measuring is done here."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from corpus import Guide
from eval.dataset import Case
from eval.metrics.bootstrap import mean_interval
from eval.metrics.retrieval import Unit, evidence_measures, ranking_measures, relevant_units
from eval.system import Progress, silent

DEPTH = 10


class System(ABC):
    """Ranks pieces of a guide for a question. `family` groups rows of the table."""

    name: str
    family: str

    @abstractmethod
    def units(self) -> Sequence[Unit]:
        """Return every piece that the system can return; called once, before any search."""

    @abstractmethod
    def _search(self, question: str) -> Sequence[Unit]:
        """Return the pieces for a question that is not blank, best first."""

    def search(self, question: str) -> Sequence[Unit]:
        """Return at most 10 pieces for a question, best first; none for a blank one."""
        return self._search(question)[:DEPTH] if question.strip() else ()


def guide_units(guide: Guide) -> list[Unit]:
    """Return the guide's passages as units."""
    return [Unit(passage.id, passage.text, passage.start, passage.end) for passage in guide.passages]


def plain_text(guide: Guide) -> str:
    """Return the guide as a pipeline without knowledge of its structure reads it: its passages, line by line."""
    return "\n".join(passage.text for passage in guide.passages)


def measure_system(system: System, cases: Sequence[Case], progress: Progress = silent) -> dict[str, Any]:
    """Return a system's retrieval measures on the single answerable questions, means and by question."""
    asked = [case for case in cases if not case.dialogue and case.turns[0].expected == "answer" and case.turns[0].gold]
    progress(system.name, 0, len(asked))
    units = system.units()
    rows: list[dict[str, float]] = []
    for number, case in enumerate(asked, start=1):
        turn = case.turns[0]
        started = time.perf_counter()
        ranked = system.search(turn.user)
        latency = (time.perf_counter() - started) * 1000
        relevant = relevant_units(units, turn.gold)
        row = {**evidence_measures(ranked, turn.gold), **ranking_measures([unit.key for unit in ranked], relevant)}
        rows.append({**row, "latency_ms": latency})
        progress(system.name, number, len(asked))
    names = list(rows[0]) if rows else []
    return {
        "name": system.name,
        "family": system.family,
        "units": len(units),
        "metrics": {name: mean_interval([row[name] for row in rows]).to_dict() for name in names},
        "questions": {
            case.id: {name: round(row[name], 4) for name in ("found_1200", "recall@5", "mrr@10")}
            for case, row in zip(asked, rows, strict=True)
        },
    }
