"""A chat assistant that answers from a guide in the guide's own words, and proves it."""
