"""Settings: from the environment, checked at once, faults named with the variable to mend."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from assistant import Assistant
from assistant.settings import AssistantSettings, assistant_settings
from index.errors import SettingsError


@pytest.mark.parametrize("name", ["ASSISTANT_COLOUR", "ASSISTANT_PROT", "ASSISTANT_", "assistant_colour"])
def test_an_unknown_variable_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(SettingsError) as raised:
        assistant_settings()
    assert name in str(raised.value)
    assert "ASSISTANT_PORT" in str(raised.value), "the known ones are listed"


def test_opening_refuses_an_unknown_variable_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_GIUDE", "cooperation-siae")
    with pytest.raises(SettingsError, match="ASSISTANT_GIUDE"):
        Assistant.open()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ASSISTANT_PORT", "beaucoup"),
        ("ASSISTANT_PORT", "-1"),
        ("ASSISTANT_PORT", "65536"),
        ("ASSISTANT_PORT", "78.5"),
        ("ASSISTANT_MAX_QUESTION", "0"),
        ("ASSISTANT_MAX_CITATIONS", "0"),
        ("ASSISTANT_THREADS", "mille"),
    ],
)
def test_a_value_that_cannot_be_used_is_told_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as raised:
        assistant_settings()
    assert name in str(raised.value) and value in str(raised.value)
    assert "\n" not in str(raised.value)


def test_variables_set_values_and_arguments_come_before_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_PORT", "8123")
    assert assistant_settings().port == 8123
    assert assistant_settings(port=8124).port == 8124


def test_an_empty_variable_leaves_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_PORT", "")
    assert assistant_settings().port == 7860


def test_the_page_listens_on_this_machine_only_unless_told_otherwise() -> None:
    assert assistant_settings().host == "127.0.0.1"


def test_a_relative_folder_means_the_same_place_after_a_change_of_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ASSISTANT_DATA_DIR", "donnees")
    settings = assistant_settings()
    assert settings.data_dir == tmp_path / "donnees"


def test_settings_cannot_be_changed_once_read() -> None:
    with pytest.raises(ValidationError):
        assistant_settings().port = 1


def test_each_setting_is_described() -> None:
    assert [name for name, field in AssistantSettings.model_fields.items() if not field.description] == []
