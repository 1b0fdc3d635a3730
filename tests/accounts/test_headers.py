"""What browsers are told to refuse."""

import pytest
from django.http import HttpResponse
from django.test import AsyncClient, Client

from kmrl import headers


def directives(policy: str) -> dict[str, str]:
    return {name: said for name, _, said in (part.strip().partition(" ") for part in policy.split(";"))}


@pytest.mark.parametrize("path", ["/sign-in/", "/", "/nothing/", "/static/kmrl.css"])
def test_pages_run_nothing_inline_and_nothing_foreign(client, db, path):
    answer = client.get(path)
    policy = directives(answer["Content-Security-Policy"])
    assert policy["script-src"] == policy["style-src"] == policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in answer["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/api/v1/me/", "/api/v1/nothing/"])
def test_data_is_never_rendered_nor_kept(api_client_as, clerk, path):
    answer = api_client_as(clerk).get(path)
    assert directives(answer["Content-Security-Policy"])["default-src"] == "'none'"
    assert answer["Cache-Control"] == "private, no-cache"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_no_browser_keeps_what_it_shows_to_who_is_signed_in(client, clerk):
    client.force_login(clerk)
    for path in ("/", "/documents/", "/documents/search/?q=x", "/api/v1/me/", "/nothing/"):
        assert client.get(path)["Cache-Control"] == "private, no-store"
    assert "max-age" in client.get("/static/kmrl.css")["Cache-Control"]
    client.logout()
    assert client.get("/")["Cache-Control"] == "private, no-cache"


def test_only_the_admin_may_run_what_is_inline(client, db):
    for path in ("/admin/login/", "/admin/"):
        assert "'unsafe-eval'" in client.get(path)["Content-Security-Policy"]
    for prefix, policy in headers.POLICIES:
        assert ("'unsafe-" in directives(policy).get("script-src", "")) is (prefix == "/admin/")


def test_the_docs_come_from_this_host_alone_and_hold_no_inline_script(clerk):
    browser = Client()
    browser.force_login(clerk)
    answer = browser.get("/api/v1/docs/")
    page = answer.content.decode()
    assert answer.status_code == 200 and directives(answer["Content-Security-Policy"])["script-src"] == "'self'"
    assert "https://" not in page and "<script>" not in page and "/static/drf_spectacular_sidecar/" in page
    script = browser.get("/api/v1/docs/?script=")
    assert script.status_code == 200 and "javascript" in script["Content-Type"]


@pytest.mark.parametrize("name", headers.EVERYWHERE)
def test_every_answer_carries_them(client, db, name):
    assert client.get("/sign-in/")[name]


def test_what_an_answer_says_itself_stands():
    answer = headers.SecurityHeaders(lambda _: HttpResponse(headers={"Cache-Control": "max-age=9"}))(_request())
    assert isinstance(answer, HttpResponse) and answer["Cache-Control"] == "max-age=9"


async def test_an_asynchronous_chain_is_guarded_too():
    async def view(_):
        return HttpResponse()

    guarded = headers.SecurityHeaders(view)
    answer = await guarded(_request())
    assert answer["Content-Security-Policy"] == headers.PAGES


async def test_the_whole_chain_works_asynchronously():
    answer = await AsyncClient().get("/api/v1/nothing/")
    assert answer.status_code == 404 and answer["Content-Security-Policy"] == headers.DATA


def _request():
    return type("Request", (), {"path": "/", "COOKIES": {}})()
