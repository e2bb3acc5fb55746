"""Lists come whole, whatever way they page: over every list endpoint of the catalogue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanfang import catalog
from sanfang.catalog import Endpoint
from sanfang.client import AppKey, BadAnswer, BadCall, CallRefused
from sanfang.client.paging import Style, Walk, find_style, style_of
from sanfang.client.wire import Flow

from .conftest import Make
from .living import Living, living
from .stand_in import Seen, StandIn

APP = AppKey("dingexample", "example-secret")
TABLE = catalog.load()


def paged(*, documented: bool) -> list[Endpoint]:
    every = (TABLE.endpoints[e.id] for e in TABLE.entries if e.documented is documented)
    return [e for e in every if e.pagination is not None]


DOCUMENTED = paged(documented=True)
# Their answers hold no list, or several: `each` wants to be told which, and a walk without
# hasMore cannot know its end.
SEVERAL = {
    "/v1.0/exclusive/data/publisher/{dataId}",
    "/v1.0/im/sceneGroups/members/batchQuery",
    "/v1.0/live/lives/watchUsers",
    "/v1.0/robot/groupMessages/query",
    "/v2.0/yida/forms/resources/matrices",
}
NO_LIST = {
    "/v1.0/datacenter/datas/totalCounts/query",
    "/v1.0/manufacturing/users/jobs/query",
    "/v2.0/yida/forms/resources/roles",
    "/v2.0/yida/forms/resources/roles/remove",
    "/v2.0/yida/forms/resources/roles/upsert",
}


def put(answer: dict[str, Any], path: str, value: Any) -> None:
    *outer, last = path.split(".")
    for name in outer:
        answer = answer.setdefault(name, {})
    answer[last] = value


def get(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


class Server:
    """A list of ``count`` rows that pages in the way of a style, as its documents say."""

    def __init__(self, style: Style, count: int, most: int = 7) -> None:
        self.style, self.rows, self.most = style, list(range(count)), most
        self.asked: list[dict[str, Any]] = []

    def answer(self, params: dict[str, Any]) -> dict[str, Any]:
        style = self.style
        at = get(params, style.start)
        size = get(params, style.size) if style.size else self.most
        size = self.most if size is None else min(int(size), self.most)
        base = style.first if isinstance(style.first, int) else 0  # some cursors begin at 1
        begin = (int(at) - 1) * size if style.kind == "number" else int(at or base) - base
        page = self.rows[begin : begin + size]
        end = begin + len(page)
        answer: dict[str, Any] = {"errcode": 0}
        put(answer, style.lists[0], page)
        more = end < len(self.rows)
        if style.more:
            put(answer, style.more, more)
        if style.kind == "cursor" and more:
            out = style.out or style.more.rpartition(".")[0] + ".next_cursor"
            put(answer, out.lstrip("."), end + base)
        return answer


def walked(style: Style, server: Server, **params: Any) -> list[Any]:
    """Walk with a driver that carries out nothing: the server answers at once."""
    walk = Walk("x", style, lambda asked: _done(server, asked), params)
    rows: list[Any] = []
    while (flow := walk.next()) is not None:
        try:
            next(flow)
        except StopIteration as end:
            walk.took(end.value)
            rows += walk.items(end.value)
    return rows


def _done(server: Server, params: dict[str, Any]) -> Flow[dict[str, Any]]:
    server.asked.append(params)
    yield from ()  # a flow that asks for nothing
    return server.answer(params)


# -- every list endpoint ----------------------------------------------------------------------


@pytest.mark.parametrize("endpoint", DOCUMENTED, ids=lambda e: e.id)
def test_every_documented_list_comes_whole(endpoint: Endpoint) -> None:
    style = style_of(endpoint)
    assert style is not None
    if endpoint.path in SEVERAL | NO_LIST:
        with pytest.raises(BadCall, match="items="):
            Walk(endpoint.path, style, lambda _: iter(()), {}).check_items()  # type: ignore[arg-type, return-value]
        return
    length = style.length or 7
    for count in (0, 1, length, length * 2 + 1):
        server = Server(style, count, most=length)
        assert walked(style, server) == list(range(count))
        assert len(server.asked) <= count // length + 1 + (
            not style.more and style.kind != "cursor"
        )


def test_what_is_known_of_how_many() -> None:
    """When this changes, docs/transfers.md says another number."""
    styles = [style_of(endpoint) for endpoint in DOCUMENTED]
    kinds = Counter(style.kind for style in styles if style is not None)
    assert kinds == {"cursor": 145, "number": 81, "offset": 19}
    unnamed = {e.path for e, s in zip(DOCUMENTED, styles, strict=True) if s and len(s.lists) != 1}
    assert unnamed == SEVERAL | NO_LIST


def test_first_page_and_length_are_ones_the_documents_allow() -> None:
    for endpoint in DOCUMENTED:
        style = style_of(endpoint)
        assert style is not None
        if style.kind != "cursor":
            assert isinstance(style.first, int), endpoint.id
        if style.length is not None and style.longest is not None:
            assert 1 <= style.length <= style.longest, endpoint.id


def test_what_only_an_sdk_knows_is_paged_where_its_list_is_known() -> None:
    styles = [style_of(endpoint) for endpoint in paged(documented=False)]
    known = [style for style in styles if style is not None and len(style.lists) == 1]
    assert len(known) > 300
    for style in known:
        if style.kind == "cursor" and not (style.out or style.more):
            with pytest.raises(BadCall, match="cursor"):
                walked(style, Server(style, 1))
            continue
        length = style.length or 7
        assert walked(style, Server(style, length + 2, most=length)) == list(range(length + 2))


# -- walking ----------------------------------------------------------------------------------

CURSOR = find_style("topapi/v2/user/list", None, False, whole=False)


@given(st.integers(0, 60), st.integers(1, 9), st.sampled_from(["cursor", "offset", "number"]))
@settings(deadline=None)
def test_rows_come_once_and_in_order(count: int, most: int, kind: str) -> None:
    # A page number has no remedy against a server that gives less than was asked for.
    length = most if kind == "number" else 10
    more = "result.has_more" if kind != "number" else ""
    out = "result.next_cursor" if kind == "cursor" else ""
    first = 1 if kind == "number" else 0
    style = Style(kind, "at", first, "size", length, None, out, more, ("result.list",))
    assert walked(style, Server(style, count, most)) == list(range(count))


def test_the_style_of_a_call_is_found_by_its_path() -> None:
    assert (
        Style(
            *("cursor", "cursor", 0, "size", 100, 100),
            *("result.next_cursor", "result.has_more", ("result.list",), "POST"),
        )
        == CURSOR
    )
    assert find_style("user/simplelist", None, False, whole=False).kind == "offset"


@pytest.mark.parametrize(
    ("path", "match"),
    [
        ("user/get", r"call\(\)"),
        ("topapi/v2/user/lisst", "topapi/v2/user/list"),
        ("no/such/thing", "catalogue"),
    ],
)
def test_what_does_not_page_is_refused_with_advice(
    make: Make, platform: StandIn, path: str, match: str
) -> None:
    client = make(APP, base_url=platform.url)
    with pytest.raises(BadCall, match=match):
        client.pages(path)
    assert platform.seen == []


def serve(platform: StandIn, server: Server, path: str = "/topapi/v2/user/list") -> None:
    platform.on(path, lambda seen: server.answer(seen.json if seen.body else seen.query))


def test_pages_are_fetched_when_they_are_asked_for(make: Make, platform: StandIn) -> None:
    serve(platform, Server(CURSOR, 30, most=10))
    client = make(APP, base_url=platform.url)
    pages = client.pages("topapi/v2/user/list", dept_id=1, size=10)
    assert platform.seen == []
    assert next(pages)["result"]["list"] == list(range(10))
    assert len(platform.calls("/topapi/v2/user/list")) == 1
    assert [page["result"]["list"][0] for page in pages] == [10, 20]
    sent = [seen.json for seen in platform.calls("/topapi/v2/user/list")]
    assert sent == [{"dept_id": 1, "size": 10, "cursor": at} for at in (0, 10, 20)]


def test_each_gives_the_rows_and_can_begin_anywhere(make: Make, platform: StandIn) -> None:
    serve(platform, Server(CURSOR, 30))
    client = make(APP, base_url=platform.url)
    assert list(client.each("topapi/v2/user/list", dept_id=1, cursor=20)) == list(range(20, 30))


def test_a_list_that_comes_at_once_is_one_page(make: Make, platform: StandIn) -> None:
    departments = [{"id": 1}, {"id": 2}]
    platform.on("/department/list", {"errcode": 0, "errmsg": "ok", "department": departments})
    client = make(APP, base_url=platform.url)
    assert list(client.each("department/list")) == departments
    assert len(platform.calls("/department/list")) == 1


def test_a_cursor_inside_an_object_leaves_the_callers_object_alone(
    make: Make, platform: StandIn
) -> None:
    path = next(
        e.path
        for e in DOCUMENTED
        if e.pagination is not None
        and e.pagination.start == "option.nextToken"
        and "{" not in e.path
    )
    style = find_style(path, None, False, whole=False)
    server = Server(style, 20, most=6)
    serve(platform, server, path)
    option = {"orderBy": "NAME"}
    rows = list(make(APP, base_url=platform.url).each(path, option=option))
    assert rows == list(range(20))
    assert option == {"orderBy": "NAME"}
    assert all(seen.json["option"]["orderBy"] == "NAME" for seen in platform.calls(path))


@pytest.mark.parametrize("cursors", [(5, 5), (5, 7, 5), (0,)])
def test_a_list_that_goes_in_circles_is_an_error_and_no_loop(
    make: Make, platform: StandIn, cursors: tuple[int, ...]
) -> None:
    left = list(cursors) * 2

    def route(seen: Seen) -> dict[str, Any]:
        result = {"list": [1], "has_more": True, "next_cursor": left.pop(0)}
        return {"errcode": 0, "errmsg": "ok", "result": result}

    platform.on("/topapi/v2/user/list", route)
    with pytest.raises(BadAnswer) as caught:
        list(make(APP, base_url=platform.url).each("topapi/v2/user/list", dept_id=1))
    assert caught.value.what == "loop"
    assert len(platform.calls("/topapi/v2/user/list")) <= 4


def test_more_without_a_cursor_is_an_error_and_not_the_end(make: Make, platform: StandIn) -> None:
    platform.on("/topapi/v2/user/list", {"errcode": 0, "result": {"list": [1], "has_more": True}})
    with pytest.raises(BadAnswer, match="cursor"):
        list(make(APP, base_url=platform.url).each("topapi/v2/user/list", dept_id=1))


@pytest.mark.parametrize("size", [0, 101, "many"])
def test_a_length_the_documents_do_not_allow_is_refused(
    make: Make, platform: StandIn, size: Any
) -> None:
    with pytest.raises(BadCall, match="size"):
        make(APP, base_url=platform.url).pages("topapi/v2/user/list", dept_id=1, size=size)


def test_a_refusal_in_the_middle_is_raised_where_it_happens(make: Make, platform: StandIn) -> None:
    server = Server(CURSOR, 30, most=10)

    def route(seen: Seen) -> dict[str, Any]:
        if seen.json["cursor"] == 10:
            return {"errcode": 60011, "errmsg": "no"}
        return server.answer(seen.json)

    platform.on("/topapi/v2/user/list", route)
    rows = make(APP, base_url=platform.url).each("topapi/v2/user/list", dept_id=1)
    assert [next(rows) for _ in range(10)] == list(range(10))
    with pytest.raises(CallRefused):
        next(rows)


# -- against our platform ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def world() -> Iterator[Living]:
    with living() as one:
        for number in range(25):
            one.post("/members", userid=f"m{number:02}", name=f"成员{number:02}", departments=[1])
        yield one


@pytest.mark.parametrize(
    ("path", "params", "key"),
    [
        ("topapi/v2/user/list", {"dept_id": 1, "size": 7}, "userid"),
        ("topapi/user/listsimple", {"dept_id": 1, "size": 7}, "userid"),
        ("user/simplelist", {"department_id": 1, "size": 7}, "userid"),
        ("user/list", {"department_id": 1, "size": 7}, "userid"),
        ("topapi/role/list", {"size": 2}, "groupId"),
    ],
)
def test_our_platforms_lists_come_whole(
    make: Make, world: Living, path: str, params: dict[str, Any], key: str
) -> None:
    rows = list(make(world.app, base_url=world.url).each(path, **params))
    found = [row[key] for row in rows]
    assert len(set(found)) == len(found)
    if key == "userid":
        assert len(found) == 28  # and who made the corp
