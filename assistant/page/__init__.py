"""The chat page: what a reader sees. It knows answers, never how they are found."""
