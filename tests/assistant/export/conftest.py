"""What the tests of exports share: a talk in French and one in English."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assistant import Answer
from assistant.types import Exchange
from tests.assistant.export.helpers import ENGLISH, FRENCH


@pytest.fixture(scope="session")
def french(talk: Callable[..., list[Answer]]) -> list[Exchange]:
    return [Exchange(question, answer) for question, answer in zip(FRENCH, talk(*FRENCH), strict=True)]


@pytest.fixture(scope="session")
def english(talk: Callable[..., list[Answer]]) -> list[Exchange]:
    return [Exchange(question, answer) for question, answer in zip(ENGLISH, talk(*ENGLISH), strict=True)]
