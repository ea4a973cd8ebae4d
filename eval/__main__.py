"""Run the command line of `eval`."""

from eval.cli import app

app()
