"""Measures the assistant from outside: datasets, metrics, baselines, report, gate."""
