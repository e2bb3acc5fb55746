"""Every address leads to its endpoint and to no other."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanfang import catalog
from sanfang.catalog import Catalog, Endpoint, Entry

ENTRIES = [entry for entry in catalog.load().entries if entry.host != "top"]
TEMPLATES = [entry for entry in ENTRIES if "{" in entry.path]
# A value that is no part of any path written out; those have letters, digits and dashes only.
VALUES = st.text(st.characters(exclude_characters="/?#", exclude_categories=["Cs"]), min_size=1)


def fill(path: str, value: str) -> str:
    return re.sub(r"\{[^}]*\}", lambda _: value, path)


def test_every_endpoint_is_found_at_its_own_address() -> None:
    table = catalog.load()
    for entry in ENTRIES:
        path = fill(entry.path, "~1")
        for host in (entry.host, None):
            found = table.match(host, entry.method, path)
            assert found is not None, entry
            assert found[0] is entry, (entry, found)


def test_a_template_is_found_as_it_is_printed() -> None:
    table = catalog.load()
    for entry in TEMPLATES:
        found = table.match(None, entry.method, entry.path)
        assert found is not None
        assert found[0] is entry


@given(st.sampled_from(TEMPLATES), VALUES.map("~{}".format))
def test_whatever_stands_in_a_variable_part_is_its_value(entry: Entry, value: str) -> None:
    found = catalog.load().match(entry.host, entry.method, fill(entry.path, value))
    assert found is not None
    assert found[0] is entry
    names = re.findall(r"\{([^}]*)\}", entry.path)
    assert found[1] == dict.fromkeys(names, value)


@given(st.sampled_from(ENTRIES), st.sampled_from(ENTRIES))
def test_an_address_of_one_endpoint_never_gives_another_that_does_not_fit(
    a: Entry, b: Entry
) -> None:
    """Parts of another address stand in the variable parts: the hardest values there are."""
    words = [part for part in b.path.split("/") if part and "{" not in part]
    path = fill(a.path, words[-1])
    found = catalog.load().match(a.host, a.method, path)
    assert found is not None
    pattern = "/".join(
        re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(part)) for part in found[0].path.split("/")
    )
    assert re.fullmatch(pattern, path)
    assert found[0].method == a.method


@given(st.sampled_from(ENTRIES), VALUES)
def test_a_longer_or_shorter_address_is_another_one(entry: Entry, tail: str) -> None:
    table = catalog.load()
    path = fill(entry.path, "~1")
    assert table.match(entry.host, entry.method, f"{path}/") is None
    longer = table.match(entry.host, entry.method, f"{path}/{tail}")
    assert longer is None or longer[0] is not entry
    shorter = table.match(entry.host, entry.method, path.rpartition("/")[0])
    assert shorter is None or shorter[0] is not entry


@given(st.text(), st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", ""]))
def test_no_text_is_too_strange_to_be_looked_up(path: str, method: str) -> None:
    table = catalog.load()
    assert table.match("api", method, path) is None or path.startswith("/")
    assert isinstance(table.suggest(path), list)


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("/v1.0/yida/processes/p1definitions/designs", "processId", "p1"),
        ("/v1.0/chengfeng/users/workNumber/w1employmentRecords", "workNumbers", "w1"),
    ],
)
def test_a_part_may_be_variable_in_part(path: str, name: str, value: str) -> None:
    found = catalog.load().match("api", "GET", path) or catalog.load().match("api", "POST", path)
    assert found is not None
    assert found[1] == {name: value}


def test_of_two_templates_the_one_that_is_written_out_sooner_wins() -> None:
    found = catalog.load().match("api", "GET", "/v1.0/yida/processes/definitions/designs")
    assert found is not None
    assert found[0].path == "/v1.0/yida/processes/definitions/{processInstanceId}"


def test_a_part_that_leads_nowhere_is_tried_as_a_value() -> None:
    deep = Endpoint("deep", "api", "GET", "/v1.0/{a}/x")
    other = Endpoint("other", "api", "GET", "/v1.0/b/{c}/y")
    both = Catalog.of(deep, other)
    assert both.find("api", "GET", "/v1.0/b/x") is deep
    assert both.find("api", "GET", "/v1.0/b/x/y") is other
    assert both.find("api", "GET", "/v1.0/b/x/z") is None


def test_no_two_hosts_share_an_address() -> None:
    assert catalog.load().clashes() == []


def test_a_shared_address_would_be_reported_once() -> None:
    old = Endpoint("old", "oapi", "GET", "/v1.0/a/b")
    new = Endpoint("new", "api", "GET", "/v1.0/a/{b}")
    other = Endpoint("other", "api", "POST", "/v1.0/a/b")
    found = Catalog.of(old, new, other).clashes()
    assert [{a.id, b.id} for a, b in found] == [{"old", "new"}]


def test_a_call_of_the_top_gateway_is_found_by_its_name() -> None:
    table = catalog.load()
    endpoint = table.find_top("dingtalk.corp.ext.list")
    assert endpoint is not None
    assert (endpoint.host, endpoint.path) == ("top", "/router/rest")
    named = [entry for entry in table.entries if entry.top_api]
    assert len(named) == len({entry.top_api for entry in named})
    assert all(table.find_top(e.top_api) is table.endpoints[e.id] for e in named)
    assert all(e.top_api for e in table.entries if e.host == "top")


def test_an_old_api_is_found_by_its_name_in_top() -> None:
    endpoint = catalog.load().find_top("dingtalk.oapi.user.get")
    assert endpoint is not None
    assert (endpoint.host, endpoint.path) == ("oapi", "/user/get")
    assert catalog.load().find_top("dingtalk.oapi.nothing") is None


def test_the_top_gateway_itself_is_no_endpoint() -> None:
    assert catalog.load().find("top", "POST", "/router/rest") is None
    assert catalog.load().methods(None, "/router/rest") == []
    assert catalog.load().guess("/router/rest") is None


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("/v1.0/contact/user/12345", "/v1.0/contact/users/{unionId}"),
        ("/v1.0/oauth2/accessTokens", "/v1.0/oauth2/accessToken"),
        (
            "/v1.0/calendar/users/u1/calendars/primary/event",
            "/v1.0/calendar/users/{userId}/calendars/{calendarId}/events",
        ),
        ("/TOPAPI/V2/USER/GET", "/topapi/v2/user/get"),
        ("/topapi/v2/usr/get", "/topapi/v2/user/get"),
    ],
)
def test_slips_on_the_new_host_find_their_path_too(slip: str, meant: str) -> None:
    assert catalog.load().suggest(slip)[0].path == meant


def test_lone_surrogates_and_very_long_paths_get_no_suggestion() -> None:
    assert catalog.load().suggest("/\ud800/\udfff") == []
    assert catalog.load().suggest("/" + "~" * 5000) == []
