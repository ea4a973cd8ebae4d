"""Run the command line of `assistant`."""

from assistant.cli import app

app()
