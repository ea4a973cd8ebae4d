"""`python -m assistant feedback export`: whole rows, in new files only."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from assistant.records import Feedback, Records
from assistant.settings import AssistantSettings
from index.settings import load_settings
from tests.assistant.feedback.helpers import HOSTILE, Cli, lines


def test_whole_rows_are_exported_as_they_are_kept(feedback: Cli, records: Records, give: Callable[..., str]) -> None:
    for words in HOSTILE.values():
        give("wrong", f"Q {words}", words)
    kept = [row.to_dict() for row in records.feedback()]
    assert lines(feedback("export")) == kept
    assert json.loads(feedback("list", "--json").stdout) == kept


def test_a_file_is_never_overwritten(feedback: Cli, give: Callable[..., str], tmp_path: Path) -> None:
    give("good")
    out = tmp_path / "relu.jsonl"
    out.write_text("relu", encoding="utf-8")
    done = feedback("export", "--out", out)
    assert done.returncode == 1 and "another name" in done.stderr and out.read_text(encoding="utf-8") == "relu"
    done = feedback("export", "--out", tmp_path / "absent" / "x.jsonl")
    assert done.returncode == 1 and "cannot be written" in done.stderr and "Traceback" not in done.stderr


def test_every_field_of_feedback_has_its_column_in_the_spreadsheet(feedback: Cli, give: Callable[..., str]) -> None:
    give("good")
    header = feedback("export", "--format", "csv").stdout.splitlines()[0]
    assert header.split(",") == list(Feedback.__dataclass_fields__)


def test_the_program_of_the_documentation_runs(environment: dict[str, str], built: Path, tmp_path: Path) -> None:
    shown = (Path(__file__).resolve().parents[3] / "docs" / "feedback.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.+?)```", shown, re.DOTALL)
    url = f"sqlite:///{tmp_path}/avis.sqlite3"
    subprocess.run([sys.executable, "-c", program], env={**environment, "DATABASE_URL": url}, check=True, timeout=60)
    kept = Records.open(load_settings(AssistantSettings, database_url=url))
    assert [(row.verdict, row.comment) for row in kept.feedback()] == [("good", "Merci")]
    kept.close()
