"""Lists that come in pages: how each API pages, and a walk through all of them.

The catalogue tells for each endpoint which parameter asks for a page and where the answer says how to
go on (`Style`). There are three ways: a cursor or nextToken that comes back in the answer; an offset
in rows; a page number. A walk ends when the answer says so (hasMore false, no cursor), or where nothing
says so with the first page that is not full. It is bounded: the same cursor twice is an error, not a
loop for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import BadAnswer, BadCall
from .wire import Flow

if TYPE_CHECKING:
    from sanfang.catalog import Endpoint, Field, Pagination

MOST_PAGES = 100_000
"""Pages of one walk."""

_GOOD_SIZE = 100
_CAREFUL_SIZE = 20
_NUMBERED = frozenset(
    {"page", "page_no", "pageNo", "pageNumber", "page_number", "pageStart", "currentPage"}
)
_CURSORS = ("next_cursor", "nextCursor", "nextToken", "next_token", "cursor", "next_page")
_TOTALS = ("totalCount", "total_count", "total", "totalNum", "totalSize", "count")
_NO_CURSOR = (None, "", "-1", -1)
# Lists beside the list: what they describe is not what is asked for.
_BESIDE = frozenset({"metaList"})

Ask = Callable[[dict[str, Any]], Flow[dict[str, Any]]]


class Style(NamedTuple):
    """How an endpoint pages. Dotted names are paths of fields.

    ``kind``: cursor, offset (rows) or number (pages). ``start`` is the parameter that asks for a
    page and ``first`` its value for the first one, None for "leave it out"; ``size`` the parameter
    for a page's length, ``length`` what is sent in it by default, ``longest`` what is allowed.
    ``out`` is where the next cursor is, ``more`` what says that there is another page, ``lists``
    the lists in an answer: what `each` gives if there is one. ``method`` is the one of its path that
    pages, once it was looked up by that.
    """

    kind: str
    start: str
    first: Any
    size: str
    length: int | None
    longest: int | None
    out: str
    more: str
    lists: tuple[str, ...]
    method: str | None = None


def style_of(endpoint: Endpoint) -> Style | None:
    """Derive how an endpoint pages; None if it does not."""
    paging = endpoint.pagination
    if paging is None:
        return None
    start, size = _param(endpoint, paging.start), _param(endpoint, paging.size)
    name = paging.start.rpartition(".")[2]
    kind = paging.kind if paging.kind == "cursor" else "number" if name in _NUMBERED else "offset"
    longest = int(size.max) if size is not None and size.max else None
    lists = _lists(endpoint, paging)
    # A page is not described by one of its rows, though one SDK's model says so.
    out, more = (
        "" if path.startswith(tuple(f"{each}." for each in lists)) else path
        for path in (paging.out, paging.more)
    )
    return Style(
        kind,
        paging.start,
        _first(kind, start),
        paging.size,
        _length(kind, size, longest),
        longest,
        out,
        more,
        lists,
    )


@cache
def _style(endpoint_id: str) -> Style | None:
    from sanfang import catalog

    return style_of(catalog.load().endpoints[endpoint_id])


def _first(kind: str, start: Field | None) -> Any:
    if start is None:
        return None
    if kind != "cursor":
        least = 1 if kind == "number" else 0
        return int(start.default) if isinstance(start.default, int) else int(start.min or least)
    if not start.required:
        return None
    return "" if start.type == "string" else int(start.min or 0)


def _length(kind: str, size: Field | None, longest: int | None) -> int | None:
    if size is None:
        return None
    if longest is not None:
        return min(longest, _GOOD_SIZE)
    if isinstance(size.default, int) and not isinstance(size.default, bool):
        return size.default
    # Nobody says how much is allowed. An offset has to know its step, a cursor has not.
    return _CAREFUL_SIZE if kind != "cursor" or size.required else None


def _param(endpoint: Endpoint, path: str) -> Field | None:
    fields: Sequence[Field] = endpoint.params
    found: Field | None = None
    for name in path.split(".") if path else ():
        found = next((field for field in fields if field.name == name), None)
        if found is None:
            return None
        fields = found.fields
    return found


def _lists(endpoint: Endpoint, paging: Pagination | None) -> tuple[str, ...]:
    """Find the lists of an answer: those beside the cursor, else the only ones there are."""
    every = list(_arrays(endpoint.response))
    if paging is not None and (paging.out or paging.more):
        base = (paging.out or paging.more).rpartition(".")[0]
        beside = [path for path in every if path.rpartition(".")[0] == base]
        # has_more may stand outside the object that holds the list.
        every = beside or every
    return tuple(path for path in every if path.rpartition(".")[2] not in _BESIDE)


def _arrays(fields: Sequence[Field], base: str = "", depth: int = 0) -> Iterator[str]:
    for field in fields:
        path = f"{base}{field.name}"
        if field.type == "array":
            yield path
        elif field.type == "object" and depth < 4 and not field.recursive:
            yield from _arrays(field.fields, f"{path}.", depth + 1)


# -- which endpoint ---------------------------------------------------------------------------


def find_style(path: str, method: str | None, has_body: bool, *, whole: bool) -> Style:
    """Return how the API of a path pages; raise `BadCall` for one of which that is not known.

    ``whole``: an API that gives its only list at once counts as one page.
    """
    from sanfang import catalog

    table = catalog.load()
    bare = "/" + path.lstrip("/")
    methods = [method] if method else table.methods(None, bare)
    if not method and len(methods) > 1:
        methods.sort(key=lambda each: (each != ("POST" if has_body else "GET"), each))
    found = [each for m in methods if (each := table.find(None, m, bare)) is not None]
    # One that pages before one that does not, a documented one before one that only SDKs know.
    found.sort(key=lambda each: (_style(each.id) is None, not each.documented))
    if not found:
        meant = next((near.path.lstrip("/") for near in table.suggest(bare, 1)), "")
        hint = f"，是否想用 {meant}？" if meant else ""
        raise BadCall(
            f"接口目录中没有 {path}{hint} 不知道它怎样分页，请用 call() 自行翻页"
            f" / {path} is not in the catalogue{f' (meant {meant}?)' if meant else ''}, so how it"
            " pages is not known: page it yourself with call()"
        )
    endpoint = found[0]
    style = _style(endpoint.id)
    if style is not None:
        return style._replace(method=endpoint.method)
    lists = _lists(endpoint, None)
    if whole and len(lists) == 1:
        return Style("whole", "", None, "", None, None, "", "", lists, endpoint.method)
    raise BadCall(
        f"{path} 不分页：请用 call() / {path} does not page, as far as its documents say: use call()"
    )


# -- a walk -----------------------------------------------------------------------------------


class Walk:
    """The way through the pages of one list, without I/O: ask, took, ask, took, ..."""

    def __init__(
        self,
        path: str,
        style: Style,
        ask: Ask,
        params: Mapping[str, Any],
        items: str = "",
    ) -> None:
        self.path = path
        self.style = style
        self._ask = ask
        self._params = dict(params)
        self._items = items
        self._seen: set[Any] = set()
        self._rows = 0
        self._pages = 0
        given = self._given(style.start)
        self._at: Any = style.first if given is None else given
        self._size: int | None = None
        if style.size:
            asked = self._given(style.size)
            self._size = style.length if asked is None else self._checked_size(asked)
        elif style.kind != "cursor" and style.kind != "whole":
            raise BadCall(
                f"{path}: 目录里没有页大小参数，无法自动翻页"
                " / the catalogue has no parameter for a page's length: page it yourself"
            )
        self._check_end()
        self.done = False

    def _check_end(self) -> None:
        """Refuse a walk whose end nobody could tell."""
        style = self.style
        if style.kind in ("offset", "number") and not style.more:
            self._list_path()
        if style.kind == "cursor" and not style.more and not style.out:
            raise BadCall(
                f"{self.path}: 目录里没有下一页的游标，请用 call() 自行翻页 / the catalogue does not"
                " know where the next cursor is: page it yourself with call()"
            )

    def _checked_size(self, asked: Any) -> int:
        try:
            size = int(asked)
        except (TypeError, ValueError):
            size = 0
        longest = self.style.longest
        if size < 1 or (longest is not None and size > longest):
            most = f"1–{longest}" if longest is not None else "≥ 1"
            raise BadCall(
                f"{self.path}: {self.style.size} 应为 {most} / must be {most}, not {asked!r:.40}"
            )
        return size

    # -- asking -----------------------------------------------------------------------------

    def next(self) -> Flow[dict[str, Any]] | None:
        """Return the flow that brings the next page, or None at the end."""
        if self.done:
            return None
        if self._pages >= MOST_PAGES:
            raise self._endless(f"{MOST_PAGES} 页后仍未结束 / not at its end after so many pages")
        params = dict(self._params)
        if self._at is not None and self.style.start:
            _put(params, self.style.start, self._at)
        if self._size is not None:
            _put(params, self.style.size, self._size)
        return self._ask(params)

    def took(self, answer: Mapping[str, Any]) -> None:
        """Look at a page: is there another, and how is it asked for?"""
        self._pages += 1
        kind = self.style.kind
        if kind == "whole":
            self.done = True
        elif kind == "cursor":
            self._by_cursor(answer)
        else:
            self._by_count(answer)

    def _by_cursor(self, answer: Mapping[str, Any]) -> None:
        more = _truth(_get(answer, self.style.more)) if self.style.more else None
        cursor = self._next_cursor(answer)
        ended = cursor in _NO_CURSOR
        if more is False or (more is None and (ended or _is_zero(cursor))):
            self.done = True
            return
        if ended:
            raise BadAnswer(
                "shape",
                f"{self.path}: 应答说还有下一页，却没有游标"
                " / the answer says that there is more, and has no cursor to go on with",
                api=self.path,
                status=200,
            )
        mark = str(cursor)
        if mark in self._seen or mark == str(self._at):
            raise self._endless(f"游标 {mark[:40]!r} 又出现了 / this cursor has come before")
        self._seen.add(mark)
        self._at = cursor

    def _next_cursor(self, answer: Mapping[str, Any]) -> Any:
        if self.style.out:
            return _get(answer, self.style.out)
        beside = _get(answer, self.style.more.rpartition(".")[0]) if self.style.more else answer
        if not isinstance(beside, Mapping):
            return None
        return next((beside[name] for name in _CURSORS if beside.get(name) is not None), None)

    def _by_count(self, answer: Mapping[str, Any]) -> None:
        rows = self._count(answer)
        assert self._size is not None
        more = _truth(_get(answer, self.style.more)) if self.style.more else None
        if more is None and rows is not None:
            total = self._total(answer)
            so_far = self._rows + rows
            more = rows > 0 and (so_far < total if total is not None else rows >= self._size)
        self._rows += rows or 0
        if not more:
            self.done = True
            return
        if rows == 0 and self._size == 0:
            raise self._endless("空页 / an empty page")
        # Where fewer came than asked for, the next row is the one after those that came: an API
        # that silently gives less than asked would otherwise lose rows.
        self._at = int(self._at or 0) + (1 if self.style.kind == "number" else rows or self._size)

    def _total(self, answer: Mapping[str, Any]) -> int | None:
        """Find the number of all rows beside the list, in a walk that began at the beginning."""
        if self._given(self.style.start) is not None:
            return None
        beside = _get(answer, self._list_path().rpartition(".")[0])
        for place in (beside, answer):
            for name in _TOTALS if isinstance(place, Mapping) else ():
                value = place.get(name)
                if isinstance(value, int) and not isinstance(value, bool) and value > 0:
                    return value
        return None

    def _count(self, answer: Mapping[str, Any]) -> int | None:
        if self.style.more and not self._items and len(self.style.lists) != 1:
            return None
        return len(self.items(answer))

    # -- items ------------------------------------------------------------------------------

    def items(self, answer: Mapping[str, Any]) -> list[Any]:
        """Return the rows of a page."""
        found = _get(answer, self._list_path())
        if found is None:
            return []
        if not isinstance(found, list):
            raise BadAnswer(
                "shape",
                f"{self.path}: {self._list_path()} 不是列表 / is no list",
                api=self.path,
                status=200,
            )
        return found

    def _list_path(self) -> str:
        if self._items:
            return self._items
        lists = self.style.lists
        if len(lists) == 1:
            return lists[0]
        known = "、".join(lists) or "-"
        raise BadCall(
            f"{self.path} 的应答里有几个列表或没有列表（{known}）：请用 items= 指明是哪个"
            f" / the answer has several lists or none ({', '.join(lists) or '-'}): say which with items="
        )

    def check_items(self) -> None:
        """Refuse at once what `items` would refuse later."""
        self._list_path()

    def _given(self, path: str) -> Any:
        return _get(self._params, path) if path else None

    def _endless(self, text: str) -> BadAnswer:
        return BadAnswer("loop", f"{self.path}: {text}", api=self.path, status=200)


def _get(value: Any, path: str) -> Any:
    for name in path.split(".") if path else ():
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def _put(params: dict[str, Any], path: str, value: Any) -> None:
    """Set a nested parameter; the caller's own objects are not touched."""
    *outer, last = path.split(".")
    place = params
    for name in outer:
        inner = place.get(name)
        place[name] = place = dict(inner) if isinstance(inner, Mapping) else {}
    place[last] = value


def _truth(value: Any) -> bool | None:
    if value is None:
        return None
    if isinstance(value, str):
        return value.strip().lower() in ("true", "1", "y", "yes")
    return bool(value)


def _is_zero(cursor: Any) -> bool:
    return cursor in (0, "0") and not isinstance(cursor, bool)
