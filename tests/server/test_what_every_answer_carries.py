"""Headers on every answer, health, and nothing of the machine in what is served."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from assistant.errors import ServerError
from assistant.page.serving.code import key
from assistant.page.serving.policy import Policy
from tests.server.helpers import ROOT, Serve, Server, ask, raw

EVERYWHERE = (
    "/",
    "/health",
    "/config",
    "/theme.css",
    "/favicon.ico",
    "/nothing",
    "/gradio_api/info",
    "/assets/none.js",
)


@pytest.mark.server
@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_carries_the_headers_that_protect_its_reader(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers and "access-control-allow-origin" not in headers


@pytest.mark.server
def test_refusals_carry_them_too(server: Server) -> None:
    for status, path, method in ((405, "/health", "DELETE"), (404, "/gradio_api/upload", "POST"), (421, "/", "GET")):
        found, headers, _ = raw(server, method, path, host="evil.example" if status == 421 else "localhost")
        assert found == status
        assert headers["x-content-type-options"] == "nosniff" and "content-security-policy" in headers


@pytest.mark.server
def test_the_page_allows_no_script_but_its_own(client: httpx.Client) -> None:
    first, second = client.get("/"), client.get("/")
    policy = first.headers["content-security-policy"]
    scripts = re.search(r"script-src ([^;]*)", policy)
    assert scripts and re.fullmatch(r"'self' 'nonce-[\w-]{20,}'", scripts.group(1))
    assert "'unsafe-eval'" not in policy and "default-src 'none'" in policy
    assert policy != second.headers["content-security-policy"], "a nonce is used once"
    nonce = scripts.group(1).split("nonce-")[1].rstrip("'")
    assert first.text.count("<script") == first.text.count(f'<script nonce="{nonce}"') > 3


@pytest.mark.server
def test_the_page_is_compressed_for_those_who_can_read_it(server: Server) -> None:
    _, headers, body = raw(server, "GET", "/", accept_encoding="gzip")
    assert headers["content-encoding"] == "gzip" and len(body) < 120_000
    _, headers, body = raw(server, "GET", "/")
    assert "content-encoding" not in headers and b"<!doctype html>" in body


@pytest.mark.server
def test_assets_are_kept_by_the_browser_and_nothing_else_is(client: httpx.Client) -> None:
    asset = re.search(r'src="\./(assets/index-[^"]+\.js)"', client.get("/").text)
    assert asset and "immutable" in client.get("/" + asset.group(1)).headers["cache-control"]


@pytest.mark.server
def test_health_tells_what_answers_and_answers_head(client: httpx.Client) -> None:
    told = client.get("/health").json()
    assert told["status"] == "ok" and told["guide"] == "cooperation-siae"
    assert told["version"] and told["index"] and told["model"] and told["training"]
    head = client.head("/health")
    assert head.status_code == 200 and head.content == b""


@pytest.mark.server
@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/info", "/health", "/theme.css", "/manifest.json"])
def test_nothing_served_names_a_place_on_the_machine(client: httpx.Client, path: str) -> None:
    text = client.get(path).text
    for place in (str(ROOT), sys.prefix, "site-packages", "/tmp/", f"{Path.home()}/", "/home/", " at 0x"):
        assert place not in text


@pytest.mark.server
def test_a_fault_is_told_with_a_reference_and_the_server_keeps_answering(serve: Serve) -> None:
    with serve(faulty=True) as server, httpx.Client(base_url=server.url, timeout=20) as client:
        told = ask(client, "PANNE", **{"Accept-Language": "fr"})
        assert told["event"] == "error"
        message = told["data"]["error"]
        reference = re.search(r"référence ([0-9a-f]{8})", message)
        assert reference and "secret" not in str(told)
        assert ask(client, "Bonjour")["event"] == "complete"
        log = server.said()
        assert reference.group(1) in log and "/secret/path" in log


@pytest.mark.server
def test_the_page_tells_of_a_fault_with_its_reference(serve: Serve, chromium: Browser) -> None:
    with serve(faulty=True) as server:
        page = chromium.new_page(locale="fr-FR")
        page.goto(server.url)
        page.locator("#starters button").first.wait_for()
        page.fill("#question", "PANNE")
        page.click("#send")
        message = page.locator(".failed [role=alert]").inner_text()
        page.close()
        assert re.search(r"référence [0-9a-f]{8}", message) and "secret" not in message


@pytest.mark.browser
def test_the_browser_finds_nothing_to_refuse_and_refuses_what_is_slipped_in(server: Server, chromium: Browser) -> None:
    page = chromium.new_page(locale="fr-FR")
    page.add_init_script(
        "window.refused = [];"
        "document.addEventListener('securitypolicyviolation', (event) => refused.push(event.violatedDirective))"
    )
    page.goto(server.url)
    page.locator("#starters button").first.click()
    page.locator(".answered").first.wait_for()
    assert page.evaluate("refused") == []
    page.evaluate(
        """() => {
          document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="window.got = 1">');
          const script = document.createElement('script'); script.textContent = 'window.got = 2';
          document.body.append(script);
          // Later, because what a test's tool runs at once may evaluate.
          setTimeout(() => { try { (0, eval)('window.got = 3'); } catch {} }, 0);
          setTimeout(() => { try { new Function('window.got = 4')(); } catch {} }, 0);
        }"""
    )
    # Waiting by `wait_for_function` would evaluate text itself.
    refused = page.evaluate("() => new Promise(done => setTimeout(() => done(refused), 300))")
    assert len(refused) == 4, refused
    assert page.evaluate("window.got") is None
    page.close()


@pytest.mark.browser
def test_only_the_sites_that_a_maintainer_names_may_frame_the_page(serve: Serve) -> None:
    with serve(frame_ancestors="'self' https://intranet.example") as server:
        headers = httpx.get(server.url).headers
    assert "frame-ancestors 'self' https://intranet.example" in headers["content-security-policy"]
    assert "x-frame-options" not in headers, "it knows no list of sites"


def test_frame_ancestors_cannot_bend_the_policy() -> None:
    for sites in ("'self'; script-src *", "a\r\nset-cookie: x=y", "https://a.example, https://b.example"):
        with pytest.raises(ServerError, match="FRAME_ANCESTORS"):
            Policy(sites)


def test_a_page_of_a_gradio_that_compiles_otherwise_may_still_evaluate() -> None:
    assert "'unsafe-eval'" in Policy("'self'", evaluates=True).headers(page=True, nonce="n")["content-security-policy"]


@pytest.mark.browser
def test_the_script_and_the_server_name_texts_alike(chromium: Browser) -> None:
    texts = ["", "abc", "é « ok » \u202f?", "🙂 sourire"]
    code = (ROOT / "assistant/page/serving/code.js").read_text(encoding="utf-8")
    key_of = re.search(r"const keyOf = .*?\n  };", code, re.DOTALL)
    assert key_of
    page = chromium.new_page()
    assert page.evaluate(f"texts => {{ {key_of.group()} return texts.map(keyOf); }}", texts) == [key(t) for t in texts]
    page.close()
