"""The page's few icons, drawn in place: nothing is fetched, and none is read aloud."""

from __future__ import annotations

_PATHS = {
    "book": "M4 5.5C6.5 4.3 9.5 4.3 12 6c2.5-1.7 5.5-1.7 8-.5V19c-2.5-1.2-5.5-1.2-8 .5-2.5-1.7-5.5-1.7-8-.5zM12 6v13.5",
    "send": "M12 19V5M5.5 11.5 12 5l6.5 6.5",
    "stop": "M7.5 7.5h9v9h-9z",
    "close": "M6 6l12 12M18 6 6 18",
    "up": "M6 14.5 12 8.5l6 6",
    "down": "M6 9.5l6 6 6-6",
    "back": "M10 6l-6 6 6 6M4 12h16",
    "link": "M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1-1",
    "check": "M9 12.5l2.2 2.2L15.5 10M12 3.5l7 2.7v5.3c0 4.3-2.9 7.3-7 9-4.1-1.7-7-4.7-7-9V6.2z",
    "copy": "M9 9h10v11H9zM15 9V4H5v11h4",
    "export": "M12 4v11M7.5 10.5 12 15l4.5-4.5M5 19.5h14",
    "good": "M7 11v9H4v-9zM7 11l4-7c1.7 0 2.6 1.2 2.3 2.9L12.8 10H19a1.5 1.5 0 0 1 1.5 1.8l-1.3 6.7"
    "A1.8 1.8 0 0 1 17.4 20H7",
    "bad": "M17 13V4h3v9zM17 13l-4 7c-1.7 0-2.6-1.2-2.3-2.9l.5-3.1H5a1.5 1.5 0 0 1-1.5-1.8l1.3-6.7"
    "A1.8 1.8 0 0 1 6.6 4H17",
    "edit": "M4.5 19.5l1-4L16 5l3 3L8.5 18.5z",
    "more": "M19 12a7 7 0 1 1-2.1-5M17 3v4.2h-4.2",
    "search": "M11 5a6 6 0 1 1 0 12 6 6 0 0 1 0-12zM15.5 15.5 20 20",
    "new": "M12 5v14M5 12h14",
    "print": "M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z",
}


def icon(name: str) -> str:
    """Return an icon as HTML; the control that holds it has a name of its own."""
    return (
        f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="{_PATHS[name]}"/></svg>'
    )
