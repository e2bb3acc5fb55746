"""Envelopes: three families of answers, and the explanation that goes beside every refusal.

oapi       HTTP 200, ``{"errcode", "errmsg", ...}``                      (errors.md section 1)
topapi     the same with ``request_id``; token and permission errors wrapped in 88, unknown names 22
v1         ``{...}`` or a real 4xx/5xx with ``{"code", "message", "requestid"}``

What a client parses is never changed by the explanation: that travels in headers of its own.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

import msgspec

from sanfang.protocol import errors

from ..domain.refusals import Refusal
from .handling import Fields

Header = tuple[bytes, bytes]

JSON: Header = (b"content-type", b"application/json")
_encode = msgspec.json.Encoder().encode
_OK = b'{"errcode":0,"errmsg":"ok"'


class Refused(NamedTuple):
    """An answer that says no."""

    status: int
    body: bytes


class Style:
    """The oapi family; the other two are written as differences."""

    def accepted(self, answer: Fields) -> bytes:
        """Return the body of a success."""
        fields = _encode(answer)
        return _OK + b"}" if fields == b"{}" else _OK + b"," + fields[1:]

    def refused(self, refusal: Refusal, names: Mapping[int, str]) -> Refused:
        """Return the answer of a refusal; ``names`` are an endpoint's own v1 codes."""
        return Refused(200, _encode({"errcode": refusal.code, "errmsg": refusal.errmsg}))


class TopStyle(Style):
    """``/topapi/*``."""

    def accepted(self, answer: Fields) -> bytes:
        body = super().accepted(answer)
        return body[:-1] + b',"request_id":"' + _request_id().encode() + b'"}'

    def refused(self, refusal: Refusal, names: Mapping[int, str]) -> Refused:
        code, text = refusal.code, refusal.errmsg
        body: dict[str, object]
        if code == 404:
            said = f"不合法ApiName，ApiName = {_api_name(refusal)}"
            body = {"errcode": 22, "sub_msg": said, "errmsg": f"Invalid method[submsg={said}]"}
        elif code in _WRAPPED or 90001 <= code <= 90020:
            said = f"ding talk error[subcode={code},submsg={text}]"
            body = {"errcode": 88, "sub_code": str(code), "sub_msg": text, "errmsg": said}
        else:
            body = {"errcode": code, "errmsg": text}
        body["request_id"] = _request_id()
        return Refused(200, _encode(body))


_WRAPPED = frozenset((33001, 40001, 40014, 41001, 42001, 60011, 60020))


class V1Style(Style):
    """``api.dingtalk.com``.

    The string code is the handler's own for that number, else what the refusal names in
    ``facts["v1"]`` (with the status ``facts["http"]``), else the usual one. ``documented`` are the
    codes that the page of the endpoint prints and ``http`` their statuses where they are not 400:
    they decide before the general table does, and a page that prints another word than
    ``invalidParameter`` for an unfit field (``paramError``) or an unknown member has its way. Some
    pages print 500 beside a caller's mistake; it stays 400 here, lest clients try again.
    """

    def __init__(
        self, documented: Iterable[str | int] = (), http: Mapping[str, int] | None = None
    ) -> None:
        self._http = {str(code): 400 for code in documented} | dict(http or {})

    def accepted(self, answer: Fields) -> bytes:
        return _encode(answer)

    def refused(self, refusal: Refusal, names: Mapping[int, str]) -> Refused:
        name = names.get(refusal.code) or str(refusal.facts.get("v1", ""))
        if not name:
            missing = refusal.code != 404 and "missing" in refusal.facts
            name = "missingParameter" if missing else self._usual(refusal)
        narrow = f"{name}.{_leaf(refusal)}"
        name = narrow if narrow in self._http else name
        status, message = _v1_row(name, refusal)
        printed = self._http.get(name, status)
        if printed < 500 or refusal.code == -1:
            status = printed
        body = {"code": name, "requestid": str(uuid.uuid4()).upper(), "message": message}
        return Refused(status, _encode(body))

    def _usual(self, refusal: Refusal) -> str:
        usual = _V1.get(refusal.code)
        if usual is not None:
            return usual
        words = _NOBODY if refusal.code in _UNKNOWN_MEMBER else _UNFIT
        leaf = _leaf(refusal)
        narrow = (f"{word}.{leaf}" for word in _UNFIT)
        fitting = (name for name in (*narrow, *words, *_UNFIT) if name in self._http)
        return next(fitting, "invalidParameter")


def _leaf(refusal: Refusal) -> str:
    """Return the innermost field that a refusal is about: ``option.rows[1].id`` is ``id``."""
    return str(refusal.facts.get("field", "")).rpartition(".")[2].partition("[")[0]


# What pages print for an unfit field and for somebody who is not there, commonest first.
_UNFIT = (
    *("invalidParameter", "paramError", "invalidParam", "param.error", "parameter.error"),
    *("paramIllegal", "parameter.invalid", "invalidParameter.param.invalid", "param.illegal"),
    *("invalidParams", "invalidParameter.invalid", "commonParamIllegal"),
)
_UNKNOWN_MEMBER = frozenset((33012, 40003, 60111, 60121))
_NOBODY = (
    *("userNotExist", "userNotExists", "parameter.userNotExists", "invalidUserId"),
    *("staffId.notExisted", "staff.not.found", "member.notFound", "cannot.find.user"),
)

# Which string code stands for one of the old numbers (errors.md section 5).
_V1: dict[int, str] = {
    -1: "ServiceUnavailable",
    404: "InvalidAction.NotFound",
    33001: "InvalidAuthentication",
    40014: "InvalidAuthentication",
    40078: "invalidCode",
    40079: "invalidAuthInfo",
    40082: "InvalidAuthentication",
    40083: "invalidSuiteKey",
    40085: "invalidSuiteTicket",
    40088: "invalidClientIdOrSecret",
    40089: "invalidClientIdOrSecret",
    41001: "InvalidAuthentication",
    41022: "InvalidAuthentication",
    41030: "invalidAuthInfo",
    42001: "InvalidAuthentication",
    42009: "InvalidAuthentication",
    43001: "InvalidAction.NotFound",
    43002: "InvalidAction.NotFound",
    48004: "invalidAuthInfo",
    60011: "Forbidden.AccessDenied.AccessTokenPermissionDenied",
    60020: "Forbidden.AccessDenied.IpNotInWhiteList",
    90005: "Forbidden.AccessDenied.QpmLimitForAppkeyAndApi",
    90008: "Forbidden.AccessDenied.QpmLimitForSuitekeyAndOrgAndApi",
    90010: "Forbidden.AccessDenied.QpmLimitForSuitekeyAndOrgAndApi",
    90014: "Forbidden.AccessDenied.QpmLimitForSuitekeyAndOrgAndApi",
    90018: "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi",
    90020: "Forbidden.AccessDenied.ApiCountLimitForOrg",
}
# Not in errors.md: seen in a public report of the newer gateway (zhayujie/CowAgent issue 2490).
_NOT_FOUND = (404, "Specified api is not found, please check your url and method.")


def _v1_row(name: str, refusal: Refusal) -> tuple[int, str]:
    if name == "InvalidAction.NotFound":
        return _NOT_FOUND
    info = errors.lookup(name, "v1")
    if info is not None:
        return info.http or 400, info.errmsg or name
    return int(str(refusal.facts.get("http", 400))), refusal.errmsg


def _api_name(refusal: Refusal) -> str:
    path = str(refusal.facts.get("path", ""))[:200]
    return "dingtalk.oapi." + path.removeprefix("/topapi").strip("/").replace("/", ".")


def _request_id() -> str:
    return secrets.token_hex(6)


OAPI, TOPAPI, V1 = Style(), TopStyle(), V1Style()


def style_of(path: str, host: str = "") -> Style:
    """Tell from a path which family answers, since one origin serves all hosts; ``host`` is the
    catalogue's name of the host a client asked for, for paths that tell nothing.
    """
    if host == "api" or path.startswith(("/v1.0/", "/v2.0/")):
        return V1
    return TOPAPI if path.startswith("/topapi/") else OAPI


def explained(refusal: Refusal) -> list[Header]:
    """Return the headers that explain a refusal to a person."""
    return list(explanation(refusal.en, refusal.zh, refusal.faq or _faq_of(refusal.code)))


@lru_cache(maxsize=1024)
def explanation(en: str, zh: str, faq: str | None) -> tuple[Header, ...]:
    """Return ``x-sanfang-explain`` (ASCII), ``-zh`` (percent-encoded UTF-8) and ``x-sanfang-faq``."""
    headers = [
        (b"x-sanfang-explain", en[:600].encode("ascii", "replace").translate(_NO_CONTROLS)),
        (b"x-sanfang-explain-zh", quote(zh[:300], errors="replace").encode("ascii")),
    ]
    if faq:
        headers.append((b"x-sanfang-faq", faq.encode("ascii", "replace")))
    return tuple(headers)


_NO_CONTROLS = bytes(byte if 32 <= byte < 127 else ord("?") for byte in range(256))


def _faq_of(code: int) -> str | None:
    info = errors.lookup(code)
    return None if info is None else info.faq
