"""How a refusal looks over HTTP: a status that fits, and the whole explanation as JSON."""

from __future__ import annotations

from ..domain.refusals import Refusal
from ..store.errors import StoreError
from .views import Problem

# DingTalk answers 200 for everything; this API is ours and uses what HTTP offers.
_NOT_FOUND = {33001, 33012, 40083, 40084, 60003, 60004, 60111}
_CONFLICT = {60008, 60011, 60102, 60104}
_UNPROCESSABLE = {71009, 71010, 71011, 71012, 71013}


class Fault(Refusal):
    """A request that HTTP alone can refuse; its code is the HTTP status."""

    def __init__(
        self, status: int, errmsg: str, zh: str, en: str, facts: dict[str, object] | None = None
    ) -> None:
        super().__init__(status, zh, en, errmsg=errmsg, facts=facts)


def status_of(refusal: Refusal) -> int:
    """Return the HTTP status for a refusal."""
    if isinstance(refusal, Fault):
        return refusal.code
    if refusal.code in _NOT_FOUND:
        return 404
    if refusal.code in _CONFLICT:
        return 409
    return 422 if refusal.code in _UNPROCESSABLE else 400


def problem_of(refusal: Refusal) -> Problem:
    return Problem(
        code=refusal.code,
        errmsg=refusal.errmsg,
        zh=refusal.zh,
        en=refusal.en,
        faq=refusal.faq,
        facts=refusal.facts,
    )


def bad_field(field: str, problem: str) -> Refusal:
    """Refuse an input, naming the field (40035)."""
    return Refusal(
        40035,
        f"字段 {field} 不对：{problem}" if field else f"请求不对：{problem}",
        f"Field {field} is wrong: {problem}" if field else f"The request is wrong: {problem}",
        facts={"field": field},
    )


def no_token(*, given: bool) -> Fault:
    zh = "令牌不对" if given else "缺少 Authorization: Bearer 令牌"
    en = "The bearer token is wrong" if given else "Authorization: Bearer is missing"
    return Fault(
        401,
        "unauthorized",
        f"{zh}；令牌在数据目录的 admin.token 里，或由 --admin-token 指定。",
        f"{en}; the token is in admin.token of the data folder, or was given by --admin-token.",
    )


def no_such_path(path: str) -> Fault:
    return Fault(
        404,
        "not found",
        f"没有 {path[:200]}；全部接口见 /sanfang/api/openapi.json。",
        f"There is no {path[:200]}; /sanfang/api/openapi.json lists every operation.",
    )


def wrong_method(method: str, allowed: str) -> Fault:
    return Fault(
        405,
        "method not allowed",
        f"这里不能用 {method}，可用 {allowed}。",
        f"{method} cannot be used here; {allowed} can.",
        {"allowed": allowed},
    )


def no_store(error: StoreError) -> Fault:
    return Fault(503, "store unavailable", error.zh, error.en)


def internal() -> Fault:
    return Fault(
        500,
        "internal error",
        "平台内部错误，详情见平台的日志。",
        "The platform failed; its log says why.",
    )
