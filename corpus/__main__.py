"""Run the command line of `corpus`."""

from corpus.cli import app

app()
