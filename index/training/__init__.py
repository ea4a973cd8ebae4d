"""Training on the question bank, for maintainers; nothing here is imported while answering."""
