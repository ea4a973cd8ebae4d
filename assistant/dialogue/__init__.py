"""Follow-ups without a language model: what a message may mean in the light of what was said before it."""

from assistant.dialogue.history import Topic, message_text, quoted_passages
from assistant.dialogue.readings import Reading, readings
from assistant.dialogue.topics import Topics

__all__ = ["Reading", "Topic", "Topics", "message_text", "quoted_passages", "readings"]
