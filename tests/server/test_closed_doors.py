"""What is not the page, its API or its health does not exist; names, sites and sizes are checked."""

from __future__ import annotations

import httpx
import pytest

from assistant.page.serving.hosts import Hosts
from assistant.page.serving.routes import open_route
from tests.server.helpers import Serve, Server, raw

pytestmark = pytest.mark.server

FILES = (
    "/gradio_api/file=/etc/passwd",
    "/gradio_api/file=../../etc/passwd",
    "/gradio_api/file//etc/passwd",
    "/file=/etc/passwd",
    "/file/etc/passwd",
    "/static/../../../../../etc/passwd",
    "/static/..%2f..%2f..%2fetc%2fpasswd",
    "/assets/%2e%2e/%2e%2e/index.html",
    "/assets/....//....//etc/passwd",
    "/svelte/../../../package.json",
    "//etc/passwd",
    "/%00",
    "/custom_component/x/server/index/../../../etc/passwd",
    "/gradio_api/custom_component/1/client/component/index.js",
)
SERVICES = (
    "/gradio_api/proxy=http://example.org/",
    "/gradio_api/stream/a/0/1/playlist.m3u8",
    "/monitoring",
    "/monitoring/summary",
    "/gradio_api/runs",
    "/gradio_api/run-history/records",
    "/gradio_api/deep_link",
    "/gradio_api/upload_progress?upload_id=1",
    "/gradio_api/queue/status",
    "/gradio_api/dev/reload",
    "/gradio_api/vibe-code",
    "/gradio_api/token",
    "/gradio_api/user",
    "/gradio_api/profiling/traces",
    "/gradio_api/mcp/schema",
    "/docs",
    "/openapi.json",
    "/login",
    "/logout",
)
SENT = (
    "/gradio_api/upload",
    "/upload",
    "/gradio_api/component_server",
    "/gradio_api/component_server/",
    "/gradio_api/run/ask",
    "/gradio_api/run/predict",
    "/gradio_api/api/ask",
    "/gradio_api/call/start",
    "/gradio_api/process_recording",
    "/gradio_api/vibe-edit",
    "/gradio_api/run-history/connect",
    "/gradio_api/stream/1",
    "/login",
)


@pytest.mark.parametrize("path", FILES + SERVICES)
def test_no_file_and_no_service_of_gradio_can_be_reached(server: Server, path: str) -> None:
    status, _, body = raw(server, "GET", path)
    assert status == 404
    assert b"root:" not in body and b'"name"' not in body


@pytest.mark.parametrize("path", SENT)
def test_nothing_takes_what_is_sent_but_the_queue_and_the_endpoint(server: Server, path: str) -> None:
    status, _, _ = raw(server, "POST", path, b'{"data": []}', content_type="application/json")
    assert status == 404
    assert open_route("POST", path.rstrip("/") if path != "/login" else "/nothing") == "none"


def test_an_upload_leaves_no_file(client: httpx.Client) -> None:
    assert client.post("/gradio_api/upload", files={"files": ("a.txt", b"x")}).status_code == 404


def test_a_wrong_method_is_told(client: httpx.Client) -> None:
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        assert client.request(method, "/gradio_api/queue/join").status_code == 405
    assert client.post("/").status_code == 405


@pytest.mark.parametrize("name", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "", "[::1"])
def test_a_name_that_is_not_ours_gets_nothing(server: Server, name: str) -> None:
    status, _, body = raw(server, "GET", "/config", host=name)
    assert status in (400, 421) and len(body) < 1000


def test_our_own_names_are_answered(server: Server) -> None:
    for name in ("127.0.0.1", "localhost", f"localhost:{server.port}", "[::1]:7860", "LOCALHOST"):
        assert raw(server, "GET", "/health", host=name)[0] == 200


def test_a_public_name_is_answered_once_a_maintainer_names_it(serve: Serve) -> None:
    with serve(allowed_hosts="guide.example") as server:
        assert raw(server, "GET", "/health", host="guide.example")[0] == 200
        assert raw(server, "GET", "/health", host="other.example")[0] == 421


def test_which_names_are_checked_depends_on_who_can_come_in() -> None:
    def allows(host: str, allowed: str, asked: str, *, guarded: bool) -> bool:
        scope = {"type": "http", "headers": [(b"host", asked.encode())]}
        return Hosts(host, allowed, guarded=guarded).allows(scope)

    assert not allows("127.0.0.1", "", "guide.example", guarded=False)
    assert allows("127.0.0.1", "", "guide.example", guarded=True), "a stranger is stopped by the login"
    assert allows("0.0.0.0", "", "guide.example", guarded=False), "a server for the network has names we cannot know"
    assert not allows("0.0.0.0", "guide.example", "other.example", guarded=False)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://["},
        {"origin": "http://127.0.0.1:1"},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_another_site_cannot_ask_in_a_readers_name(client: httpx.Client, headers: dict[str, str]) -> None:
    answer = client.post("/gradio_api/call/ask", json={"data": ["Bonjour", []]}, headers=headers)
    assert answer.status_code == 403


def test_another_site_cannot_read_what_is_served(client: httpx.Client) -> None:
    for origin in ("https://evil.example", "http://localhost:3000"):
        answer = client.get("/config", headers={"origin": origin})
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_body_that_is_too_long_is_refused_before_it_is_read(server: Server) -> None:
    for path in ("/gradio_api/queue/join", "/gradio_api/call/ask", "/gradio_api/cancel", "/mcp"):
        announced = str(10**9)
        assert raw(server, "POST", path, content_type="application/json", content_length=announced)[0] == 413
        body = b'{"data": ["' + b"a" * 600_000 + b'", []]}'
        assert raw(server, "POST", path, body, content_type="application/json")[0] == 413
