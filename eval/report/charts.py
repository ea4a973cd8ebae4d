"""Charts as SVG text. Colours come from the page's style sheet, so that they follow light and dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

_WIDTH, _HEIGHT = 420, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 14, 14, 46
_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_ROW = 26
_LABEL = 170


def _svg(width: int, height: int, title: str, body: Sequence[str]) -> Markup:
    # Every text inside went through `escape`; the numbers are ours.
    content = "".join(body)
    return Markup(  # noqa: S704
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-label="{escape(title)}"><title>{escape(title)}</title>{content}</svg>'
    )


def _text(x: float, y: float, words: str, anchor: str = "middle", extra: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {extra}>{escape(words)}</text>'


def _x(value: float) -> float:
    return _LEFT + value * (_WIDTH - _LEFT - _RIGHT)


def _y(value: float) -> float:
    return _HEIGHT - _BOTTOM - value * (_HEIGHT - _TOP - _BOTTOM)


def _axes(across: str, up: str) -> list[str]:
    parts = []
    for tick in _TICKS:
        parts.append(f'<line class="grid" x1="{_x(tick):.1f}" x2="{_x(tick):.1f}" y1="{_y(0):.1f}" y2="{_y(1):.1f}"/>')
        parts.append(f'<line class="grid" x1="{_x(0):.1f}" x2="{_x(1):.1f}" y1="{_y(tick):.1f}" y2="{_y(tick):.1f}"/>')
        parts.append(_text(_x(tick), _y(0) + 16, f"{tick:.1f}"))
        parts.append(_text(_x(0) - 6, _y(tick) + 4, f"{tick:.1f}", "end"))
    parts.append(_text(_x(0.5), _HEIGHT - 8, across))
    middle = _y(0.5)
    parts.append(_text(14, middle, up, "middle", f'transform="rotate(-90 14 {middle:.1f})"'))
    return parts


def decision_chart(curve: Sequence[Mapping[str, float]], now: Mapping[str, Mapping[str, Any]]) -> Markup:
    """Return the whole curve of answered against declined, with the present threshold marked."""
    points = " ".join(f"{_x(p['answered']):.1f},{_y(p['declined']):.1f}" for p in curve)
    body = _axes("answerable questions answered", "unanswerable questions declined")
    body.append(f'<polyline class="line" points="{points}"/>')
    answered, declined = now["answered"]["mean"], now["declined"]["mean"]
    if answered is not None and declined is not None:
        body.append(f'<circle class="mark" cx="{_x(answered):.1f}" cy="{_y(declined):.1f}" r="5"/>')
        body.append(_text(_x(answered) - 10, _y(declined) + 4, "now", "end", 'class="strong"'))
    return _svg(_WIDTH, _HEIGHT, "Share of answerable questions answered against unanswerable ones declined", body)


def reliability_chart(points: Sequence[Mapping[str, float]]) -> Markup:
    """Return the reliability diagram: the share that the guide answers, by confidence; area is the count."""
    body = _axes("confidence", "share that the guide answers")
    body.append(f'<line class="ideal" x1="{_x(0):.1f}" y1="{_y(0):.1f}" x2="{_x(1):.1f}" y2="{_y(1):.1f}"/>')
    most = max((point["n"] for point in points), default=1)
    line = " ".join(f"{_x(p['confidence']):.1f},{_y(p['share']):.1f}" for p in points)
    body.append(f'<polyline class="line" points="{line}"/>')
    for point in points:
        radius = 3 + 9 * (point["n"] / most) ** 0.5
        told = (
            f"confidence {point['confidence']:.2f}, answered by the guide {point['share']:.2f}, {point['n']} questions"
        )
        body.append(
            f'<circle class="dot" cx="{_x(point["confidence"]):.1f}" cy="{_y(point["share"]):.1f}" r="{radius:.1f}">'
            f"<title>{escape(told)}</title></circle>"
        )
    return _svg(_WIDTH, _HEIGHT, "Reliability of confidence", body)


def interval_bars(rows: Sequence[tuple[str, Mapping[str, Any]]], title: str) -> Markup:
    """Return horizontal bars from 0 to 1 with their intervals; rows without a mean are left out."""
    shown = [(name, value) for name, value in rows if value.get("mean") is not None]
    height, span = _ROW * len(shown) + 24, _WIDTH - _LABEL - 96
    body: list[str] = []
    for tick in _TICKS:
        x = _LABEL + tick * span
        body.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{height - 20}"/>')
        body.append(_text(x, height - 6, f"{tick:.1f}"))
    for number, (name, value) in enumerate(shown):
        y = number * _ROW + 5
        body.append(_text(_LABEL - 8, y + 13, name, "end"))
        body.append(f'<rect class="bar" x="{_LABEL}" y="{y}" width="{value["mean"] * span:.1f}" height="16"/>')
        if value.get("low") is not None:
            low, high = _LABEL + value["low"] * span, _LABEL + value["high"] * span
            body.append(f'<line class="error" x1="{low:.1f}" x2="{high:.1f}" y1="{y + 8}" y2="{y + 8}"/>')
        body.append(_text(_WIDTH - 90, y + 13, f"{value['mean']:.3f} (n {value['n']})", "start"))
    return _svg(_WIDTH, height, title, body)


def latency_bars(rows: Sequence[Mapping[str, Any]]) -> Markup:
    """Return, for each stage, the median as a bar and the 95th percentile as a tick, in milliseconds."""
    most = max((row["p95"] for row in rows), default=1.0) or 1.0
    height, span = _ROW * len(rows) + 8, _WIDTH - _LABEL - 110
    body: list[str] = []
    for number, row in enumerate(rows):
        y = number * _ROW + 5
        body.append(_text(_LABEL - 8, y + 13, str(row["stage"]), "end"))
        body.append(f'<rect class="bar" x="{_LABEL}" y="{y}" width="{row["median"] / most * span:.1f}" height="16"/>')
        edge = _LABEL + row["p95"] / most * span
        body.append(f'<line class="error" x1="{edge:.1f}" x2="{edge:.1f}" y1="{y}" y2="{y + 16}"/>')
        body.append(_text(_WIDTH - 104, y + 13, f"{row['median']:.1f} / {row['p95']:.1f} ms", "start"))
    return _svg(_WIDTH, height, "Latency by stage: median and 95th percentile", body)
