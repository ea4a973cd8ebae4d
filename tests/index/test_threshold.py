"""The threshold of the decision: where both goals are missed, or outdone, by the same factor."""

from __future__ import annotations

import numpy as np
import pytest

from index.training.fit import MOST_WRONG_ANSWERS, MOST_WRONG_DECLINES, best_threshold


def test_separable_messages_are_all_decided_right() -> None:
    """Where some threshold decides every message rightly, one of those is taken."""
    answerable = np.array([False] * 40 + [True] * 60)
    probabilities = np.concatenate([np.linspace(0.01, 0.3, 40), np.linspace(0.5, 0.99, 60)])
    assert 0.3 < best_threshold(answerable, probabilities) <= 0.5


@pytest.mark.parametrize("seed", range(5))
def test_both_goals_are_missed_by_the_same_factor(seed: int) -> None:
    """Shares of wrong declines and of wrong answers stand in the ratio of the goals, but for a message or two."""
    draw = np.random.default_rng(seed)
    answerable = draw.random(4000) < 0.6
    probabilities = 1 / (1 + np.exp(-draw.normal(np.where(answerable, 2.0, -1.5), 1.5)))
    at = best_threshold(answerable, probabilities)
    declines = (probabilities[answerable] < at).mean() / MOST_WRONG_DECLINES
    answers = (probabilities[~answerable] >= at).mean() / MOST_WRONG_ANSWERS
    assert declines == pytest.approx(answers, abs=0.05)
