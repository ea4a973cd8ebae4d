"""A chat assistant that answers from a guide in the guide's own words, and proves it."""

from assistant.engine import Assistant
from assistant.types import Answer, Citation

__all__ = ["Answer", "Assistant", "Citation"]
