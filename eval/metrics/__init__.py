"""Measures as pure functions: texts and numbers in, numbers out. No assistant, no file."""
