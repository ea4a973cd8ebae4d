"""Writing the report's one file. What it shows is computed elsewhere; here it is laid out."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from corpus import Guide
from eval.console import SHOWN
from eval.errors import ResultsError
from eval.full import Full
from eval.report.cards import Card, make_cards
from eval.report.charts import decision_chart, interval_bars, latency_bars, reliability_chart
from eval.score import FAILURES

TEMPLATES = Path(__file__).parent.parent / "templates"
WORST = 10
SYSTEM_COLUMNS = (
    ("found_1200", "found in 1,200 characters"), ("recall@1", "recall@1"), ("recall@5", "recall@5"),
    ("recall@10", "recall@10"), ("mrr@10", "MRR@10"), ("ndcg@10", "nDCG@10"), ("citation_recall", "citation recall"),
    ("citation_precision", "citation precision"), ("complete", "complete"), ("evidence_chars", "characters cited"),
    ("latency_ms", "latency, ms"),
)  # fmt: skip
MOVED = (
    ("citation_recall", "citation recall"), ("citation_precision", "citation precision"), ("complete", "complete"),
    ("answered", "answered"), ("declined", "declined"),
)  # fmt: skip


def write_page(full: Full, guide: Guide, path: Path) -> None:
    """Write the report. Raises `ResultsError` when the file cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render(full, guide), encoding="utf-8")
    except OSError as error:
        raise ResultsError(f"{path}: cannot be written ({error}). Choose another folder with --out.") from error


def render(full: Full, guide: Guide) -> str:
    """Return the report as one self-contained HTML page; everything shown is escaped."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["figure"] = figure
    environment.filters["signed"] = signed
    content = full.content
    cards = make_cards(full.exchanges, full.run.scores, guide)
    page: str = environment.get_template("report.html.j2").render(
        # The page's own parts, not data: they are the only texts that go in as they are.
        style=_part("report.css"),
        script=_part("report.js"),
        guide=guide,
        about=full.run.about,
        content=content,
        headline=[(title, content["metrics"][name], name) for name, title in SHOWN],
        columns=SYSTEM_COLUMNS,
        moved=MOVED,
        charts={
            "decision": decision_chart(content["decision"]["curve"], content["decision"]["now"]),
            "reliability": reliability_chart(content["decision"]["reliability"]),
            "latency": latency_bars(content["latency"]),
        },
        groups=_group_charts(content["groups"]),
        cards=cards,
        worst=[card for card in cards if card.badness > 0][:WORST],
        failures=[(name, content["failures"].get(name, 0)) for name in FAILURES],
        choices=_choices(cards),
    )
    return page


def _part(name: str) -> Markup:
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))  # noqa: S704


def figure(estimate: dict[str, Any] | None, digits: int = 3) -> str:
    """Return an estimate as « 0.912 [0.890, 0.931] », a dash where it is undefined."""
    if not estimate or estimate.get("mean") is None:
        return "–"
    if estimate.get("low") is None:
        return f"{estimate['mean']:.{digits}f}"
    return f"{estimate['mean']:.{digits}f} [{estimate['low']:.{digits}f}, {estimate['high']:.{digits}f}]"


def signed(estimate: dict[str, Any] | None) -> str:
    """Return a difference as « -0.012 [-0.030, +0.004] », a dash where it is undefined."""
    if not estimate or estimate.get("mean") is None:
        return "–"
    return f"{estimate['mean']:+.3f} [{estimate['low']:+.3f}, {estimate['high']:+.3f}]"


def _group_charts(groups: dict[str, dict[str, dict[str, Any]]]) -> list[tuple[str, Markup, Markup]]:
    charts = []
    for title, values in groups.items():
        recall = [(name, figures["citation_recall"]) for name, figures in values.items()]
        declined = [(name, figures["declined"]) for name, figures in values.items()]
        if recall or declined:
            charts.append(
                (
                    title,
                    interval_bars(recall, f"Citation recall by {title}"),
                    interval_bars(declined, f"Unanswerable questions declined by {title}"),
                )
            )
    return charts


def _choices(cards: list[Card]) -> list[tuple[str, str, list[tuple[str, int]]]]:
    """Return the filters: a name, a title, and the values with how many turns have them."""

    def counted(values: list[str]) -> list[tuple[str, int]]:
        return sorted(Counter(value for value in values if value).items())

    return [
        ("failure", "Why it fell short", counted([card.score.failure for card in cards])),
        ("expected", "Expected", counted([card.score.expected for card in cards])),
        ("kind", "Given", counted([card.score.kind for card in cards])),
        ("style", "Style", counted([card.score.style for card in cards])),
        ("category", "Category", counted([card.score.category for card in cards])),
        ("phenomenon", "Phenomenon", counted([card.score.phenomenon for card in cards])),
    ]
