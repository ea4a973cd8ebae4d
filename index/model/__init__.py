"""The retrieval model: rebuilt, exported, run."""
