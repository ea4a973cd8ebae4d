"""Catalogues: both languages say the same, faults in them are told, values never become templates."""

from __future__ import annotations

import json
import string
from pathlib import Path

import pytest

from assistant.errors import CatalogueError
from assistant.messages import load_catalogue

PACKAGE = Path(__file__).resolve().parents[2] / "assistant"
FOLDERS = sorted(path.parent for path in PACKAGE.rglob("catalogue/fr.json"))


def variables(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def messages(folder: Path, language: str) -> dict[str, str]:
    return dict(json.loads((folder / f"{language}.json").read_text(encoding="utf-8")))


def written(folder: Path, french: str | None, english: str | None) -> Path:
    """Write a catalogue's two files, those that are given."""
    for language, text in (("fr", french), ("en", english)):
        if text is not None:
            (folder / f"{language}.json").write_text(text, encoding="utf-8")
    return folder


def test_engine_and_page_have_a_catalogue_each() -> None:
    assert len(FOLDERS) >= 2


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(PACKAGE)))
def test_both_languages_hold_the_same_messages_with_the_same_variables(folder: Path) -> None:
    french, english = messages(folder, "fr"), messages(folder, "en")
    assert french.keys() == english.keys()
    assert {k: variables(t) for k, t in french.items()} == {k: variables(t) for k, t in english.items()}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(PACKAGE)))
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_message_has_words_and_can_be_said(folder: Path, language: str) -> None:
    catalogue = load_catalogue(folder)
    for key, text in messages(folder, language).items():
        values = {name: f"<{name}>" for name in variables(text)}
        said = catalogue.text(language, key, **values)  # type: ignore[arg-type]
        assert said.strip(), key
        assert all(value in said for value in values.values()), key


def test_a_value_that_looks_like_a_template_is_said_as_it_is(tmp_path: Path) -> None:
    catalogue = load_catalogue(written(tmp_path, '{"a": "Vous dites {x}."}', '{"a": "You say {x}."}'))
    assert catalogue.text("fr", "a", x="{0} {title} ${7*7} %s {{}}") == "Vous dites {0} {title} ${7*7} %s {{}}."


@pytest.mark.parametrize(
    ("french", "english"),
    [
        (None, '{"a": "one"}'),
        ('{"a": "un"}', None),
        ("", '{"a": "one"}'),
        ('{"a": "un"', '{"a": "one"}'),
        ('{"a": "un", "b": "deux"}', '{"a": "one"}'),
        ('{"a": "un"}', '{"a": "one", "b": "two"}'),
        ('{"a": "un {x}"}', '{"a": "one"}'),
        ('{"a": "un {x}"}', '{"a": "one {y}"}'),
        ('["un"]', '["one"]'),
        ('{"a": 1}', '{"a": 1}'),
        ('{"a": "un {"}', '{"a": "one {"}'),
    ],
    ids=["no French", "no English", "empty file", "cut off", "key in French only", "key in English only",
         "variable in French only", "other variable", "no object", "no text", "broken variable"],
)  # fmt: skip
def test_a_catalogue_with_a_fault_is_refused_and_named(tmp_path: Path, french: str | None, english: str | None) -> None:
    with pytest.raises(CatalogueError) as raised:
        load_catalogue(written(tmp_path, french, english))
    assert str(tmp_path) in str(raised.value)


def test_an_unknown_message_is_an_error_that_names_it() -> None:
    with pytest.raises(CatalogueError, match="no_such_message"):
        load_catalogue().text("fr", "no_such_message")


def test_a_missing_value_is_an_error_that_names_the_variable(tmp_path: Path) -> None:
    catalogue = load_catalogue(written(tmp_path, '{"a": "un {x}"}', '{"a": "one {x}"}'))
    with pytest.raises(CatalogueError, match="x"):
        catalogue.text("en", "a")
