"""Sessions of programs: Gradio makes one for each call of the endpoint, and keeps it beside those of readers."""

from __future__ import annotations

import threading
from collections import deque

import gradio as gr

# More than can be answered at once: a session that is still at work is not among the oldest.
KEPT = 128


class PassingSessions:
    """Lets go of the sessions that calls of the endpoint leave behind; nothing of a later call depends on them.

    Otherwise each would hold its history and answer until a thousand newer ones came, and the conversations of
    readers would make room for them. Safe to share between threads.
    """

    def __init__(self, page: gr.Blocks, kept: int = KEPT) -> None:
        self._page = page
        self._kept = kept
        self._sessions: deque[str] = deque()
        self._lock = threading.Lock()

    def note(self, session: str | None) -> None:
        """Note the session of a call that begins; the oldest beyond `kept` are let go."""
        if not session:
            return
        with self._lock:
            self._sessions.append(session)
            old = [self._sessions.popleft() for _ in range(len(self._sessions) - self._kept)]
        for passed in old:
            self._let_go(passed)

    def _let_go(self, session: str) -> None:
        holder = self._page.state_holder
        with holder.lock:
            holder.session_data.pop(session, None)
            holder.time_last_used.pop(session, None)
        waiting = self._page._queue.pending_event_ids_session
        if not waiting.get(session):
            waiting.pop(session, None)
