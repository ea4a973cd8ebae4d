"""What can stop a measurement. Each message says what happened and what to do."""

from __future__ import annotations


class EvaluationError(Exception):
    """Something cannot be measured as things are."""


class DatasetError(EvaluationError):
    """A dataset cannot be read in the contract's format."""


class ResultsError(EvaluationError):
    """A file of results, or the recorded baseline, cannot be used."""


class BaselineSystemError(EvaluationError):
    """A system to compare with cannot be run on this machine."""
