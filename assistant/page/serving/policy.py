"""The headers of every answer, and the page's scripts told apart from any other by a nonce."""

from __future__ import annotations

import re
import secrets

from assistant.errors import ServerError

_SCRIPT_TAG = re.compile(r"<script(?=[\s>])")
_UNFIT = re.compile(r"[;,\r\n]|[^\x20-\x7e]")
_ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # Not "no-referrer": browsers would then send forms with `Origin: null`.
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Policy:
    """What a browser may do with what is served here."""

    def __init__(self, frame_ancestors: str, *, evaluates: bool = False) -> None:
        """Make the policy; `evaluates` lets scripts compile text.

        Raises:
            ServerError: `frame_ancestors` is not a list of sites.
        """
        if _UNFIT.search(frame_ancestors):
            raise ServerError(
                "ASSISTANT_FRAME_ANCESTORS is not a list of sites separated by spaces "
                "(such as: 'self' https://intranet.example). Mend the variable."
            )
        self._evaluates = evaluates
        self._ancestors = frame_ancestors.strip() or "'none'"

    def headers(self, *, page: bool = False, nonce: str = "", kept: bool = False) -> dict[str, str]:
        """Return the headers of an answer.

        `page` tells HTML from data; `nonce` is the one that its scripts carry; `kept` lets a browser keep
        it, for files whose name changes with their content.
        """
        return {
            **_ALWAYS,
            "content-security-policy": self._page_policy(nonce) if page else self._data_policy(),
            # Gradio names its assets by their content; anything else may differ the next time it is asked for.
            "cache-control": "private, max-age=31536000, immutable" if kept else "no-store",
            **({"x-frame-options": "SAMEORIGIN"} if self._ancestors == "'self'" else {}),
        }

    def _page_policy(self, nonce: str) -> str:
        # Scripts: files of this host, and inline ones only with the nonce of this very answer. No
        # 'unsafe-eval' unless this Gradio is a stranger to `code.py`, which gives it functions instead of text.
        # Styles: Gradio's template and its components write style attributes, which no nonce can allow.
        evaluated = " 'unsafe-eval'" if self._evaluates else ""
        scripts = f"'self' 'nonce-{nonce}'{evaluated}" if nonce else "'none'"
        return "; ".join(
            (
                "default-src 'none'",
                f"script-src {scripts}",
                "style-src 'self' 'unsafe-inline'",
                "img-src 'self' data: blob:",
                "font-src 'self' data:",
                "connect-src 'self'",
                "manifest-src 'self'",
                "form-action 'self'",
                "base-uri 'self'",
                f"frame-ancestors {self._ancestors}",
            )
        )

    def _data_policy(self) -> str:
        return f"default-src 'none'; frame-ancestors {self._ancestors}"


def new_nonce() -> str:
    """Return a nonce for one answer."""
    return secrets.token_urlsafe(16)


def with_nonce(html: str, nonce: str) -> str:
    """Return Gradio's page with the nonce on its script tags.

    Only the template holds such tags: Gradio escapes every `<` in the data that it puts into them.
    """
    return _SCRIPT_TAG.sub(f'<script nonce="{nonce}"', html)
