"""The gate: a run against the recorded baseline. It fails on losses larger than noise and says why."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.compare import Change, Comparison, Flip, compare
from eval.errors import ResultsError
from eval.results import Run, metrics_dict, read_run
from eval.score import ANSWERED_WRONGLY, DECLINED_WRONGLY, MISTAKEN_SMALLTALK, NOT_CITED, NOT_RETRIEVED, TOO_MUCH
from eval.summary import FOLLOW_UP

BASELINE = Path(__file__).parent / "baseline.json"
HEADLINE = (
    "citation_recall", "citation_precision", "complete", "answered", "declined", "smalltalk", FOLLOW_UP, "auroc",
    "faithful", "exact",
)  # fmt: skip
QUICK_EVERY = 3
_SHOWN_FLIPS = 10

_LOOK_AT = {
    NOT_RETRIEVED: "the search (`index/`): the passages needed no longer come up",
    NOT_CITED: "what is chosen among the passages found (selection, composer)",
    TOO_MUCH: "what is chosen among the passages found (selection): too much is cited",
    DECLINED_WRONGLY: "the decision to answer: it declines what the guide answers",
    ANSWERED_WRONGLY: "the decision to answer: it answers what the guide does not",
    MISTAKEN_SMALLTALK: "how small talk is recognised",
}
_LOOK_AT_METRIC = {
    "errors": "the errors themselves: no question may raise one",
    "exact": "the places of citations: `guide.text[start:end]` is no longer the quote",
    "faithful": "the composer and its verification: text that no citation supports",
    FOLLOW_UP: "the history: follow-ups are no longer completed from the turns before",
    "auroc": "the decision to answer: `confidence` separates answerable questions less well",
}


@dataclass(frozen=True, slots=True)
class Breach:
    """Something that must always hold and does not: where it is broken, in words."""

    name: str
    title: str
    value: float
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate decided, with all that it takes to explain it."""

    comparison: Comparison
    losses: tuple[Change, ...]
    gains: tuple[Change, ...]
    breaches: tuple[Breach, ...]
    baseline_date: str
    baseline_reason: str

    @property
    def passed(self) -> bool:
        """Tell whether nothing was lost and nothing is broken."""
        return not self.losses and not self.breaches


def judge(baseline: Run, run: Run) -> Verdict:
    """Compare a run with the recorded baseline.

    Raises:
        ResultsError: the two have no question in common.
    """
    comparison = compare(baseline.scores, run.scores)
    if not comparison.common:
        raise ResultsError(
            "The baseline and this run have no question in common, so nothing can be compared. "
            "Record a new baseline with `python -m eval accept --reason …`."
        )
    headline = [change for change in comparison.changes if change.name in HEADLINE]
    return Verdict(
        comparison=comparison,
        losses=tuple(change for change in headline if change.is_loss),
        gains=tuple(change for change in headline if change.is_gain),
        breaches=tuple(_breaches(run)),
        baseline_date=str(baseline.about.get("date", "")),
        baseline_reason=str(baseline.about.get("reason", "")),
    )


def _breaches(run: Run) -> list[Breach]:
    """Exactness must be whole whatever the mode; faithfulness, wherever only quotes are shown; no errors."""
    found = []
    exact, faithful = run.metrics["exact"].mean, run.metrics["faithful"].mean
    if exact is not None and exact < 1:
        examples = [f"{score.key}: « {quote} »" for score in run.scores for quote in score.misplaced]
        found.append(Breach("exact", "exact", exact, tuple(examples)))
    if "generative" not in run.about.get("modes", ()) and faithful is not None and faithful < 1:
        examples = [f"{score.key}: « {words} »" for score in run.scores for words in score.unsupported]
        found.append(Breach("faithful", "faithful", faithful, tuple(examples)))
    errors = [f"{score.key}: {score.error}" for score in run.scores if score.error]
    if errors:
        share = 1 - len(errors) / len(run.scores)
        found.append(Breach("errors", "share of turns without an error", share, tuple(errors)))
    return found


def explain(verdict: Verdict) -> list[str]:
    """Return the verdict in lines for people: each loss with its interval, its questions, where to look."""
    comparison = verdict.comparison
    lines = [
        f"{comparison.common} turns compared with the baseline of {verdict.baseline_date} ({verdict.baseline_reason})."
    ]
    if comparison.only_after:
        lines.append(f"{len(comparison.only_after)} new or reworded turns count for nothing here.")
    for breach in verdict.breaches:
        lines.append(f"BROKEN {breach.title} is {breach.value:.4f} and must be 1.")
        lines.extend(f"    {example[:150]}" for example in breach.examples[:_SHOWN_FLIPS])
        lines.append(f"  Look first at {_LOOK_AT_METRIC[breach.name]}.")
    for change in verdict.losses:
        lines.extend(_explain_loss(change))
    for change in verdict.gains:
        lines.append(f"GAIN {describe(change)}.")
    lines.append(
        "The gate is open: no loss larger than noise."
        if verdict.passed
        else "The gate is closed. Mend this, or record the new state with `python -m eval accept --reason …`."
    )
    return lines


def describe(change: Change) -> str:
    """Return one figure's change in words, with its interval."""
    if change.before is None or change.after is None or change.difference.mean is None:
        return f"{change.title}: not comparable"
    difference = change.difference
    return (
        f"{change.title} went from {change.before:.3f} to {change.after:.3f}: {difference.mean:+.3f} "
        f"(95 % interval {difference.low:+.3f} to {difference.high:+.3f}, {difference.n} turns)"
    )


def _explain_loss(change: Change) -> list[str]:
    lines = [f"LOSS {describe(change)}."]
    if change.worse:
        causes = Counter(flip.failure or "no failure" for flip in change.worse).most_common()
        told = ", ".join(f"{count} {cause}" for cause, count in causes)
        lines.append(f"  {len(change.worse)} turns are worse, {len(change.better)} better. Now: {told}.")
        lines.extend(f"    {flip_line(flip)}" for flip in change.worse[:_SHOWN_FLIPS])
        if len(change.worse) > _SHOWN_FLIPS:
            lines.append(f"    … and {len(change.worse) - _SHOWN_FLIPS} more (`python -m eval compare` lists all).")
        look = _LOOK_AT_METRIC.get(change.name) or _LOOK_AT.get(causes[0][0])
    else:
        look = _LOOK_AT_METRIC.get(change.name)
    if look:
        lines.append(f"  Look first at {look}.")
    return lines


def flip_line(flip: Flip) -> str:
    """Return a flipped question in one line."""
    question = " ".join(flip.question.split())
    shown = question if len(question) <= 80 else question[:79] + "…"
    return f"{flip.key}: {flip.before:.2f} → {flip.after:.2f}, {flip.failure or flip.was or 'well'}: « {shown} »"


def read_baseline(path: Path = BASELINE) -> Run:
    """Read the recorded baseline. Raises `ResultsError` when there is none, saying what to run."""
    if not path.is_file():
        raise ResultsError(f"There is no baseline at {path}. Record one with `python -m eval accept --reason …`.")
    return read_run(path)


def accept(run: Run, reason: str, path: Path = BASELINE) -> None:
    """Record a run as the new baseline, with the reason and the figures of those before it.

    Raises:
        ResultsError: no reason is given, or the file cannot be written.
    """
    if not reason.strip():
        raise ResultsError("A baseline needs a reason: say what changed and why it is right, with --reason.")
    before = _history(path)
    about: dict[str, Any] = {**run.about, "reason": reason.strip()}
    figures = {name: run.metrics[name].mean for name in HEADLINE}
    before.append({"date": about.get("date"), "reason": about["reason"], "figures": figures})
    scores = [{**score.to_dict(), "latency_ms": round(score.latency_ms, 1)} for score in run.scores]
    head = json.dumps(
        {"about": about, "history": before, "metrics": metrics_dict(run.metrics)}, ensure_ascii=False, indent=1
    )
    # One line a turn: a reviewer sees in the difference which questions moved.
    rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in scores)
    staged = path.with_name(path.name + ".new")
    try:
        staged.write_text(f'{head.rstrip()[:-1].rstrip()},\n "scores": [\n{rows}\n ]\n}}\n', encoding="utf-8")
        staged.replace(path)
    except OSError as error:
        raise ResultsError(f"{path}: cannot be written ({error}).") from error


def _history(path: Path) -> list[Any]:
    if not path.is_file():
        return []
    try:
        history: list[Any] = list(json.loads(path.read_text(encoding="utf-8")).get("history", []))
    except (OSError, ValueError, AttributeError) as error:
        raise ResultsError(f"{path}: is damaged ({error!r}). Restore it from version control first.") from error
    return history
