"""What the catalogue says of one endpoint, one field, one event.

The data files use short keys: a field has its name under ``n``, its type (text unless said) under
``t``, and so on; the table is `_KEYS`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Host = Literal["oapi", "api", "login", "top"]
Method = Literal["GET", "POST", "PUT", "DELETE", "PATCH"]
Place = Literal["path", "query", "header", "body", "form"]
Type = Literal["string", "integer", "number", "boolean", "object", "array", "map", "file", "any"]
Scalar = str | int | float | bool
Scheme = Literal["none", "access_token", "suite_access_token", "sns_token", "signature", "session"]

_KEYS = {
    "name": "n",
    "type": "t",
    "required": "r",
    "items": "i",
    "fields": "f",
    "enum": "e",
    "default": "d",
    "example": "x",
    "in_": "in",
    "recursive": "rec",
    "sdk": "s",
    "min_length": "minl",
    "max_length": "maxl",
    "max_items": "maxi",
}


class Field(
    msgspec.Struct,
    frozen=True,
    omit_defaults=True,
    repr_omit_defaults=True,
    kw_only=True,
    rename=_KEYS,
):
    """A value with a name: of a request, of an answer, of an event's payload.

    ``items`` is the element type of an array or the value type of a map; ``fields`` are the members
    of the object, of the elements or of the values. ``root``: the body itself is this value, its
    name is not sent. ``recursive``: the elements are built like the container. ``encoding``: a
    structure sent as JSON text in the query. ``gen``: only these generations have it. ``sdk``: an
    SDK has it, the page does not. ``example`` is a value as the documents show it.
    """

    name: str
    type: Type = "string"
    required: bool = False
    items: Type | None = None
    fields: list[Field] = []
    enum: list[Scalar] | None = None
    format: Literal["date-time", "csv", "json"] | None = None
    default: Scalar | None = None
    min: float | None = None
    max: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    max_items: int | None = None
    root: bool = False
    recursive: bool = False
    encoding: Literal["json"] | None = None
    gen: list[str] = []
    sdk: bool = False
    example: Scalar | None = None


class Param(
    Field, frozen=True, omit_defaults=True, repr_omit_defaults=True, kw_only=True, rename=_KEYS
):
    """A parameter of an endpoint; the credential is not among the parameters.

    ``required`` is set only where every generation of the API demands it.
    """

    in_: Place = "body"


class Pagination(msgspec.Struct, frozen=True, omit_defaults=True, repr_omit_defaults=True):
    """How an endpoint pages; the values are dotted paths of fields.

    A ``cursor`` is sent in ``start`` and comes back in ``out``; an ``offset`` (or page number) is
    only sent. ``size`` asks for a page's length, ``more`` says whether there is another.
    """

    kind: Literal["cursor", "offset"]
    start: str
    out: str = ""
    more: str = ""
    size: str = ""


class Variant(msgspec.Struct, frozen=True, omit_defaults=True, repr_omit_defaults=True):
    """One of several pages that describe the same address, with what it demands."""

    title: str
    required: list[str] = []
    doc: str = ""


class Access(msgspec.Struct, frozen=True, array_like=True):
    """How an endpoint is authorised; the meaning of each is told at `Endpoint`."""

    scheme: Scheme = "none"
    token_in: Literal["", "query", "header"] = ""
    token_name: str = ""
    tokens: list[str] = []
    signed: bool = False


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One row of the index: enough to route. ``area``, ``line`` and ``access`` point elsewhere."""

    id: str
    host: Host
    method: Method
    path: str
    area: int = 0
    line: int = 0
    access: int = 0
    flags: int = 0
    top_api: str = ""

    @property
    def documented(self) -> bool:
        """Tell whether a page describes it; else only an SDK calls it."""
        return not self.flags & SDK_ONLY

    @property
    def deprecated(self) -> bool:
        """Tell whether its page is in the historical part of the documents."""
        return bool(self.flags & DEPRECATED)

    @property
    def inferred(self) -> bool:
        """Tell whether the path was derived from the name of an SDK's call (400 of 418 right)."""
        return bool(self.flags & INFERRED)


SDK_ONLY, DEPRECATED, INFERRED = 1, 2, 4


class Details(
    msgspec.Struct, frozen=True, omit_defaults=True, repr_omit_defaults=True, kw_only=True
):
    """What is read when an endpoint is first asked for.

    ``operation`` is its name in the official SDK of the new host: GetUser.
    """

    title: str = ""
    category: str = ""
    doc: str = ""
    operation: str = ""
    generations: list[str] = []
    app_types: list[str] = []
    permissions: list[str] = []
    permission_labels: list[str] = []
    content_types: list[str] = []
    params: list[Param] = []
    one_of: list[list[str]] = []
    variants: list[Variant] = []
    response: list[Field] = []
    response_type: Literal["", "binary", "empty", "redirect"] = ""
    redirect_params: list[str] = []
    pagination: Pagination | None = None
    errors: list[str | int] = []
    error_set: str = ""
    error_http: dict[str, int] = {}
    notes: list[str] = []
    called_by: list[str] = []


class Endpoint(Details, frozen=True, omit_defaults=True, repr_omit_defaults=True):
    """One API.

    ``scheme`` is the kind of credential, sent in ``token_in`` (query or header) as
    ``token_name``; ``tokens`` lists whose tokens are accepted (``internal``, ``isv_corp``,
    ``suite``, ``sso``, ...). ``signed`` says that the signed query (accessKey, timestamp,
    suiteTicket, signature) is accepted as well. ``one_of`` lists groups of parameters of which
    one whole group has to be sent; ``variants`` what each page of an API with several demands.
    ``documented`` is False where only an SDK knows the API; ``inferred`` where even its path is
    derived. ``errors`` are its own codes; those of ``error_set`` come on top (`Catalog.errors`);
    ``error_http`` gives the status where it is not 400. ``top_api`` is its name in the SDKs of the
    TOP generation; on the host ``top`` that name, not the path, tells the calls apart.
    """

    id: str
    host: Host
    method: Method
    path: str
    area: str = ""
    scheme: Scheme = "none"
    token_in: Literal["", "query", "header"] = ""
    token_name: str = ""
    tokens: list[str] = []
    signed: bool = False
    documented: bool = True
    deprecated: bool = False
    inferred: bool = False
    top_api: str = ""

    def param(self, name: str) -> Param | None:
        """Return the parameter of that name, or None."""
        return next((p for p in self.params if p.name == name), None)


class Event(msgspec.Struct, frozen=True, omit_defaults=True, repr_omit_defaults=True, kw_only=True):
    """One event as one way of pushing delivers it.

    ``event`` is the tag, ``mode`` the way (``http`` callback, ``stream``, ``sync`` = RDS table or
    SyncHTTP, ``robot_http``), ``fields`` the payload without its envelope. ``biz_type`` and
    ``table`` belong to ``sync``; ``reply`` is what a receiver of 2016 returns, encrypted.
    """

    event: str
    mode: Literal["http", "stream", "sync", "robot_http"]
    generation: Literal["current", "history", "2016"] = "current"
    title: str = ""
    app_types: list[str] = []
    doc: str = ""
    fields: list[Field] = []
    headers: list[Field] = []
    biz_type: list[int] = []
    table: str = ""
    subtypes: list[str] = []
    topic: str = ""
    reply: str = ""
