"""Which reading of a message is meant: the one whose answer is worth most, by its evidence and the message's cues."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assistant.dialogue.cues import Cues
from assistant.dialogue.history import Topic, is_list_of_titles
from assistant.dialogue.readings import ORIGINS, Reading
from assistant.dialogue.topics import Topics
from assistant.errors import ReadingsError
from index.errors import TrainingError
from index.ranking.trees import Trees

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corpus import Passage
    from index.search import SearchResult

TREES_FILE = Path(__file__).parent / "readings.json"
FEATURES = (
    *(f"origin_{origin}" for origin in ORIGINS),
    "answerable",  # probability that the guide answers this reading
    "answerable_gain",  # the same less that of the message alone
    "selection",  # what the chosen passages are expected to be worth
    "selection_gain",
    "best",  # score of the best passage
    "nearest",  # cosine with the nearest bank question
    "far",  # share of far and small-talk questions among the near ones
    "at_home",  # share of chosen passages in the part that was talked about
    "cited_before",  # share of chosen passages that were told before
    "cited",  # log of the number of passages chosen
    "same_as_alone",  # 1 when the message alone chooses the same passages
    "alone_answerable",
    "alone_selection",
    "alone_nearest",
    "alone_far",
    "alone_at_home",
    "alone_cited_before",
    "words",
    "starts",
    "refers",
    "why",
    "again",
    "others",
    "example",
    "corrects",
    "asks",
    "ordinal",
    "names_part",
    "names_home",
    "mentions_facet",
    "has_home",
    "has_facet",
    "fresh",
    "topic_cited",  # log of the number of passages that the last answer cited
    "topic_titles",  # 1 when it was a list of titles
    "in_named",  # share of chosen passages in the part that the message names
    "in_alone",  # share of chosen passages that the message alone would cite
    "of_alone",  # share of what the message alone would cite that is chosen
    "agreement",  # mean overlap of the chosen passages with those of the other readings
    "parts",  # number of parts of the guide among the chosen passages
)


def reading_features(
    candidates: Sequence[tuple[Reading, SearchResult, tuple[Passage, ...]]], cues: Cues, topic: Topic, topics: Topics
) -> NDArray[np.float32]:
    """Return the features of each reading, of shape (readings, len(FEATURES)); the message alone comes first."""
    home = topics.home(topic.cited)
    inside = topics.inside(home) if home is not None else frozenset[int]()
    cited = {passage.id for passage in topic.told}
    named = topics.named(cues.plain)
    part = topics.inside(named) if named is not None else frozenset[int]()
    _, alone, alone_chosen = candidates[0]
    alone_ids = {passage.id for passage in alone_chosen}

    def at_home(chosen: Sequence[Passage]) -> float:
        return sum(passage.section in inside for passage in chosen) / max(len(chosen), 1)

    def before(chosen: Sequence[Passage]) -> float:
        return sum(passage.id in cited for passage in chosen) / max(len(chosen), 1)

    shared = (
        alone.answerable,
        alone.selection_score,
        _nearest(alone),
        sum(alone.outcomes[2:]),
        at_home(alone_chosen),
        before(alone_chosen),
        float(np.log1p(cues.words)),
        cues.starts,
        cues.refers,
        cues.why,
        cues.again,
        cues.others,
        cues.example,
        cues.corrects,
        cues.asks,
        cues.ordinal is not None,
        named is not None,
        named is not None and named == home,
        topics.mentions_facet(cues.plain),
        home is not None,
        bool(topics.shared_facet(topic.cited)),
        topic.fresh,
        float(np.log1p(len(topic.cited))),
        is_list_of_titles(topic.cited),
    )
    rows = []
    sets = [{passage.id for passage in chosen} for _, _, chosen in candidates]
    for at, (reading, result, chosen) in enumerate(candidates):
        ids = sets[at]
        rows.append(
            (
                *(float(reading.origin == origin) for origin in ORIGINS),
                result.answerable,
                result.answerable - alone.answerable,
                result.selection_score,
                result.selection_score - alone.selection_score,
                result.hits[0].score if result.hits else 0.0,
                _nearest(result),
                sum(result.outcomes[2:]),
                at_home(chosen),
                before(chosen),
                float(np.log1p(len(chosen))),
                ids == alone_ids,
                *shared,
                sum(passage.section in part for passage in chosen) / max(len(chosen), 1),
                len(ids & alone_ids) / max(len(ids), 1),
                len(ids & alone_ids) / max(len(alone_ids), 1),
                _agreement(ids, [other for i, other in enumerate(sets) if i != at]),
                len({passage.titles[:1] for passage in chosen}),
            )
        )
    return np.array(rows, dtype=np.float32)


def best_reading(choice: Sequence[Trees], rows: NDArray[np.float32], first: int = 0) -> int:
    """Return the row of the reading that is worth most; `first` is 1 where the message cannot stand alone."""
    first = min(first, len(rows) - 1)
    return first + int(np.mean([trees.predict(rows[first:]) for trees in choice], axis=0).argmax())


def _agreement(chosen: set[str], others: Sequence[set[str]]) -> float:
    """Return the mean F1 of a set of passages with other sets, 0 without others."""
    shared = [2 * len(chosen & other) / max(len(chosen) + len(other), 1) for other in others]
    return sum(shared) / max(len(shared), 1)


def _nearest(result: SearchResult) -> float:
    return result.neighbours[0].similarity if result.neighbours else 0.0


@lru_cache(maxsize=1)
def trained_choice() -> tuple[Trees, ...]:
    """Return the sums of trees that say what a reading is worth (`assistant.dialogue.fit` writes them).

    Raises:
        ReadingsError: the file is missing or was written for other features.
    """
    try:
        numbers = json.loads(TREES_FILE.read_text(encoding="utf-8"))
        if tuple(numbers["features"]) != FEATURES:
            raise ReadingsError("readings.json weighs other features. Run `python -m assistant.dialogue.fit`.")
        return tuple(Trees.from_numbers(trees) for trees in numbers["trees"])
    except (OSError, ValueError, KeyError, TypeError, TrainingError) as error:
        raise ReadingsError(
            f"readings.json cannot be used ({error}). Run `python -m assistant.dialogue.fit`."
        ) from error
