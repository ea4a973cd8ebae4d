"""`python -m assistant feedback`: readable, harmless, and a way from feedback to bank and evaluation data."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assistant import Assistant
from assistant.records import Feedback, Records
from assistant.records.export import harmless, json_text, neutral
from assistant.settings import AssistantSettings
from assistant.types import Exchange
from corpus import BUNDLED_GUIDES, load_bank
from corpus.cli import app as corpus_app
from eval.dataset import load_datasets
from eval.errors import DatasetError
from index.settings import load_settings

QUESTION = "Quels sont les facteurs clés de succès de la mutualisation ?"
HOSTILE = {
    "markup": "[red]rouge[/red] [link=https://example.org]lien[/link] [/] :warning:",
    "colour": "\x1b[31mrouge\x1b[0m \x1b[2J\x1b[1;1H",
    "title": "\x1b]0;titre\x07 \x1b]8;;https://example.org\x1b\\lien\x1b]8;;\x1b\\ \x1bP1$r\x1b\\",
    "eight bits": "\x9b31mrouge \x9d0;titre\x9c \x90q\x9c \x85",
    "nested": "\x1b\x1b[31m[31m \x1b[\x1b[31m31m",
    "unfinished": "avant \x1b]0;sans fin",
    "unseen": "\u202egras\u202c \u2066x\u2069 z\u200bw \ufeff \u2028",
    "bells": "\x07\x08\x08\r\x00\x7f",
    "formula": '=HYPERLINK("https://example.org";"cliquez")',
    "csv": 'un "deux"; trois,\nquatre',
}
Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(autouse=True)
def no_database_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def feedback(command: Cli, data: Path) -> Cli:
    """Run `python -m assistant feedback …` on a data folder of the test's own."""
    return lambda *arguments, **variables: command(
        "feedback", *map(str, arguments), **{"ASSISTANT_DATA_DIR": str(data), "DATABASE_URL": "", **variables}
    )


@pytest.fixture
def records(data: Path) -> Iterator[Records]:
    opened = Records.open(load_settings(AssistantSettings, data_dir=data, keep_conversations=30))
    yield opened
    opened.close()


@pytest.fixture
def give(assistant: Assistant, records: Records) -> Callable[..., str]:
    """Give feedback on a real answer; keywords change the answer."""

    def add(verdict: str, question: str = QUESTION, comment: str = "", history: Any = (), **changed: Any) -> str:
        answer = assistant.ask(question) if not changed else replace(assistant.ask(QUESTION), **changed)
        if changed:
            answer = replace(answer, understood=changed.get("understood", question))
        return records.add_feedback(
            Exchange(question, answer), verdict, comment, status=assistant.status(), history=history
        )

    return add


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("list",), "No feedback yet"),
        (("export",), "No feedback yet"),
        (("erase-conversations", "--yes"), "No conversation is kept"),
        (("purge",), "0 exchanges erased"),
    ],
)
def test_where_nothing_was_kept_commands_say_so_and_make_nothing(
    feedback: Cli, data: Path, arguments: tuple[str, ...], told: str
) -> None:
    done = feedback(*arguments)
    assert done.returncode == 0 and told in done.stdout + done.stderr
    assert not data.exists()


def test_json_of_nothing_is_an_empty_list(feedback: Cli) -> None:
    assert json.loads(feedback("list", "--json").stdout) == []


def test_the_list_shows_each_verdict_with_its_question_and_comment(feedback: Cli, give: Callable[..., str]) -> None:
    give("good")
    give("wrong", "Peut-on imposer la coopération ?", "Pas d’accord.")
    shown = feedback("list").stdout
    assert QUESTION in shown and "answer, 2 cited" in shown
    assert "Peut-on imposer la coopération ?" in shown and "Pas d’accord." in shown
    assert "2 in all: 1 good, 1 wrong" in shown


def test_the_list_can_be_narrowed_by_day_and_verdict(feedback: Cli, give: Callable[..., str]) -> None:
    give("good")
    give("wrong")
    today = datetime.now().astimezone()
    assert len(json.loads(feedback("list", "--json", "--since", f"{today:%Y-%m-%d}").stdout)) == 2
    assert json.loads(feedback("list", "--json", "--since", f"{today + timedelta(days=1):%Y-%m-%d}").stdout) == []
    assert [row["verdict"] for row in json.loads(feedback("list", "--json", "--verdict", "wrong").stdout)] == ["wrong"]
    assert "No feedback of this kind" in feedback("list", "--verdict", "incomplete").stdout


@pytest.mark.parametrize("arguments", [("--since", "hier"), ("--verdict", "bof")])
def test_an_option_that_means_nothing_is_refused(feedback: Cli, arguments: tuple[str, ...]) -> None:
    done = feedback("list", *arguments)
    assert done.returncode == 2 and arguments[1] in done.stderr and "Traceback" not in done.stderr


def on_a_terminal(environment: dict[str, str], *arguments: str) -> str:
    """Return what a command writes to a terminal."""
    ours, theirs = pty.openpty()
    done = subprocess.Popen(
        [sys.executable, "-m", "assistant", "feedback", *arguments],
        stdout=theirs, stderr=theirs, stdin=theirs, env={**environment, "TERM": "xterm-256color"},
    )  # fmt: skip
    os.close(theirs)
    written = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # Linux's way to say that the other end is closed.
            break
        if not chunk:
            break
        written += chunk
    os.close(ours)
    assert done.wait(timeout=60) == 0, written
    return written.decode("utf-8")


@pytest.mark.parametrize(
    "arguments",
    [("list",), ("list", "--json"), *(("export", "--format", form) for form in ("jsonl", "csv", "bank", "dataset"))],
    ids=" ".join,
)
def test_hostile_words_do_nothing_to_a_terminal(
    environment: dict[str, str], data: Path, give: Callable[..., str], arguments: tuple[str, ...]
) -> None:
    for words in HOSTILE.values():
        give("wrong", f"Q {words}", words, text=words)
    shown = on_a_terminal({**environment, "ASSISTANT_DATA_DIR": str(data), "COLUMNS": "200"}, *arguments)
    without_our_own_style = re.sub(r"\x1b\[[0-9;]*m", "", shown) if arguments == ("list",) else shown
    acted_upon = re.findall(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]",
                            without_our_own_style.replace("\r\n", "\n"))  # fmt: skip
    assert acted_upon == []
    assert "[red]rouge[/red]" in without_our_own_style and ":warning:" in without_our_own_style
    assert "\x1b[31m" not in shown


def test_what_is_stripped_for_a_terminal_leaves_the_words() -> None:
    assert harmless("a \x1b[31mrouge\x1b[0m b\x1b]0;titre\x07 c\n\td") == "a rouge b c\n\td"
    assert harmless("L’été à Seine-Saint-Denis : 3\u202f€ « oui »") == "L’été à Seine-Saint-Denis : 3\u202f€ « oui »"


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_json_that_is_harmless_says_the_same(words: str) -> None:
    assert json.loads(json_text({"a": words})) == {"a": words}
    assert "\n" not in json_text({"a": words})


def test_whole_rows_are_exported_as_they_are_kept(feedback: Cli, records: Records, give: Callable[..., str]) -> None:
    for words in HOSTILE.values():
        give("wrong", f"Q {words}", words)
    kept = [row.to_dict() for row in records.feedback()]
    assert lines(feedback("export")) == kept
    assert json.loads(feedback("list", "--json").stdout) == kept


def test_a_spreadsheet_runs_no_cell(feedback: Cli, give: Callable[..., str], tmp_path: Path) -> None:
    starts = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "\x1b[1m=1")
    for words in starts:
        give("wrong", words, words, text=words)
    out = tmp_path / "avis.csv"
    assert feedback("export", "--format", "csv", "--out", out).returncode == 0
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig"), newline="")))
    assert len(rows) == len(starts)
    for row in rows:
        assert all(row[name].startswith("'") for name in ("question", "comment", "text"))
        assert not [cell for cell in row.values() if re.match(r"\s*[=+\-@＝]|[\t\r]", cell)]
    assert neutral("Bonjour = oui") == "Bonjour = oui" and neutral(0.5) == 0.5


def test_a_file_is_never_overwritten(feedback: Cli, give: Callable[..., str], tmp_path: Path) -> None:
    give("good")
    out = tmp_path / "relu.jsonl"
    out.write_text("relu", encoding="utf-8")
    done = feedback("export", "--out", out)
    assert done.returncode == 1 and "another name" in done.stderr and out.read_text(encoding="utf-8") == "relu"
    done = feedback("export", "--out", tmp_path / "absent" / "x.jsonl")
    assert done.returncode == 1 and "cannot be written" in done.stderr and "Traceback" not in done.stderr


def bank_add(folder: Path, guide: str, file: Path) -> tuple[int, str]:
    done = CliRunner().invoke(corpus_app, ["bank", "add", str(file), "--guide", guide, "--folder", str(folder)])
    return done.exit_code, done.output


def test_feedback_becomes_bank_questions_once_a_person_filled_them_in(
    feedback: Cli, give: Callable[..., str], assistant: Assistant, tmp_path: Path
) -> None:
    slug, (first, second) = assistant.guide.slug, (citation.quote for citation in assistant.ask(QUESTION).citations)
    one = assistant.ask(QUESTION).citations[:1]
    give("good", "Et pour que la mise en commun tienne, on fait quoi ?", text="x")
    give("good", "Par quoi débuter une mise en commun ?", citations=one)
    give("wrong", "Qui range les outils communs le soir ?", "Rien à voir.", text="x")
    give("should_decline", "Combien coûte un camion partagé ?", text="x")
    give("good", "Bonjour !", kind="smalltalk", citations=())
    give("good", "Qui gagne le match ce soir ?", kind="decline", citations=())
    give("incomplete", "et ensuite ?", "Manque la suite.", ["Par quoi débuter ?"], understood="Que faire ensuite ?")
    out = tmp_path / "brouillon.jsonl"
    done = feedback("export", "--format", "bank", "--out", out)
    assert done.returncode == 0 and "6 lines" in done.stderr and "docs/feedback.md" in done.stderr
    several, single, wrong, declined, rightly, followed = drafts = [
        json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()
    ]
    assert (several["kind"], several["quotes"]) == ("synthesis", [first, second]) and "review" not in several
    assert (single["kind"], single["quotes"]) == ("passage", [first])
    assert wrong["quotes"] == [] and first in wrong["review"] and "Rien à voir." in wrong["review"]
    assert (declined["kind"], declined["near"]) == ("near_miss", first) and "quotes" not in declined
    assert rightly["kind"] == "near_miss"
    assert followed["question"] == "Que faire ensuite ?" and "et ensuite ?" in followed["review"]

    folder = tmp_path / "guides"
    shutil.copytree(BUNDLED_GUIDES / slug, folder / slug)
    before = len(load_bank(slug, folder).questions)
    status, told = bank_add(folder, slug, out)
    assert status == 1 and "brouillon.jsonl:3: " in told and "Nothing was added" in told
    wrong |= {"kind": "passage", "quotes": [first]}
    followed |= {"kind": "synthesis", "quotes": [first, second]}
    reviewed = tmp_path / "relu.jsonl"
    reviewed.write_text("".join(json.dumps(draft) + "\n" for draft in drafts), encoding="utf-8")
    assert bank_add(folder, slug, reviewed) == (0, f"6 questions added to {slug}.\n")
    assert len(load_bank(slug, folder).questions) == before + 6
    assert CliRunner().invoke(corpus_app, ["check", "--folder", str(folder)]).exit_code == 0


def test_feedback_becomes_evaluation_data_once_a_person_filled_it_in(
    feedback: Cli, give: Callable[..., str], assistant: Assistant, tmp_path: Path
) -> None:
    quotes = [citation.quote for citation in assistant.ask(QUESTION).citations]
    key = give("good")
    give("source_wrong", "Qui range les outils communs ?", text="x")
    give("should_decline", "Combien coûte un camion partagé ?", text="x")
    give("good", "Bonjour !", kind="smalltalk", citations=())
    drafts = lines(feedback("export", "--format", "dataset"))
    assert [draft["expected"] for draft in drafts] == ["answer", "to review", "decline", "smalltalk"]
    assert drafts[0]["gold"] == quotes and drafts[0]["id"] == f"fb-{key[:13]}" and drafts[0]["lang"] == "fr"
    file = tmp_path / "avis.jsonl"
    file.write_text("".join(json.dumps(draft) + "\n" for draft in drafts), encoding="utf-8")
    with pytest.raises(DatasetError, match=r"avis.jsonl:2: expected « to review » is unknown"):
        load_datasets([file])
    drafts[1] |= {"expected": "answer", "gold": quotes}
    file.write_text("".join(json.dumps(draft) + "\n" for draft in drafts), encoding="utf-8")
    assert [case.turns[0].gold for case in load_datasets([file])] == [tuple(quotes), tuple(quotes), (), ()]


@pytest.mark.parametrize("form", ["bank", "dataset"])
def test_equal_questions_are_one_draft_and_readers_who_disagree_are_a_persons_to_judge(
    feedback: Cli, give: Callable[..., str], form: str
) -> None:
    give("good", "Mettre en commun, ça marche ?", text="x")
    give("good", "mettre en  commun, ça marche ?", "Merci", text="x")
    give("good", "Et le gardien ?", text="x")
    give("should_decline", "Et le gardien ?", "Hors sujet", text="x")
    agreed, disputed = lines(feedback("export", "--format", form))
    assert agreed["quotes" if form == "bank" else "gold"] and agreed["review"] == "comment: Merci"
    assert disputed["quotes" if form == "bank" else "gold"] == [] and "near" not in disputed
    assert disputed["review"].startswith("readers disagree; ") and "Hors sujet" in disputed["review"]
    assert disputed["kind" if form == "bank" else "expected"] == ("passage" if form == "bank" else "to review")


def test_drafts_are_of_the_configured_guide_only(feedback: Cli, give: Callable[..., str]) -> None:
    give("good")
    assert len(lines(feedback("export", "--format", "bank"))) == 1
    assert lines(feedback("export", "--format", "bank", ASSISTANT_GUIDE="autre")) == []
    assert len(lines(feedback("export", ASSISTANT_GUIDE="autre"))) == 1


def test_conversations_are_erased_only_when_confirmed(
    feedback: Cli, records: Records, assistant: Assistant, give: Callable[..., str]
) -> None:
    records.keep_exchange("clé", Exchange(QUESTION, assistant.ask(QUESTION)))
    give("good", history=["Avant ?"])
    done = feedback("erase-conversations")
    assert done.returncode == 1 and "0 exchanges" not in done.stdout
    assert [row.history for row in records.feedback()] == [["Avant ?"]]
    assert feedback("erase-conversations", "--yes").stdout == "1 exchanges erased.\n"
    assert [row.history for row in records.feedback()] == [[]]


def test_purge_erases_what_is_past_its_day(feedback: Cli, records: Records, assistant: Assistant) -> None:
    records.keep_exchange("clé", Exchange(QUESTION, assistant.ask(QUESTION)))
    assert feedback("purge").stdout == "0 exchanges erased.\n"
    assert records.purge(datetime.now(UTC) + timedelta(days=31)) == 1


@pytest.mark.parametrize("arguments", [("list",), ("export",), ("purge",), ("erase-conversations", "--yes")])
def test_a_damaged_file_is_one_readable_line(feedback: Cli, data: Path, arguments: tuple[str, ...]) -> None:
    data.mkdir()
    (data / "records.sqlite3").write_text("Ceci n’est pas une base.\n" * 300, encoding="utf-8")
    done = feedback(*arguments)
    assert done.returncode == 1 and done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1 and "damaged" in done.stderr


def test_a_bad_setting_is_one_readable_line(feedback: Cli) -> None:
    done = feedback("list", ASSISTANT_KEEP_CONVERSATIONS="toujours")
    assert done.returncode == 1 and len(done.stderr.strip().splitlines()) == 1
    done = feedback("list", DATABASE_URL="mysql://u:geheim@h/x")
    assert done.returncode == 1 and "mysql" in done.stderr and "geheim" not in done.stderr


def test_every_field_of_feedback_has_its_column_in_the_spreadsheet(feedback: Cli, give: Callable[..., str]) -> None:
    give("good")
    header = feedback("export", "--format", "csv").stdout.splitlines()[0]
    assert header.split(",") == list(Feedback.__dataclass_fields__)


def test_the_program_of_the_documentation_runs(environment: dict[str, str], built: Path, tmp_path: Path) -> None:
    shown = (Path(__file__).resolve().parents[2] / "docs" / "feedback.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.+?)```", shown, re.DOTALL)
    url = f"sqlite:///{tmp_path}/avis.sqlite3"
    subprocess.run([sys.executable, "-c", program], env={**environment, "DATABASE_URL": url}, check=True, timeout=60)
    kept = Records.open(load_settings(AssistantSettings, database_url=url))
    assert [(row.verdict, row.comment) for row in kept.feedback()] == [("good", "Merci")]
    kept.close()
