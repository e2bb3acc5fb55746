"""Finding endpoints, and what the corrections promise."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sanfang import catalog
from sanfang.catalog import Endpoint

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT.parent / "shared" / "catalog"


def found(path: str, method: str = "POST", host: str = "oapi") -> Endpoint:
    endpoint = catalog.load().find(host, method, path)
    assert endpoint is not None
    return endpoint


def test_an_endpoint_is_found_by_its_address() -> None:
    endpoint = found("/department/list", "GET")
    assert (endpoint.scheme, endpoint.token_in, endpoint.token_name) == (
        "access_token",
        "query",
        "access_token",
    )
    assert endpoint.tokens == ["internal", "isv_corp"]
    assert catalog.load().endpoints[endpoint.id] is endpoint


def test_an_address_with_a_variable_part_is_found() -> None:
    endpoint = found("/v1.0/oauth2/ding1/token", host="api")
    assert endpoint.path == "/v1.0/oauth2/{corpId}/token"
    assert endpoint.param("corpId") is not None


@pytest.mark.parametrize(
    ("host", "method", "path"),
    [
        ("oapi", "POST", "/department/list"),
        ("api", "GET", "/department/list"),
        ("oapi", "GET", "/department/list/"),
        ("oapi", "GET", "/Department/list"),
        ("oapi", "GET", "department/list"),
        ("api", "POST", "/v1.0/oauth2//token"),
        ("api", "POST", "/v1.0/oauth2/a/b/token"),
        ("nowhere", "GET", ""),
    ],
)
def test_another_address_is_not(host: str, method: str, path: str) -> None:
    assert catalog.load().find(host, method, path) is None


def test_an_address_written_out_wins_over_one_with_a_variable_part() -> None:
    template = Endpoint("t", "api", "GET", "/v1/{a}/x")
    exact = Endpoint("e", "api", "GET", "/v1/b/x")
    both = catalog.Catalog.of(template, exact)
    assert both.find("api", "GET", "/v1/b/x") is exact
    assert both.find("api", "GET", "/v1/c/x") is template


def test_the_methods_of_an_address_are_told() -> None:
    assert catalog.load().methods("oapi", "/department/list") == ["GET"]
    assert catalog.load().methods("oapi", "/user/delete") == ["GET", "POST"]
    assert catalog.load().methods("oapi", "/nothing") == []


@pytest.mark.parametrize("path", ["department/list", "/department/list"])
def test_a_path_alone_is_enough(path: str) -> None:
    endpoint = catalog.load().guess(path)
    assert endpoint is not None
    assert endpoint.id == "oapi_department_list_get"


def test_of_two_methods_the_documented_one_is_guessed_unless_told() -> None:
    by_default = catalog.load().guess("user/delete")
    told = catalog.load().guess("user/delete", "POST")
    assert by_default is not None
    assert told is not None
    assert (by_default.method, by_default.documented) == ("GET", True)
    assert (told.method, told.documented) == ("POST", False)
    assert catalog.load().guess("user/delete", "PUT") is None


def test_a_guess_is_never_another_path() -> None:
    assert catalog.load().guess("getuserinfo") is None
    assert catalog.load().guess("") is None
    endpoint = catalog.load().guess("/v1.0/oauth2/ding1/token")
    assert endpoint is not None
    assert endpoint.host == "api"


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("/getuserinfo", "/user/getuserinfo"),
        ("/departmnt/list", "/department/list"),
        ("service/get_suit_token", "/service/get_suite_token"),
    ],
)
def test_a_slip_in_the_path_gets_the_right_one_offered(slip: str, meant: str) -> None:
    assert catalog.load().suggest(slip)[0].path == meant


def test_nonsense_gets_no_suggestion() -> None:
    assert catalog.load().suggest("/zzzzzzzzzzzz") == []
    assert len(catalog.load().suggest("/list", limit=2)) == 2


def test_the_credential_is_not_among_the_parameters() -> None:
    tokens = {"access_token", "suite_access_token", "sns_token", "x-acs-dingtalk-access-token"}
    signature = {"accessKey", "suiteTicket", "signature"}  # elsewhere ordinary parameters
    for e in catalog.load().endpoints.values():
        names = {p.name for p in e.params if p.in_ in ("query", "header")}
        assert not names & (tokens | signature if e.signed else tokens), e.id
        assert e.host != "top" or not names & {"method", "session"}, e.id


def test_each_parameter_is_listed_once() -> None:
    for endpoint in catalog.load().endpoints.values():
        names = [p.name for p in endpoint.params]
        assert len(names) == len(set(names)), endpoint.id


def test_every_endpoint_says_how_it_is_authorised() -> None:
    for e in catalog.load().endpoints.values():
        if e.scheme in ("access_token", "suite_access_token", "sns_token"):
            assert e.token_in, e.id
            assert e.token_name, e.id
            assert e.tokens, e.id
        else:
            assert e.scheme in ("none", "session") or e.signed, e.id


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("POST", "/message/send"), ("POST", "/user/create"), ("POST", "/department/create")),
        *(("GET", "/user/list"), ("GET", "/user/get"), ("GET", "/auth/scopes")),
    ],
)
def test_an_isv_may_call_what_its_flow_calls(method: str, path: str) -> None:
    assert "isv_corp" in found(path, method).tokens


@pytest.mark.parametrize("name", ["get_corp_token", "get_auth_info", "get_agent", "activate_suite"])
def test_service_calls_take_the_suite_token_or_the_signed_query(name: str) -> None:
    endpoint = found(f"/service/{name}")
    assert (endpoint.scheme, endpoint.tokens, endpoint.signed) == (
        "suite_access_token",
        ["suite"],
        True,
    )
    assert "signature" not in {p.name for p in endpoint.params}


@pytest.mark.parametrize("name", ["get_corp_token", "get_auth_info", "get_agent", "activate_suite"])
def test_the_permanent_code_may_be_left_out_and_the_corp_may_not(name: str) -> None:
    params = {p.name: p.required for p in found(f"/service/{name}").params}
    assert params["permanent_code"] is False
    assert params["auth_corpid"] is True


def test_the_type_of_a_ticket_may_be_left_out() -> None:
    kind = found("/get_jsapi_ticket", "GET").param("type")
    assert kind is not None
    assert (kind.required, kind.enum) == (False, ["jsapi"])


def test_gettoken_takes_one_of_two_pairs() -> None:
    endpoint = found("/gettoken", "GET")
    assert endpoint.one_of == [["appkey", "appsecret"], ["corpid", "corpsecret"]]
    assert endpoint.scheme == "none"


def test_arrays_and_limits_are_described() -> None:
    tags = found("/call_back/register_call_back").param("call_back_tag")
    key = found("/call_back/register_call_back").param("aes_key")
    assert tags is not None
    assert key is not None
    assert (tags.type, tags.items, tags.required) == ("array", "string", True)
    assert (key.min_length, key.max_length) == (43, 43)


def test_loading_happens_once_and_not_at_import() -> None:
    assert catalog.load() is catalog.load()
    check = "from sanfang import catalog; assert catalog.load.cache_info().currsize == 0"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not SOURCE.exists(), reason="the API catalogue is not on this machine")
def test_the_data_files_are_what_their_tool_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    import build_catalog

    files = build_catalog.render(SOURCE)
    on_disk = {p for p in build_catalog.TARGET.glob("**/*") if p.is_file()}
    assert {build_catalog.TARGET / name for name in files} == on_disk
    for name, text in files.items():
        assert (build_catalog.TARGET / name).read_bytes() == text.encode(), name
