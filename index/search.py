"""The search of one guide: a question in, ranked passages with explained scores out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from corpus import BankQuestion, CorpusError, Passage, load_translations, writable
from corpus.translation import TRANSLATION_FILE
from index.build import TRAINED_COPY, build_index, collection_name, index_state, read_corpus
from index.context import Query
from index.errors import IndexUnreadableError, ModelError, SearchIndexError, TrainingError
from index.lexical import LexicalIndex
from index.manifest import Manifest, read_manifest
from index.model.embeddings import OnnxEmbeddings
from index.model.store import read_prepared
from index.progress import Progress, silent
from index.ranking.answerability import EVIDENCE_NAMES, Answerability, evidence, outcome_shares
from index.ranking.asked import unmet
from index.ranking.features import NAMES, TRAINED, UNTRAINED, passage_features
from index.ranking.ranker import Ranker
from index.ranking.selection import Selector
from index.ranking.signals import LEXICAL_NEIGHBOURS, NEIGHBOURS, Layout, Signals
from index.ranking.words import WordWeights
from index.settings import IndexSettings
from index.trained_parts import TrainedParts, read_trained
from index.vectors import VectorCollection, open_client

if TYPE_CHECKING:
    from numpy.typing import NDArray

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SearchParts:
    """Which kinds of evidence a search uses; all of them unless a part is measured."""

    dense: bool = True
    questions: bool = True
    lexical: bool = True


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found: its score (0 to 1, a probability when trained), its features, what each adds."""

    passage: Passage
    score: float
    parts: dict[str, float]
    contributions: dict[str, float]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A bank question near the one that was asked, with its cosine similarity."""

    question: BankQuestion
    similarity: float


@dataclass(frozen=True)
class SearchResult:
    """What a search found: hits, best first; near bank questions; the raw evidence for deciding.

    `features` has shape (passages, len(NAMES)), `scores` (passages,), both in reading order. `selected`
    are the passages to cite if the question is answered, in reading order; `answerable` is the
    probability that the guide answers it; `outcomes`, the shares of near bank questions that are
    answerable, near misses, far, small talk.
    """

    question: str
    hits: tuple[Hit, ...]
    neighbours: tuple[Neighbour, ...]
    vector: NDArray[np.float32]
    signals: Signals
    features: NDArray[np.float32]
    scores: NDArray[np.float32]
    selected: tuple[Passage, ...]
    selection_score: float
    answerable: float
    evidence: dict[str, float]
    outcomes: tuple[float, float, float, float]


def quietened(text: str) -> str:
    """Return a text written in capitals in small letters, others as they are.

    The encoder's pieces tell cases apart: the same question in capitals lost 0.19 of citation recall.
    """
    letters = [char for char in text if char.isalpha()]
    loud = sum(char.isupper() for char in letters) > 0.7 * len(letters)
    return text.lower() if loud and len(letters) > 12 else text


def _readable(question: str | Query) -> Query:
    """Return a question as it is searched: characters that can be written, capitals quietened."""
    query = question if isinstance(question, Query) else Query(question)
    return Query(quietened(writable(query.question)), writable(query.context))


class SearchIndex:
    """An index that is open: guide, bank, collections, model and ranking. Safe to share by threads."""

    def __init__(self, folder: Path, settings: IndexSettings) -> None:
        """Open the index in a folder; see `open` for building it first.

        Raises:
            IndexUnreadableError: the folder holds no complete index.
        """
        self.folder = folder
        self.settings = settings
        self.manifest: Manifest = read_manifest(folder)
        model = read_prepared(settings.data_dir / "models" / self.manifest.model_key)
        if model is None:
            raise IndexUnreadableError(
                f"The model {self.manifest.model_key} of the index is missing or damaged. Run `python -m index build`."
            )
        # The model loads in native code, beside the parsing of the bank: a quarter of the opening less.
        with ThreadPoolExecutor(1) as pool:
            loading = pool.submit(OnnxEmbeddings, model, settings.threads)
            try:
                self._read_folder()
                self.embeddings = loading.result()
                self._classes, self._null = self._class_vectors()
            except (CorpusError, TrainingError, ModelError) as error:
                raise IndexUnreadableError(
                    f"The copies in {folder}, or its model, are damaged. Run `python -m index build --force`. ({error})"
                ) from error

    def _read_folder(self) -> None:
        """Read all but the model: copies of guide and bank, collections, lexical indexes, ranking."""
        folder, settings = self.folder, self.settings
        self.guide, self.bank = read_corpus(folder)
        self.trained: TrainedParts | None = read_trained(folder / TRAINED_COPY)
        self.layout = Layout(self.guide, self.bank)
        self.translations = load_translations(self.guide, folder / TRANSLATION_FILE)
        client = open_client(folder / self.manifest.store, settings.chroma_url)
        self._passages = VectorCollection(client, collection_name(settings, folder, "passages"))
        self._questions = VectorCollection(client, collection_name(settings, folder, "questions"))
        self._passages.open(len(self.guide.passages))
        self._lexical = LexicalIndex.load(folder / "lexical-passages", len(self.guide.passages))
        self._lexical_questions: LexicalIndex | None = None
        if self.bank.questions:
            self._questions.open(len(self.bank.questions))
            self._lexical_questions = LexicalIndex.load(folder / "lexical-questions", len(self.bank.questions))
        self.temperatures = TRAINED if self.trained else UNTRAINED
        numbers = self.trained.ranking() if self.trained else {}
        self.ranker = Ranker.from_numbers(numbers["ranker"]) if "ranker" in numbers else Ranker.untrained()
        self.selector = Selector.from_numbers(numbers["selector"]) if "selector" in numbers else Selector.untrained()
        self.words = WordWeights.from_numbers(numbers["words"]) if "words" in numbers else WordWeights()
        self.answerability = (
            Answerability.from_numbers(numbers["answerability"])
            if "answerability" in numbers
            else Answerability.untrained()
        )

    @classmethod
    def open(
        cls,
        settings: IndexSettings,
        progress: Progress = silent,
        notify: Callable[[str], None] = log.info,
    ) -> SearchIndex:
        """Open the current index; build it when missing, refresh it when stale, repair it when damaged.

        `notify` receives a sentence when one of these is done. When a refresh fails, the index that
        answered before goes on answering, and a warning is logged.

        Raises:
            CorpusError, SearchIndexError: there is nothing that can answer; the message says what to do.
        """
        state = index_state(settings)
        if state.state == "current":
            try:
                return cls(state.folder, settings)
            except IndexUnreadableError as error:
                notify(f"{error} Building it again now.")
                return cls(build_index(settings, progress, force=True), settings)
        notify(
            "Building the index."
            if state.state == "missing"
            else "The guide, its bank or the model changed: refreshing the index."
        )
        try:
            return cls(build_index(settings, progress), settings)
        except SearchIndexError as error:
            if state.current is None:
                raise
            log.warning("The refresh failed (%s). The index built before goes on answering.", error)
            return cls(state.current, settings)

    def _class_vectors(self) -> tuple[NDArray[np.float32] | None, NDArray[np.float32] | None]:
        """Return learned vectors for the passages and for what is no answer, None without training.

        A passage that the training did not know keeps the vector of its words.
        """
        if self.trained is None:
            return None, None
        known = {passage_id: row for row, passage_id in enumerate(self.trained.passage_ids)}
        learned = self.trained.class_vectors()
        count = len(known)
        vectors = np.zeros((len(self.guide.passages), learned.shape[1]), dtype=np.float32)
        new = [p for p in self.guide.passages if p.id not in known]
        for passage in self.guide.passages:
            if passage.id in known:
                vectors[passage.order] = learned[known[passage.id]]
        if new:
            vectors[[p.order for p in new]] = self.embeddings.encode([self.guide.place(p) for p in new], query=False)
        return vectors, learned[count:]

    def signals(self, text: str, vector: NDArray[np.float32], parts: SearchParts) -> Signals:
        """Gather the raw evidence for what is asked, in its context, given its vector."""
        count = len(self.guide.passages)
        dense = np.zeros(count, dtype=np.float32)
        null = np.zeros(0, dtype=np.float32)
        if parts.dense:
            if self._classes is not None and self._null is not None:
                dense, null = self._classes @ vector, self._null @ vector
            else:
                positions, similarity = self._passages.nearest(vector, count)
                dense[positions] = similarity
        near, near_similarity = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        if parts.questions and self.bank.questions:
            near, near_similarity = self._questions.nearest(vector, min(NEIGHBOURS, len(self.bank.questions)))
        lexical = self._lexical.scores(text) if parts.lexical else np.zeros(0, dtype=np.float32)
        lexical_near, lexical_score = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        if parts.lexical and parts.questions and self._lexical_questions is not None:
            scores = self._lexical_questions.scores(text)
            best = np.argsort(-scores, kind="stable")[:LEXICAL_NEIGHBOURS]
            lexical_near = best[scores[best] > 0]
            lexical_score = scores[lexical_near]
        return Signals(dense, null, near, near_similarity, lexical, lexical_near, lexical_score)

    def knows_a_word(self, text: str) -> bool:
        """Tell whether guide or bank hold any word of a text; one of stop words alone is known."""
        return self._lexical.knows(text) or (
            self._lexical_questions is not None and self._lexical_questions.knows(text)
        )

    def bears_answer(self, result: SearchResult) -> bool:
        """Tell whether what was found is likely enough to answer its question."""
        return result.answerable >= self.answerability.threshold

    def search(self, question: str | Query, limit: int = 10, parts: SearchParts | None = None) -> SearchResult:
        """Rank the guide's passages for a question; return at most `limit` hits, best first.

        Raises:
            VectorStoreError: the store stopped answering.
        """
        return self.search_all([question], limit, parts)[0]

    def search_all(
        self, questions: Sequence[str | Query], limit: int = 10, parts: SearchParts | None = None
    ) -> list[SearchResult]:
        """Search several questions as `search` does; they are embedded together, which is faster."""
        queries = [_readable(question) for question in questions]
        vectors = self.embeddings.encode([query.text for query in queries], query=True)
        return [
            self._search(query, vector, limit, parts or SearchParts())
            for query, vector in zip(queries, vectors, strict=True)
        ]

    def _search(self, query: Query, vector: NDArray[np.float32], limit: int, parts: SearchParts) -> SearchResult:
        question = query.question
        signals = self.signals(query.text, vector, parts)
        features = passage_features(signals, self.layout, self.temperatures)
        scores = self.ranker.probabilities(features)
        order = np.argsort(-scores, kind="stable")[: max(limit, 0)]
        hits = tuple(
            Hit(
                passage=self.guide.passages[int(i)],
                score=float(scores[i]),
                parts={name: float(value) for name, value in zip(NAMES, features[i], strict=True)},
                contributions=self.ranker.contributions(features[i]),
            )
            for i in order
        )
        neighbours = tuple(
            Neighbour(self.bank.questions[int(i)], float(similarity))
            for i, similarity in zip(
                signals.near[: max(limit, 0)], signals.near_similarity[: max(limit, 0)], strict=True
            )
        )
        chosen, value = self.selector.select(signals, self.layout, features, scores, self.temperatures)
        asked = unmet(question, tuple(self.guide.passages[i].text for i in chosen))
        words = self.words.logit(question)
        found = evidence(signals, self.layout, scores, value, self.temperatures, words, asked)
        shares = outcome_shares(signals, self.layout, self.temperatures.near)
        return SearchResult(
            question=question,
            hits=hits,
            neighbours=neighbours,
            vector=vector,
            signals=signals,
            features=features,
            scores=scores,
            selected=tuple(self.guide.passages[i] for i in chosen),
            selection_score=value,
            answerable=self.answerability.probability(found, np.concatenate([signals.dense, signals.null])),
            evidence={name: float(number) for name, number in zip(EVIDENCE_NAMES, found, strict=True)},
            outcomes=(float(shares[0]), float(shares[1]), float(shares[2]), float(shares[3])),
        )
