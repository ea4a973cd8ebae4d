"""Fits the choice among readings on the guides' example dialogues (maintainers; scikit-learn).

`python -m assistant.dialogue.fit` writes `readings.json`: trees as plain numbers, and the figures that
they reach on dialogues that neither they nor the encoder saw (`index.training.held_out`). What a reading is
worth is what its answer would be worth: recall and precision of the passages that it cites, or a right
decline.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.dialogue.choice import FEATURES, TREES_FILE, best_reading, reading_features
from assistant.dialogue.cues import cues_of
from assistant.dialogue.history import Topic, is_list_of_titles
from assistant.dialogue.topics import Topics
from assistant.settings import assistant_settings
from assistant.understand import Understood, first_reading, searched
from corpus import Dialogue, DialogueTurn, QuoteResolver
from index.ranking.selection import utility
from index.ranking.trees import Trees, fit_trees
from index.search import SearchIndex
from index.training.data import fold_of
from index.training.held_out import held_out_dialogues

FOLDS = 5
SEEDS = (0, 1)
# Worth is squared: an answer to everything at once is worth little to who asked for one thing. On fewer,
# earlier dialogues 0.60 of messages were answered fully and only, for 0.56 without, at the same mean worth.
SHARPNESS = 2
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Case:
    """One message of a dialogue: its readings' features and what each is worth."""

    dialogue: str
    turn: DialogueTurn
    found: list[Understood]
    rows: NDArray[np.float32]
    worth: NDArray[np.float64]
    first: int


def cases_of(dialogues: Sequence[Dialogue], index: SearchIndex) -> list[_Case]:
    """Search the readings of every message that follows another; earlier answers cite what is expected."""
    resolver, topics = QuoteResolver(index.guide), Topics(index.guide, index.translations)
    cases = []
    for dialogue in dialogues:
        topic: Topic | None = None
        for turn in dialogue.turns:
            if topic is not None and turn.expected != "smalltalk":
                found = searched(turn.user, topic, topics, index)
                first = first_reading(turn.user, found[0], topic, topics, index)
                if first is None:  # It is always read alone: nothing to choose.
                    found, first = found[:1], 0
                rows = reading_features(
                    [(f.reading, f.result, f.passages) for f in found], cues_of(turn.user), topic, topics
                )
                worth = np.array([_worth(f, turn, resolver, index) for f in found])
                cases.append(_Case(dialogue.id, turn, found, rows, worth, first))
            topic = _next_topic(topic, turn, resolver)
    return cases


def _next_topic(topic: Topic | None, turn: DialogueTurn, resolver: QuoteResolver) -> Topic | None:
    if turn.expected == "answer":
        cited = sorted(resolver.all_of(turn.quotes), key=lambda passage: passage.order)
        listed = topic.cited if topic and is_list_of_titles(topic.cited) else topic.listed if topic else ()
        earlier = topic.told if topic and cues_of(turn.user).others else ()
        return Topic(turn.standalone or turn.user, tuple(cited), listed, earlier=earlier)
    return replace(topic, fresh=False) if topic else None


def _worth(found: Understood, turn: DialogueTurn, resolver: QuoteResolver, index: SearchIndex) -> float:
    answered = index.bears_answer(found.result)
    if turn.expected == "decline":
        return float(not answered)
    if not answered:
        return 0.0
    chosen = tuple(passage.order for passage in found.passages)
    gold = tuple(passage.order for passage in resolver.all_of(turn.quotes))
    also = tuple(passage.order for passage in resolver.all_of(turn.also))
    return utility(chosen, gold, also)


def fit(cases: Sequence[_Case]) -> tuple[tuple[Trees, ...], dict[str, Any]]:
    """Return the trees fitted on all messages, and their figures on dialogues that they did not see."""
    folds = np.array([fold_of(case.dialogue, FOLDS) for case in cases])
    chosen = np.zeros(len(cases), dtype=np.int64)
    for fold in range(FOLDS):
        trees = _fit([case for case, at in zip(cases, folds, strict=True) if at != fold])
        for i in np.flatnonzero(folds == fold):
            chosen[i] = best_reading(trees, cases[int(i)].rows, cases[int(i)].first)
    return _fit(cases), _figures(cases, chosen)


def _fit(cases: Sequence[_Case]) -> tuple[Trees, ...]:
    rows = np.concatenate([case.rows for case in cases])
    worth = np.concatenate([case.worth for case in cases]) ** SHARPNESS
    return tuple(fit_trees(rows, worth, seed, count=300, depth=4, rate=0.04, leaf=8, columns=0.3) for seed in SEEDS)


def _figures(cases: Sequence[_Case], chosen: NDArray[np.int64]) -> dict[str, Any]:
    def mean(values: list[float]) -> float:
        return round(float(np.mean(values)), 4) if values else 0.0

    worth = [float(case.worth[at]) for case, at in zip(cases, chosen, strict=True)]
    tied = [bool(case.turn.standalone) for case in cases]
    return {
        "messages": len(cases),
        "worth": mean(worth),
        "fully_right": mean([float(w > 0.99) for w in worth]),
        "worth_alone": mean([float(case.worth[0]) for case in cases]),
        "worth_best": mean([float(case.worth.max()) for case in cases]),
        "worth_tied": mean([w for w, t in zip(worth, tied, strict=True) if t]),
        "worth_untied": mean([w for w, t in zip(worth, tied, strict=True) if not t]),
        "worth_answers": mean([w for w, c in zip(worth, cases, strict=True) if c.turn.expected == "answer"]),
        "worth_declines": mean([w for w, c in zip(worth, cases, strict=True) if c.turn.expected == "decline"]),
    }


def main() -> int:
    """Fit on the dialogues of the configured guide and write `readings.json`; without any it stays as it is."""
    settings = assistant_settings()
    cases: list[_Case] = []
    for index, dialogues in held_out_dialogues(settings):
        cases.extend(cases_of(dialogues, index))
    if not cases:
        log.warning("%s has no dialogues: %s stays as it is.", settings.guide, TREES_FILE.name)
        return 0
    trees, figures = fit(cases)
    content = {"features": list(FEATURES), "figures": figures, "trees": [part.to_numbers() for part in trees]}
    TREES_FILE.write_text(json.dumps(content) + "\n", encoding="utf-8")
    log.warning("%s written: %s", TREES_FILE.name, figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
