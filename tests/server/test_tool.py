"""The tool `ask` for language models, with a real client of the protocol."""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, Tool

from assistant.errors import ServerError
from assistant.page.serving.mcp import mcp_server
from tests.server.helpers import QUESTION, WORDS, Serve, Server


def call(url: str, **arguments: Any) -> tuple[list[Tool], CallToolResult]:
    """Return the tools that a server offers, and what `ask` answers."""

    async def run() -> tuple[list[Tool], CallToolResult]:
        async with streamable_http_client(url) as (read, write, _), ClientSession(read, write) as session:
            await session.initialize()
            return (await session.list_tools()).tools, await session.call_tool("ask", arguments)

    # In a thread of its own: Playwright's loop may run in this one.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, run()).result(timeout=60)


@pytest.mark.server
@pytest.mark.parametrize("path", ["/mcp", "/gradio_api/mcp/"])
def test_a_language_model_finds_the_tool_and_gets_exact_citations(server: Server, path: str) -> None:
    tools, result = call(server.url + path, question=QUESTION)
    (tool,) = tools
    assert tool.name == "ask" and "exact words" in (tool.description or "")
    assert all(described["description"] for described in tool.inputSchema["properties"].values())
    assert tool.inputSchema["required"] == ["question"]
    assert result.structuredContent and result.structuredContent["citations"][0]["quote"] == WORDS


@pytest.mark.server
def test_a_follow_up_is_understood(server: Server) -> None:
    first = "Quels sont les avantages de la mutualisation ?"
    _, before = call(f"{server.url}/mcp", question=first)
    assert before.structuredContent
    history = [{"role": "user", "content": first}, {"role": "assistant", "content": before.structuredContent["text"]}]
    _, after = call(f"{server.url}/mcp", question="et les inconvénients ?", history=history)
    assert after.structuredContent and "mutualisation" in after.structuredContent["understood"]


@pytest.mark.server
def test_wrong_arguments_and_faults_are_told_without_what_is_inside(serve: Serve, server: Server) -> None:
    _, wrong = call(f"{server.url}/mcp", question=[1])
    assert wrong.isError
    with serve(faulty=True, mcp_server="true") as faulty:
        _, broken = call(f"{faulty.url}/mcp", question="PANNE")
        assert broken.isError and "reference" in str(broken.content) and "secret" not in str(broken.content)


@pytest.mark.server
def test_the_tool_counts_as_a_question_and_is_off_by_default(serve: Serve) -> None:
    body = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "ask", "arguments": {"question": "x"}},
    }
    headers = {"accept": "application/json, text/event-stream"}
    with serve(rate_limit="1", mcp_server="true") as limited:
        codes = [httpx.post(f"{limited.url}/mcp", json=body, headers=headers).status_code for _ in range(2)]
        assert codes == [200, 429]
    with serve() as without:
        assert httpx.post(f"{without.url}/mcp", json=body, headers=headers).status_code == 404


def test_a_missing_package_is_told_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp.server.fastmcp", None)
    with pytest.raises(ServerError, match="pip install"):
        mcp_server(lambda: None, "Guide", 1)  # type: ignore[arg-type, return-value]
