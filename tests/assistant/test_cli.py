"""The command line: answers with sources, plain JSON, one readable line for what a maintainer must mend."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from assistant import Assistant
from assistant.cli import show
from assistant.settings import AssistantSettings
from corpus import BUNDLED_GUIDES, Guide

SUCCESS = "Quels sont les facteurs clés de succès de la mutualisation ?"
PIE = "Quelle est la recette de la tarte aux pommes ?"
FACTORS = (
    "Travailler la confiance par des premières actions de mutualisation.",
    "Prévoir un système d’évaluation pour corriger les écarts entre ce qui est attendu et ce qui est "
    "effectivement obtenu.",
)
HEAVY = {"torch", "sentence_transformers", "transformers", "sklearn", "peft", "onnx", "gradio", "pandas"}

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def asked(environment: dict[str, str], built: Path) -> subprocess.CompletedProcess[str]:
    """One question asked, with the time of each import on the error stream."""
    return subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "assistant", "ask", SUCCESS],
        capture_output=True, text=True, encoding="utf-8", check=False, timeout=60, env=environment,
    )  # fmt: skip


def test_an_answer_is_printed_with_its_words_markers_and_sources(asked: subprocess.CompletedProcess[str]) -> None:
    assert asked.returncode == 0
    for number, words in enumerate(FACTORS, start=1):
        assert f"« {words} » [{number}]" in asked.stdout
    sources = asked.stdout[asked.stdout.index(FACTORS[1]) + len(FACTORS[1]) :]
    assert [line.startswith(f"[{n}]") and "Faire avec" in line for n, line in enumerate(
        (line for line in sources.splitlines() if line.startswith("[")), start=1
    )] == [True, True]  # fmt: skip


def test_no_markup_of_the_page_reaches_the_terminal(asked: subprocess.CompletedProcess[str]) -> None:
    assert not [mark for mark in ("**", "<br>", "\\[", "\x1b") if mark in asked.stdout]


def test_neither_training_nor_page_libraries_are_loaded_for_an_answer(asked: subprocess.CompletedProcess[str]) -> None:
    loaded = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in asked.stderr.splitlines() if "|" in line}
    assert "onnxruntime" in loaded, "the imports were listed"
    assert not loaded & HEAVY


@pytest.mark.parametrize("question", [SUCCESS, PIE])
def test_json_is_the_answer_that_python_gets(assistant: Assistant, command: Command, question: str) -> None:
    done = command("ask", "--json", question)
    assert done.returncode == 0
    printed, expected = json.loads(done.stdout), assistant.ask(question).to_dict()
    for plain in (printed, expected):
        plain.pop("trace", None)
        plain["confidence"] = round(plain["confidence"], 4)
    assert printed == expected


def test_bytes_that_are_no_text_are_a_question_like_any_other(command: Command) -> None:
    done = command("ask", "--json", b"Quels sont les freins \xff ?")
    assert done.returncode == 0
    assert json.loads(done.stdout)["kind"] in ("answer", "decline")


def test_an_answer_is_printed_where_no_language_is_set(command: Command) -> None:
    done = command("ask", SUCCESS, PYTHONUTF8="", LC_ALL="C", LANG="C")
    assert done.returncode == 0
    assert "[1]" in done.stdout and "[2]" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "variables", "told"),
    [
        (("ask", PIE), {"ASSISTANT_COLOUR": "red"}, "ASSISTANT_COLOUR"),
        (("ask", PIE), {"ASSISTANT_PORT": "beaucoup"}, "ASSISTANT_PORT"),
        (("chat", "--port", "99999"), {}, "PORT"),
        (("ask", PIE), {"ASSISTANT_GUIDE": "inconnu"}, "inconnu"),
        (("chat",), {"ASSISTANT_GUIDE": "../../etc"}, "../../etc"),
        (("ask", PIE), {"ASSISTANT_GUIDES_DIR": "/nowhere"}, "/nowhere"),
    ],
    ids=["unknown setting", "bad setting", "bad option", "unknown guide", "path as guide", "no folder of guides"],
)
def test_what_a_maintainer_must_mend_is_one_readable_line(
    command: Command, arguments: tuple[str, ...], variables: dict[str, str], told: str
) -> None:
    done = command(*arguments, **variables)
    assert done.returncode == 1
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1 and told in lines[0]


def test_a_guide_that_cannot_be_read_is_one_readable_line(
    command: Command, own_settings: Callable[..., AssistantSettings], guide: Guide, tmp_path: Path
) -> None:
    broken = tmp_path / "guides" / guide.slug
    shutil.copytree(BUNDLED_GUIDES / guide.slug, broken)
    (broken / "guide.md").write_text("# Sans en-tête\n\nUn mot.\n", encoding="utf-8")
    data = own_settings().data_dir
    done = command("ask", PIE, ASSISTANT_GUIDES_DIR=str(broken.parent), ASSISTANT_DATA_DIR=str(data))
    assert done.returncode == 1
    told = [line for line in done.stderr.splitlines() if "guide.md:1" in line]
    assert len(told) == 1 and "Traceback" not in done.stderr


def test_without_a_question_the_command_says_how_it_is_used(command: Command) -> None:
    done = command("ask")
    assert done.returncode == 2
    assert "Usage" in done.stderr


@pytest.mark.parametrize(
    "words", ["[bold]gras[/bold] [link=https://example.org]lien[/link] [/] [0]", "attention :warning: de 8:30:00"]
)
def test_words_that_look_like_terminal_markup_are_printed_as_they_are(
    assistant: Assistant, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    answer = assistant.ask(SUCCESS)
    show(
        replace(
            answer,
            text=f"« {words} » [1]",
            citations=(replace(answer.citations[0], section=(words,)),),
            related=(replace(answer.citations[1], quote=words),),
            suggestions=(words,),
        )
    )
    assert capsys.readouterr().out.count(words) == 4
