"""Composers: from selected passages to the reader's answer."""
