"""Intervals, paired differences, and the measures of the decision."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import roc_auc_score

from eval.metrics.bootstrap import NOTHING, mean_interval, paired_interval
from eval.metrics.decision import auroc, brier, calibration_error, decision_curve, reliability

shares = st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=40)


@given(shares)
def test_an_interval_holds_its_mean_and_stays_among_the_values(values: list[float]) -> None:
    found = mean_interval(values)
    assert found.mean == pytest.approx(np.mean(values))
    assert found.low is not None
    assert found.high is not None
    assert min(values) - 1e-9 <= found.low <= found.high <= max(values) + 1e-9


def test_the_same_values_give_the_same_interval() -> None:
    assert mean_interval([0, 1, 1, 0.5]) == mean_interval([0, 1, 1, 0.5])


def test_no_values_give_no_estimate() -> None:
    assert mean_interval([]) == NOTHING
    assert mean_interval([0.0], weights=[0.0]) == NOTHING


def test_an_interval_has_the_width_that_theory_gives() -> None:
    values = [0.0, 1.0] * 200
    found = mean_interval(values)
    assert found.high is not None
    assert found.low is not None
    assert found.high - found.low == pytest.approx(2 * 1.96 * 0.5 / 20, rel=0.1)


def test_turns_that_go_together_widen_the_interval() -> None:
    values = [0.0] * 50 + [1.0] * 50
    alone, together = mean_interval(values), mean_interval(values, [str(n // 10) for n in range(100)])
    assert alone.high is not None
    assert together.high is not None
    assert together.high - together.mean > 1.5 * (alone.high - alone.mean)  # type: ignore[operator]


def test_weights_make_a_share_of_things() -> None:
    assert mean_interval([1, 3], weights=[2, 4]).mean == pytest.approx(4 / 6)


def test_equal_runs_differ_by_nothing() -> None:
    found = paired_interval([0, 1, 0.5], [0, 1, 0.5])
    assert (found.mean, found.low, found.high) == (0, 0, 0)


def test_a_small_change_on_many_questions_is_seen_in_pairs() -> None:
    before = [0.0, 1.0] * 100
    after = list(before)
    after[1:40:2] = [0.0] * 20
    found = paired_interval(before, after)
    assert found.high is not None
    assert found.high < 0
    assert found.mean == pytest.approx(-0.1)


def test_one_flip_among_many_is_noise() -> None:
    found = paired_interval([1.0] * 100, [0.0] + [1.0] * 99)
    assert found.high == 0


def test_runs_of_other_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="same units"):
        paired_interval([1.0], [1.0, 0.0])


decisions = st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=2, max_size=60)


@given(decisions)
def test_auroc_is_scikit_learns_and_lies_in_its_interval(pairs: list[tuple[bool, float]]) -> None:
    truth, confidence = [t for t, _ in pairs], [c for _, c in pairs]
    found = auroc(truth, confidence)
    if all(truth) or not any(truth):
        assert found == NOTHING
        return
    assert found.mean == pytest.approx(roc_auc_score(truth, confidence))
    assert found.low is not None
    assert found.high is not None
    assert -1e-9 <= found.low <= found.high <= 1 + 1e-9


def test_the_curve_goes_from_answering_everything_to_declining_everything() -> None:
    curve = decision_curve([True, True, False, False], [0.9, 0.6, 0.7, 0.1])
    assert (curve[0]["answered"], curve[0]["declined"]) == (1, 0)
    assert (curve[-1]["answered"], curve[-1]["declined"]) == (0, 1)
    assert [p["declined"] for p in curve] == sorted(p["declined"] for p in curve)
    assert decision_curve([True], [0.5]) == []


def test_reliability_agrees_with_scikit_learn() -> None:
    source = np.random.default_rng(3)
    confidence = source.random(500)
    truth = source.random(500) < confidence
    points = reliability(truth.tolist(), confidence.tolist())
    shares, means = calibration_curve(truth, confidence, n_bins=10)
    assert [p.share for p in points] == pytest.approx(shares.tolist())
    assert [p.confidence for p in points] == pytest.approx(means.tolist())


def test_calibration_error_is_the_gap_between_confidence_and_truth() -> None:
    assert calibration_error([True] * 8 + [False] * 2, [0.8] * 10) == pytest.approx(0)
    assert calibration_error([False] * 4, [0.95] * 4) == pytest.approx(0.95)
    assert calibration_error([], []) is None
    assert brier([True, False], [1.0, 0.0]) == 0
    assert brier([], []) is None
