"""The command line: exit statuses, files, and what it tells."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from eval.cli import app
from eval.errors import EvaluationError

Make = Callable[..., Any]
runner = CliRunner()


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    return lambda assistant: monkeypatch.setattr("eval.cli.open_assistant", lambda: assistant)


def call(*arguments: object) -> Any:
    return runner.invoke(app, [str(argument) for argument in arguments])


def test_run_writes_the_contracts_output(use: Any, make_small: Make, dataset: Path, tmp_path: Path) -> None:
    use(make_small())
    result = call("run", "--dataset", dataset, "--json", tmp_path / "out.json")
    assert result.exit_code == 0, result.output
    content = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert content["metrics"]["citation_recall"]["mean"] == 1
    assert len(content["items"]) == 40


def test_run_takes_several_datasets(use: Any, make_small: Make, dataset: Path, tmp_path: Path) -> None:
    use(make_small())
    more = tmp_path / "more.jsonl"
    more.write_text('{"id": "z", "question": "Quel film passe ce soir", "gold": []}\n', encoding="utf-8")
    result = call("run", "--dataset", dataset, "--dataset", more, "--json", tmp_path / "out.json")
    assert result.exit_code == 0, result.output
    assert len(json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["items"]) == 41


def test_what_cannot_run_is_told_with_status_2(use: Any, make_small: Make, tmp_path: Path) -> None:
    use(make_small())
    result = call("run", "--dataset", tmp_path / "no.jsonl", "--json", tmp_path / "out.json")
    assert result.exit_code == 2
    assert "cannot be read" in result.output
    assert not (tmp_path / "out.json").exists()


def test_an_assistant_that_does_not_open_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail() -> None:
        raise EvaluationError("The assistant cannot be opened: set ASSISTANT_GUIDE.")

    monkeypatch.setattr("eval.cli.open_assistant", fail)
    result = call("run", "--json", tmp_path / "out.json")
    assert result.exit_code == 2
    assert "set ASSISTANT_GUIDE" in result.output


def test_accept_then_gate_then_fault(use: Any, make_small: Make, dataset: Path, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    use(make_small())
    options = ("--dataset", dataset, "--baseline", baseline)
    assert call("gate", *options).exit_code == 2
    assert call("accept", "--reason", "first", *options).exit_code == 0
    whole, quick = call("gate", *options), call("gate", "--quick", *options)
    assert (whole.exit_code, quick.exit_code) == (0, 0), whole.output + quick.output
    assert "The gate is open" in quick.output
    use(make_small(threshold=2.0))
    closed = call("gate", *options)
    assert closed.exit_code == 1
    assert "LOSS citation recall went from 1.000 to 0.000" in closed.output
    assert "declined wrongly" in closed.output


def test_compare_lists_every_flip(use: Any, make_small: Make, dataset: Path, tmp_path: Path) -> None:
    use(make_small())
    call("run", "--dataset", dataset, "--json", tmp_path / "a.json")
    use(make_small(use_history=False))
    call("run", "--dataset", dataset, "--json", tmp_path / "b.json")
    result = call("compare", tmp_path / "a.json", tmp_path / "b.json")
    assert result.exit_code == 0
    assert result.output.count("follow-up recall, worse: ") == 5


def test_the_gate_judges_results_that_exist_already(use: Any, make_small: Make, dataset: Path, tmp_path: Path) -> None:
    use(make_small())
    call("run", "--dataset", dataset, "--json", tmp_path / "a.json")
    baseline = tmp_path / "baseline.json"
    assert call("accept", "--reason", "r", "--results", tmp_path / "a.json", "--baseline", baseline).exit_code == 0
    use(None)
    assert call("gate", "--results", tmp_path / "a.json", "--baseline", baseline).exit_code == 0


def test_full_writes_results_and_page_and_judges(use: Any, make_small: Make, dataset: Path, tmp_path: Path) -> None:
    use(make_small())
    baseline = tmp_path / "baseline.json"
    call("accept", "--reason", "r", "--dataset", dataset, "--baseline", baseline)
    arguments = ("--dataset", dataset, "--baseline", baseline, "--no-baselines")
    result = call("full", *arguments, "--out", tmp_path / "latest")
    assert result.exit_code == 0, result.output
    content = json.loads((tmp_path / "latest" / "results.json").read_text(encoding="utf-8"))
    assert {"metrics", "items", "scores", "groups", "decision", "latency", "systems", "robustness"} <= set(content)
    assert (tmp_path / "latest" / "report.html").is_file()
    use(make_small(shift=1))
    assert call("full", *arguments, "--out", tmp_path / "broken").exit_code == 1


def test_the_recorded_baseline_holds_in_the_quick_gate(use: Any, assistant: Any) -> None:
    use(assistant)
    result = call("gate", "--quick")
    assert result.exit_code == 0, result.output
