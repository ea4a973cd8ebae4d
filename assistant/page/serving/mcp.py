"""The tool `ask` for language-model clients, by the Model Context Protocol over HTTP.

Gradio has such a server too, but it answers by calling itself over HTTP, under whatever name the first
request gave, past login and limits; and its extra holds pydantic below what Chroma needs. This one calls
the assistant.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from assistant.errors import ServerError
from assistant.page.serving.faults import told

if TYPE_CHECKING:
    from mcp.server.fastmcp import FastMCP

    from assistant.engine import Assistant


def mcp_server(
    get_assistant: Callable[[], Assistant], title: str, concurrency: int, log_level: str = "ERROR"
) -> FastMCP:
    """Return a server with the tool `ask`; `title` is the guide's.

    Raises:
        ServerError: the package `mcp` is missing.
    """
    try:
        from mcp.server.fastmcp import FastMCP
        from mcp.server.fastmcp.exceptions import ToolError
        from mcp.server.transport_security import TransportSecuritySettings
    except ImportError as error:
        raise ServerError(
            "ASSISTANT_MCP_SERVER needs the package mcp, which is not installed. Install it "
            "(pip install 'guide-assistant[mcp]'), or unset the variable."
        ) from error
    server = FastMCP(
        "guide-assistant",
        instructions=f"Answers questions from the guide « {title} » in the guide's own words, with exact citations.",
        stateless_http=True,  # A session a client would be memory that nobody frees.
        json_response=True,
        log_level=log_level,  # type: ignore[arg-type]
        # The gate checks names, and other sites, for every request.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    turns = asyncio.Semaphore(concurrency)

    @server.tool(structured_output=True)
    async def ask(
        question: Annotated[str, Field(description="The question, in French or English; 2,000 characters at most.")],
        history: Annotated[
            list[dict[str, Any]] | None,
            Field(
                description="The conversation so far, oldest first: objects with `role` (user, assistant), `content`."
            ),
        ] = None,
    ) -> dict[str, Any]:
        """Answer a question from the guide in its own words.

        `kind` is answer, decline or smalltalk; `text` is Markdown whose claims carry [n]; `citations` hold the
        guide's exact words with their place. Never present more as the guide's than the citations hold.
        """
        async with turns:
            try:
                answer = await asyncio.to_thread(get_assistant().ask, question, history or ())
            except Exception as error:  # What broke is for the log; a client gets a reference to it.
                raise ToolError(told(error, "The tool ask", "en")) from None
        return answer.to_dict()

    return server
