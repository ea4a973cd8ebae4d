"""Who comes in: the file of logins, the login page, sessions, programs, a proxy's header."""

from __future__ import annotations

import asyncio
import base64
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import httpx
import pytest
from gradio_client import Client
from playwright.sync_api import Browser, expect

from assistant.errors import LoginError, ServerError
from assistant.page.server import door_of, exposure_warning
from assistant.page.serving.login import COOKIE, PasswordDoor
from assistant.page.serving.passwords import Passwords, read_hashes, write_login
from assistant.settings import AssistantSettings
from tests.page.helpers import fits, serious
from tests.server.helpers import ROOT, Serve, Server, ask, raw

NAME, PASSWORD = "marie", "un cheval, une pile"


def login(*arguments: str, password: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "assistant", "login", *arguments], input=password, capture_output=True, text=True,
        check=False, env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200", **variables},
    )  # fmt: skip


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("logins") / "logins"
    write_login(path, NAME, PASSWORD)
    return path


@pytest.fixture(scope="module")
def guarded(serve: Serve, file: Path) -> Iterator[Server]:
    with serve(auth_file=str(file), mcp_server="true") as server:
        yield server


def test_a_maintainer_adds_lists_and_removes_people(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "logins"
    added = login("add", NAME, password=f"{PASSWORD}\n", AUTH_FILE=str(path))
    assert added.returncode == 0, added.stderr
    assert PASSWORD not in path.read_text(encoding="utf-8") and path.read_text(encoding="utf-8").startswith(
        "marie:$argon2id$"
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert login("list", "--file", str(path)).stdout.split() == [NAME]
    assert login("remove", NAME, "--file", str(path)).returncode == 0
    assert login("list", "--file", str(path)).stdout == ""


@pytest.mark.parametrize(
    ("arguments", "password", "told"),
    [
        (("add", "a:b"), PASSWORD, "letters, digits"),
        (("add", NAME), "court", "at least 10"),
        (("add", NAME), "", "at least 10"),
        (("remove", "personne"), "", "is not in"),
    ],
)
def test_what_cannot_be_kept_is_one_readable_line(
    tmp_path: Path, arguments: tuple[str, ...], password: str, told: str
) -> None:
    done = login(*arguments, "--file", str(tmp_path / "logins"), password=password)
    assert done.returncode == 1 and told in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "logins").exists()


@pytest.mark.parametrize("content", ["marie\n", "marie:clair\n", "a b:$argon2id$x\n", "\xff:$argon2id$x\n"])
def test_a_damaged_file_names_its_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "logins"
    path.write_text(content, encoding="latin-1")
    with pytest.raises(LoginError, match=r"line 1|UnicodeDecodeError"):
        read_hashes(path)


def test_a_file_that_lets_nobody_in_stops_the_server(tmp_path: Path) -> None:
    (tmp_path / "logins").write_text("# nobody\n", encoding="utf-8")
    for path in (tmp_path / "logins", tmp_path / "none"):
        with pytest.raises(LoginError, match="login add"):
            Passwords(path)


def test_two_ways_to_log_in_are_one_too_many(file: Path) -> None:
    with pytest.raises(ServerError, match="AUTH_HEADER"):
        door_of(AssistantSettings(auth_file=file, auth_header="X-User"))


def test_an_address_open_to_others_is_warned_of(file: Path) -> None:
    assert exposure_warning(AssistantSettings()) == ""
    assert "without login" in exposure_warning(AssistantSettings(host="0.0.0.0"))
    assert "without https" in exposure_warning(AssistantSettings(host="0.0.0.0", auth_file=file))
    assert "past the proxy" in exposure_warning(AssistantSettings(host="::", auth_header="X-User"))


@pytest.mark.server
def test_the_warning_stands_on_the_screen_and_the_page_is_served_all_the_same(serve: Serve) -> None:
    with serve(host="0.0.0.0") as server:
        assert httpx.get(server.url).status_code == 200
        assert "without login" in server.said()


@pytest.mark.server
@pytest.mark.parametrize("path", ["/config", "/theme.css", "/gradio_api/info", "/gradio_api/queue/data?session_hash=a"])
def test_a_stranger_gets_nothing(guarded: Server, path: str) -> None:
    status, _, body = raw(guarded, "GET", path)
    assert status == 401 and len(body) < 200


@pytest.mark.server
@pytest.mark.parametrize("path", ["/gradio_api/queue/join", "/gradio_api/call/ask", "/mcp"])
def test_a_stranger_asks_nothing(guarded: Server, path: str) -> None:
    assert raw(guarded, "POST", path, b"{}", content_type="application/json")[0] == 401


@pytest.mark.server
def test_a_stranger_learns_that_it_runs_and_no_more(guarded: Server) -> None:
    assert httpx.get(f"{guarded.url}/health").json() == {"status": "ok"}
    assert httpx.get(f"{guarded.url}/health", auth=(NAME, PASSWORD)).json()["guide"] == "cooperation-siae"


@pytest.mark.server
def test_a_session_lasts_until_logout(guarded: Server) -> None:
    with httpx.Client(base_url=guarded.url, timeout=20) as client:
        right = {"username": NAME, "password": PASSWORD}
        answer = client.post("/login", data=right, headers={"accept": "text/html"})
        assert answer.status_code == 303 and answer.headers["location"].startswith("/?lang=")
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie and "samesite=lax" in cookie and "secure" not in cookie
        assert ask(client, "Bonjour")["event"] == "complete"
        token = client.cookies[COOKIE]
        assert client.post("/logout").status_code == 200
        assert httpx.get(f"{guarded.url}/config", cookies={COOKIE: token}).status_code == 401


@pytest.mark.server
def test_the_cookie_is_for_https_only_where_the_page_comes_by_https(guarded: Server) -> None:
    answer = httpx.post(
        f"{guarded.url}/login", data={"username": NAME, "password": PASSWORD}, headers={"x-forwarded-proto": "https"}
    )
    assert "secure" in answer.headers["set-cookie"].lower()


@pytest.mark.server
def test_programs_log_in_by_gradios_client_and_by_http_basic(guarded: Server) -> None:
    assert Client(guarded.url, auth=(NAME, PASSWORD), verbose=False).predict("Bonjour", [], api_name="/ask")["text"]
    with httpx.Client(base_url=guarded.url, auth=(NAME, PASSWORD), timeout=20) as client:
        assert ask(client, "Bonjour")["event"] == "complete"


@pytest.mark.server
def test_neither_a_wrong_password_nor_a_wrong_name_says_which_was_wrong(serve: Serve, file: Path) -> None:
    with serve(auth_file=str(file)) as server:
        bodies = {
            httpx.post(f"{server.url}/login", data={"username": name, "password": password}).text
            for name, password in ((NAME, "un autre mot"), ("personne", PASSWORD), ("", ""), (NAME, "x" * 9000))
        }
        assert len(bodies) == 1


def test_many_guesses_at_once_are_no_more_than_one_after_the_other(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passwords = Passwords(file)
    door = PasswordDoor(passwords)
    checked: list[str] = []
    real = passwords.fits
    monkeypatch.setattr(passwords, "fits", lambda name, password: checked.append(password) or real(name, password))

    async def guess() -> list[bool]:
        return await asyncio.gather(*(door._fits(NAME, f"guess {number}", "10.0.0.1") for number in range(60)))

    async def come_in() -> list[bool]:
        return [await other._fits(NAME, PASSWORD, "10.0.0.1") for _ in range(15)]

    other = PasswordDoor(passwords)
    # A loop of its own: the browser of the tests runs one in this thread.
    with ThreadPoolExecutor(1) as pool:
        assert not any(pool.submit(asyncio.run, guess()).result())
        assert len(checked) == 10
        assert all(pool.submit(asyncio.run, come_in()).result()), "right ones cost nothing"


@pytest.mark.server
def test_guessing_is_slowed_down_by_page_and_by_basic(serve: Serve, file: Path) -> None:
    with serve(auth_file=str(file)) as server:
        wrong = {"username": NAME, "password": "pas le bon mot"}
        codes = [httpx.post(f"{server.url}/login", data=wrong).status_code for _ in range(13)]
        assert codes[:10] == [403] * 10 and codes[-1] == 429
        right = base64.b64encode(f"{NAME}:{PASSWORD}".encode()).decode()
        assert raw(server, "GET", "/config", authorization=f"Basic {right}")[0] == 401, "not even the right one now"


@pytest.mark.server
@pytest.mark.parametrize("sent", ["Basic", "Basic %%%", "Basic " + base64.b64encode(b"\xff\xfe").decode(), "Bearer x"])
def test_credentials_that_are_none_are_a_strangers(guarded: Server, sent: str) -> None:
    assert raw(guarded, "GET", "/config", authorization=sent)[0] == 401


@pytest.mark.server
def test_who_is_removed_is_out_at_once(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "logins"
    write_login(path, NAME, PASSWORD)
    write_login(path, "jeanne", PASSWORD)
    with serve(auth_file=str(path)) as server, httpx.Client(base_url=server.url) as client:
        client.post("/login", data={"username": "jeanne", "password": PASSWORD}).raise_for_status()
        assert client.get("/config").status_code == 200
        write_login(path, "jeanne", None)
        assert client.get("/config").status_code == 401


@pytest.mark.server
def test_a_trusted_proxy_names_who_asks_and_each_has_a_limit_of_her_own(serve: Serve) -> None:
    with serve(auth_header="X-Remote-User", rate_limit="1") as server:
        assert raw(server, "GET", "/config")[0] == 401
        assert raw(server, "GET", "/config", x_remote_user="")[0] == 401
        assert raw(server, "GET", "/config", x_remote_user="marie", host="guide.example")[0] == 200
        with httpx.Client(base_url=server.url, timeout=20) as client:
            for name in ("marie", "jeanne"):
                body = {"data": ["Bonjour", []]}
                codes = [
                    client.post("/gradio_api/call/ask", json=body, headers={"x-remote-user": name}).status_code
                    for _ in range(2)
                ]
                assert codes == [200, 429]


@pytest.mark.browser
def test_a_reader_logs_in_asks_and_logs_out_by_keyboard(guarded: Server, chromium: Browser) -> None:
    page = chromium.new_page(locale="fr-FR")
    page.goto(guarded.url)
    assert page.title() == "Se connecter" and page.evaluate("document.documentElement.lang") == "fr"
    page.get_by_label("Nom").focus()
    page.keyboard.type(NAME)
    page.keyboard.press("Tab")
    page.keyboard.type("pas le bon mot")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    assert page.get_by_label("Nom").input_value() == NAME and page.get_by_label("Mot de passe").input_value() == ""
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("#starters button").first.click()
    page.locator(".answered").first.wait_for()
    page.get_by_role("link", name="Se déconnecter").focus()
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    page.goto(guarded.url)
    assert page.title() == "Se connecter"
    page.get_by_role("link", name="English").click()
    expect(page).to_have_title("Log in")
    assert page.evaluate("document.documentElement.lang") == "en"
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("language", "title"), [("fr", "Se connecter"), ("en", "Log in")])
def test_axe_finds_nothing_serious_on_the_login_page(
    guarded: Server, chromium: Browser, language: str, title: str, scheme: Literal["light", "dark"]
) -> None:
    page = chromium.new_page(
        locale="fr-FR", color_scheme=scheme, viewport={"width": 360, "height": 740}, bypass_csp=True
    )
    try:
        page.goto(f"{guarded.url}/login?lang={language}")
        expect(page).to_have_title(title)
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == {"light": "rgb(250, 249, 245)", "dark": "rgb(20, 25, 29)"}[scheme]
        assert serious(page) == []
        page.locator("#username").fill(NAME)
        page.locator("#password").fill("pas le bon mot")
        page.locator("button").click()
        page.get_by_role("alert").wait_for()
        assert serious(page) == [] and fits(page), "nor after a wrong password"
        page.goto(f"{guarded.url}/logout?lang={language}")
        page.get_by_role("status").wait_for()
        assert serious(page) == [], "nor after leaving"
    finally:
        page.close()
