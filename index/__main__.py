"""Run the command line of `index`."""

from index.cli import app

app()
