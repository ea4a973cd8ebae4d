"""Search over one guide: the retrieval model, the collections, ranking. No conversation."""
