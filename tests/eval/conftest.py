"""A small guide, a small dataset, and a small assistant of the contract's shape that can be broken on purpose."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assistant.types import Answer, Citation, Trace
from corpus import Guide, Passage, folded, parse_guide

TOPICS = {
    "Arroser": ("Arrosez les tomates le soir, jamais à midi.", "Le paillage garde l'humidité du sol."),
    "Semer": ("Semez les carottes en mars, en lignes espacées.", "Les radis lèvent en quatre jours."),
    "Tailler": ("Taillez le pommier en hiver, hors gel.", "Le rosier se taille au-dessus d'un bourgeon."),
    "Récolter": ("Récoltez les courges avant les gelées.", "Les haricots se cueillent tous les deux jours."),
    "Composter": ("Le compost demande des feuilles brunes et des épluchures.", "Retournez le tas chaque mois."),
}
EDITION = '---\nslug: jardin\ntitle: Le jardin\nlanguage: fr\nsource: "Le cercle"\n---\n\n# Le jardin\n' + "".join(
    f"\n## {title}\n\n" + "".join(f"- {text}\n" for text in texts) for title, texts in TOPICS.items()
)
STOP = frozenset(("comment", "quand", "faut", "aux"))


def words(text: str) -> set[str]:
    """Words of four letters or more, cut to a stem."""
    plain = "".join(char if char.isalnum() else " " for char in folded(text))
    return {word[:5] for word in plain.split() if len(word) > 3 and word not in STOP}


@dataclass(frozen=True)
class Hit:
    passage: Passage
    score: float


@dataclass(frozen=True)
class Result:
    hits: tuple[Hit, ...]


class SmallIndex:
    """Ranks passages by shared words; `order` may be broken."""

    def __init__(self, guide: Guide) -> None:
        self.guide = guide
        self.reversed = False

    def search(self, question: str, limit: int = 10, parts: Any = None) -> Result:
        wanted = words(question)
        hits = [
            Hit(p, len(wanted & words(p.text)) / max(len(wanted), 1)) for p in self.guide.passages if not p.is_title
        ]
        hits.sort(key=lambda hit: hit.score, reverse=not self.reversed)
        return Result(tuple(hits[:limit]))


class SmallAssistant:
    """Cites the best passage when it shares enough words; completes « Et … ? » from the turn before."""

    def __init__(self, guide: Guide, *, shift: int = 0, threshold: float = 0.3, use_history: bool = True) -> None:
        self.guide = guide
        self.index = SmallIndex(guide)
        self.shift, self.threshold, self.use_history = shift, threshold, use_history

    def ask(self, question: str, history: Sequence[Mapping[str, Any]] = ()) -> Answer:
        understood = question
        if question.startswith("Et ") and history and self.use_history:
            understood = f"{history[-2]['content']} {question}"
        if question == "Bonjour":
            return Answer("smalltalk", "Bonjour !", (), (), question, (), "fr", 0.0, "extractive")
        hits = self.index.search(understood, limit=3).hits
        trace = Trace(
            tuple({"id": hit.passage.id, "score": hit.score, "selected": n == 0} for n, hit in enumerate(hits)),
            "shared words",
            {"search": 1.0},
        )
        best = hits[0]
        if best.score < self.threshold:
            return Answer("decline", "Rien.", (), (), understood, (), "fr", best.score, "extractive", trace)
        p = best.passage
        cited = Citation(1, self.guide.slug, p.titles, p.text, p.start + self.shift, p.end + self.shift, p.id)
        text = f"Dans la partie « {p.titles[-1]} », le guide dit :\n\n- « {p.text} » [1]"
        return Answer("answer", text, (cited,), (), understood, (), "fr", best.score, "extractive", trace)


def answerable(number: int, question: str, gold: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"q{number:02}", "lang": "fr", "category": "jardin", "style": "plain", "question": question,
        "gold": [gold], "expected": "answer", **more,
    }  # fmt: skip


def dataset_rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for texts in TOPICS.values():
        for text in texts:
            for form in ("Que dit le jardin : {}", "{} Vraiment ?"):
                rows.append(answerable(len(rows), form.format(text.rstrip(".")), text))
    far = (
        "Quel film passe samedi",
        "Combien coûte un vélo électrique",
        "Où dormir à Lisbonne",
        "Qui préside la banque",
    )
    for number, question in enumerate(far):
        rows.append(
            {"id": f"u{number}", "lang": "fr", "category": "far", "style": "plain", "question": question, "gold": []}
        )
    rows.append({"id": "s0", "question": "Bonjour", "gold": [], "expected": "smalltalk"})
    for number, (first, second) in enumerate(TOPICS.values()):
        turns = [
            {"user": first, "gold": [first], "expected": "answer"},
            {"user": f"Comment {second}", "gold": [second], "expected": "answer"},
            {"user": "Et pourquoi ?", "gold": [second], "expected": "answer", "phenomenon": "why"},
        ]
        rows.append({"id": f"d{number}", "turns": turns})
    return rows


@pytest.fixture
def garden() -> Guide:
    return parse_guide(EDITION)


@pytest.fixture
def make_small(garden: Guide) -> Callable[..., SmallAssistant]:
    return lambda **faults: SmallAssistant(garden, **faults)


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    path = tmp_path / "jardin.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in dataset_rows()), encoding="utf-8")
    return path
