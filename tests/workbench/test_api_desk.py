"""Signing in at the workbench: who may, what the cookie is like, who is kept out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sanfang.platform.domain import desk_links

from .site import Answer, Site, a_site


@pytest.fixture(scope="module")
def strict() -> Iterator[Site]:
    """A platform that is no sandbox, behind a proxy that speaks https to browsers."""
    with a_site(sandbox=False, trusted_proxy_header="x-forwarded-for") as one:
        yield one


def cookie_of(answer: Answer) -> str:
    return answer.header("set-cookie")


def test_a_sandbox_shows_whom_one_can_become(site: Site) -> None:
    found = site.api("GET", "/api/people?search=%E5%BC%A0").json["people"]
    assert [each["userid"] for each in found] == ["zhang"]
    assert found[0]["corp_id"] == site.corp_id
    assert found[0]["is_admin"] is True


def test_signing_in_gives_a_cookie_scripts_and_other_hosts_cannot_use(site: Site) -> None:
    answer = site.api("POST", "/api/desk", {"corp_id": site.corp_id, "userid": "li"})
    assert answer.json["name"] == "李四"
    assert "desk" not in answer.json
    cookie = cookie_of(answer)
    assert cookie.startswith("sanfang_desk=")
    for part in ("HttpOnly", "SameSite=lax", "Path=/"):
        assert part.lower() in cookie.lower()
    assert "domain" not in cookie.lower()


def test_nobody_signed_in(site: Site) -> None:
    assert site.api("GET", "/api/desk").json == {"userid": "", "sandbox": True}
    refused = site.api("GET", "/api/apps")
    assert refused.status == 401
    assert refused.json["zh"]
    assert refused.json["en"]


def test_signing_out_ends_the_session_itself(site: Site) -> None:
    desk = site.sign_in("li")
    assert site.api("GET", "/api/apps", desk=desk).status == 200
    answer = site.api("DELETE", "/api/desk", desk=desk)
    assert "max-age=0" in cookie_of(answer).lower()
    assert site.api("GET", "/api/apps", desk=desk).status == 401


def test_another_persona_ends_the_one_before(site: Site) -> None:
    desk = site.sign_in("li")
    site.api("POST", "/api/desk", {"corp_id": site.corp_id, "userid": "wang"}, desk=desk)
    assert site.api("GET", "/api/apps", desk=desk).status == 401


@pytest.mark.parametrize(
    "fields", [{"corp_id": "dingnone", "userid": "li"}, {"userid": "nobody"}, {"userid": ""}]
)
def test_nobody_becomes_who_does_not_exist(site: Site, fields: dict[str, str]) -> None:
    answer = site.api("POST", "/api/desk", {"corp_id": site.corp_id, **fields})
    assert answer.status == 400
    assert "set-cookie" not in {name.lower() for name, _ in answer.headers}


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Sanfang_Desk": ""},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "cross-site"},
    ],
)
def test_what_another_page_could_send_is_refused(site: Site, headers: dict[str, str]) -> None:
    desk = site.sign_in("li")
    for method, path in [("POST", "/api/frames"), ("DELETE", "/api/desk")]:
        answer = site.api(method, path, {"agent_id": site.agent_id}, desk=desk, **headers)
        assert answer.status == 403, (method, headers)
    assert site.api("GET", "/api/apps", desk=desk).status == 200


def test_an_apps_page_cannot_read_the_api(site: Site) -> None:
    desk = site.sign_in("li")
    answer = site.api(
        "GET", "/api/apps", desk=desk, Sec_Fetch_Site="same-site", Origin=site.vhost("android")
    )
    assert answer.status == 403
    assert not answer.header("access-control-allow-origin")


def test_a_planted_session_is_nobodys(site: Site) -> None:
    """On plain http an app's page can set a cookie of this name for the workbench's host too."""
    mine, planted = site.sign_in("li"), site.sign_in("wang")
    for both in ((mine, planted), (planted, mine)):
        sent = "; ".join(f"sanfang_desk={each}" for each in both)
        shown = site.api("GET", "/api/desk", Cookie=sent)
        assert shown.json["userid"] == ""
        gone = shown.all("set-cookie")  # the planted ones: ours is this host's alone
        assert all(f"Domain={site.domain}; " in each for each in gone)
        paths = {each.partition("Path=")[2].partition(";")[0] for each in gone}
        assert paths == {"/", "/api", "/api/", "/api/desk"}
        assert site.api("GET", "/api/apps", Cookie=sent).status == 401
    assert site.api("GET", "/api/desk", desk=mine).json["userid"] == "li"


def test_outside_a_sandbox_nobody_just_becomes_somebody(strict: Site) -> None:
    for method, path in [("GET", "/api/people"), ("POST", "/api/desk")]:
        answer = strict.api(method, path, {"corp_id": strict.corp_id, "userid": "li"})
        assert answer.status == 403
        assert "sanfang workbench link" in answer.json["zh"]
    assert strict.api("GET", "/api/desk").json["sandbox"] is False


def test_a_one_time_link_is_the_way_in(strict: Site) -> None:
    secret = strict.run(desk_links.make(strict.core, strict.corp_id, "li")).secret
    look = strict.api("POST", "/api/link/look", {"secret": secret})
    assert look.json == {"corp_name": "示例公司", "userid": "li", "name": "李四"}
    assert not look.all("set-cookie")
    for headers in ({"X_Sanfang_Desk": ""}, {"Origin": "http://evil.example"}):
        assert strict.api("POST", "/api/link", {"secret": secret}, **headers).status == 403
    before = strict.sign_in("wang")
    entered = strict.api("POST", "/api/link", {"secret": secret}, desk=before)
    assert (entered.status, entered.json["userid"]) == (200, "li")
    desk = cookie_of(entered).partition("=")[2].partition(";")[0]
    assert strict.api("GET", "/api/desk", desk=desk).json["userid"] == "li"
    assert strict.api("GET", "/api/apps", desk=before).status == 401
    for path in ("/api/link", "/api/link/look"):
        again = strict.api("POST", path, {"secret": secret})
        assert (again.status, again.json["code"]) == (400, 51003)
        assert "用过" in again.json["zh"]
        assert "used" in again.json["en"]
        assert not again.all("set-cookie")


@pytest.mark.parametrize("fields", [{}, {"secret": ""}, {"secret": 7}, {"secret": "x" * 43}])
def test_what_is_no_link_signs_nobody_in(strict: Site, fields: dict[str, object]) -> None:
    for path in ("/api/link", "/api/link/look"):
        answer = strict.api("POST", path, fields)
        assert answer.status == 400
        assert not answer.all("set-cookie")


def test_over_https_the_cookie_is_bound_to_the_host(strict: Site) -> None:
    https = {"X_Forwarded_Proto": "https", "X_Forwarded_For": "192.0.2.1"}
    origin = strict.workbench_url.replace("http://", "https://")
    desk = strict.sign_in("li")
    cookie = f"__Host-sanfang_desk={desk}"
    answer = strict.api("GET", "/api/desk", Cookie=cookie, Origin=origin, **https)
    assert answer.json["userid"] == "li"
    plain = strict.api("GET", "/api/desk", desk=desk, Origin=origin, **https)
    assert plain.json["userid"] == ""
    out = strict.api("DELETE", "/api/desk", Cookie=cookie, Origin=origin, **https)
    assert cookie_of(out).startswith("__Host-sanfang_desk=")
    assert "secure" in cookie_of(out).lower()


@pytest.mark.parametrize("path", ["/", "/api/desk", "/nothing", "/static/workbench/app.js"])
def test_every_answer_is_protected(site: Site, path: str) -> None:
    answer = site.api("GET", path)
    policy = answer.header("content-security-policy")
    assert "default-src 'none'" in policy
    assert "'unsafe" not in policy
    assert f"frame-src http://*.{site.domain}:{site.port}" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("referrer-policy") == "no-referrer"


def test_the_page_has_nothing_inline(site: Site) -> None:
    text = site.api("GET", "/").text
    assert "<style" not in text
    assert " style=" not in text
    assert "<script>" not in text
    assert " onclick" not in text


@pytest.mark.parametrize(
    "path",
    [
        "/static/workbench/../../__init__.py",
        "/static/workbench/%2e%2e/%2e%2e/app.py",
        "/static/bridge/bridge.js",
        "/static/",
        "/static/workbench/app.js%00",
        "/static//etc/passwd",
    ],
)
def test_no_file_but_the_front_ends_is_served(site: Site, path: str) -> None:
    assert site.api("GET", path).status == 404


def test_a_file_that_did_not_change_is_not_sent_again(site: Site) -> None:
    first = site.api("GET", "/static/workbench/app.js")
    again = site.api("GET", "/static/workbench/app.js", If_None_Match=first.header("etag"))
    assert (again.status, again.body) == (304, b"")


def test_another_method_is_told_which_ones_fit(site: Site) -> None:
    answer = site.api("PUT", "/api/desk", {})
    assert answer.status == 405
    assert answer.header("allow") == "DELETE, GET, HEAD, POST"
