"""Reading an answer: the dict inside, or a typed error that says what is wrong with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanfang.client import (
    BadAnswer,
    CallRefused,
    Forbidden,
    RateLimited,
    Request,
    Response,
    SanfangError,
)
from sanfang.client.answers import read


def answer(
    body: bytes | str | dict[str, Any],
    status: int = 200,
    *,
    api: str = "user/get",
    secrets: tuple[str, ...] = (),
    limit: int = 1000,
    **headers: str,
) -> dict[str, Any]:
    if isinstance(body, dict):
        body = json.dumps(body, ensure_ascii=False)
    raw = body.encode() if isinstance(body, str) else body
    request = Request("GET", "https://oapi.example/x", {}, api=api, secrets=secrets, limit=limit)
    return read(request, Response(status, headers, raw))


def bad(body: bytes | str | dict[str, Any], status: int = 200, **options: Any) -> BadAnswer:
    with pytest.raises(BadAnswer) as caught:
        answer(body, status, **options)
    return caught.value


def refused(body: dict[str, Any], status: int = 200, **options: Any) -> CallRefused:
    with pytest.raises(CallRefused) as caught:
        answer(body, status, **options)
    return caught.value


@pytest.mark.parametrize(
    "charset", ["application/json", "text/html; charset=ISO-8859-1", "text/plain; charset=gbk"]
)
def test_text_is_utf_8_whatever_the_charset_header_says(charset: str) -> None:
    assert answer({"errcode": 0, "name": "张三丰"}, Content_Type=charset)["name"] == "张三丰"


def test_a_byte_order_mark_is_skipped() -> None:
    assert answer(b"\xef\xbb\xbf" + '{"errcode":0,"name":"中"}'.encode())["name"] == "中"


@pytest.mark.parametrize("code", [0, "0", None])
def test_a_success_with_or_without_errcode(code: object) -> None:
    body = {"name": "x"} if code is None else {"errcode": code, "name": "x"}
    assert answer(body)["name"] == "x"


def test_a_refusal_carries_code_text_explanation_request_id_and_call() -> None:
    error = refused({"errcode": 40078, "errmsg": "不存在的临时授权码", "request_id": "r1"})
    assert (error.code, error.errmsg, error.request_id, error.api) == (
        40078, "不存在的临时授权码", "r1", "user/get",
    )  # fmt: skip
    assert error.explanation
    assert all(part in str(error) for part in ("user/get", "40078", "r1", error.explanation))


@pytest.mark.parametrize("code", [-1, 404])
def test_a_mistaken_path_is_answered_with_the_one_that_was_meant(code: int) -> None:
    error = refused({"errcode": code, "errmsg": "…"}, api="getuserinfo")
    assert "user/getuserinfo" in error.explanation
    assert "目录" not in refused({"errcode": code, "errmsg": "…"}).explanation


def test_errcode_88_is_unwrapped_to_its_sub_code() -> None:
    error = refused(
        {
            "errcode": 88,
            "sub_code": "60011",
            "sub_msg": "没有调用该接口的权限",
            "errmsg": "ding talk error[subcode=60011,submsg=没有调用该接口的权限]",
            "request_id": "5imjny7u9xwa",
        }
    )
    assert isinstance(error, Forbidden)
    assert (error.code, error.errmsg) == (60011, "没有调用该接口的权限")


def test_a_4xx_of_the_new_host_keeps_its_code_message_and_request_id() -> None:
    error = refused(
        {"code": "invalidSuiteKey", "requestid": "30EE", "message": "无效的suiteKey"},
        400,
        api="/v1.0/oauth2/suiteAccessToken",
    )
    assert (error.code, error.errmsg, error.request_id, error.status) == (
        "invalidSuiteKey", "无效的suiteKey", "30EE", 400,
    )  # fmt: skip


def test_a_4xx_of_the_old_host_keeps_its_errcode() -> None:
    assert refused({"errcode": 43001, "errmsg": "需要GET请求"}, 405).code == 43001


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"errcode": 90018, "errmsg": "请求被暂时禁用"}, 200, RateLimited),
        ({"errcode": 45009, "errmsg": "接口调用超过限制"}, 200, RateLimited),
        ({"errcode": 90020, "errmsg": "本月api调用量已超过限制"}, 200, RateLimited),
        ({"code": "Forbidden.AccessDenied.QpsLimitForApi", "message": ""}, 403, RateLimited),
        ({"code": "Forbidden.AccessDenied.IpNotInWhiteList", "message": ""}, 403, Forbidden),
        ({"errcode": 60020, "errmsg": "访问ip不在白名单之中"}, 200, Forbidden),
        ({"errcode": 48004, "errmsg": "授权关系无效"}, 200, Forbidden),
    ],
)
def test_refusals_are_sorted_by_what_to_do_about_them(
    body: dict[str, Any], status: int, kind: type[CallRefused]
) -> None:
    assert type(refused(body, status)) is kind


def test_a_ban_of_the_gateway_is_a_rate_limit_with_a_time() -> None:
    error = refused({"status": 1111, "wait": 5, "source": "x5", "punish": "deny", "uuid": "u"})
    assert isinstance(error, RateLimited)
    assert (error.code, error.retry_after, error.request_id) == (1111, 300.0, "u")


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ("<html><head><title>x</title></head><body>502</body></html>", "html"),
        ('{"errcode":0,"name":"', "truncated"),
        ('{"errcode":0,"name":"张三"}'.encode("gbk"), "charset"),
        ("errcode=0", "json"),
        ("[1, 2]", "shape"),
        ("null", "shape"),
        ("[" * 900 + "]" * 50, "json"),
    ],
)
def test_what_is_no_answer_is_named(body: bytes | str, what: str) -> None:
    assert bad(body).what == what


def test_nesting_without_end_is_no_crash() -> None:
    deep = b"[" * 200_000 + b"]" * 200_000
    assert bad(deep, limit=10**6).what == "json"


def test_an_answer_over_the_limit_is_refused() -> None:
    assert bad(b"x" * 1001).what == "too_long"


def test_a_compressed_answer_that_nobody_asked_for_is_named() -> None:
    headers = {"Content-Encoding": "gzip"}
    request = Request("GET", "https://oapi.example/x", {})
    with pytest.raises(BadAnswer) as caught:
        read(request, Response(200, headers, b"\x1f\x8b\x08\x00"))
    assert caught.value.what == "encoding"


def test_a_redirect_is_refused_and_its_target_named_without_the_query() -> None:
    error = bad("", 302, Location="https://elsewhere.example/login?access_token=abc")
    assert error.what == "redirect"
    assert "https://elsewhere.example/login" in str(error)
    assert "abc" not in str(error)


def test_an_error_page_keeps_its_status_and_a_clean_excerpt() -> None:
    page = (
        "<html><style>p {}</style><script>bad()</script><h1>502\x00 Bad\n Gateway</h1>"
        "GET /user/get?access_token=0123456789abcdef&amp;id=1 " + "x" * 1000
    )
    error = bad(page, 502, secrets=("0123456789abcdef",), limit=5000)
    assert error.status == 502
    assert error.excerpt.startswith("502 Bad Gateway GET /user/get?access_token=…cdef&amp;id=1 ")
    assert len(error.excerpt) <= 201


def test_an_errmsg_that_repeats_a_secret_is_masked() -> None:
    error = refused({"errcode": 40014, "errmsg": "bad token tok-12345"}, secrets=("tok-12345",))
    assert "tok-12345" not in str(error) + error.errmsg


def test_the_new_host_may_answer_nothing_or_no_object() -> None:
    assert answer("", api="/v1.0/x") == {}
    assert answer("true", api="/v1.0/x") == {"body": True}
    assert bad("", 500, api="/v1.0/x").what == "empty"


def test_an_error_status_without_a_code_is_a_bad_answer() -> None:
    assert bad({"message": "?"}, 500).what == "shape"


def outcome(body: bytes | str, status: int) -> dict[str, Any] | SanfangError:
    try:
        return answer(body, status, limit=10**6)
    except SanfangError as error:
        return error


@settings(deadline=None)  # the first refusal reads the table of errors
@given(st.binary(), st.sampled_from([200, 204, 302, 400, 403, 500, 502]))
def test_any_bytes_end_in_a_dict_or_a_typed_error_of_one_line(body: bytes, status: int) -> None:
    result = outcome(body, status)
    assert str(result).isprintable()
    assert isinstance(result, SanfangError) or status < 300


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from(
    ["errcode", "errmsg", "sub_code", "sub_msg", "code", "message", "requestid", "punish", "status"]
)


@settings(deadline=None)  # the first refusal reads the table of errors
@given(st.dictionaries(FIELDS, JSON), st.sampled_from([200, 400, 403, 503]))
def test_any_mixture_of_error_fields_ends_in_a_dict_or_a_typed_error(
    body: dict[str, Any], status: int
) -> None:
    result = outcome(json.dumps(body), status)
    assert isinstance(result, SanfangError) or status == 200
    assert isinstance(result, dict) or str(result).isprintable()


AMDP = "/v1.0/amdp/employees/datas/push"


def by_post(body: dict[str, Any], api: str) -> dict[str, Any]:
    request = Request("POST", "https://api.example/x", {}, api=api)
    return read(request, Response(200, {}, json.dumps(body).encode()))


@pytest.mark.parametrize("code", ["tenant.not.found", "sizeTooLarge", "not.in.the.documents"])
def test_a_refusal_with_http_200_is_no_result(code: str) -> None:
    with pytest.raises(CallRefused) as caught:
        by_post({"code": code, "message": "租户不存在", "requestId": "R-2"}, AMDP)
    error = caught.value
    assert (error.code, error.errmsg, error.request_id) == (code, "租户不存在", "R-2")


def test_the_answer_that_the_same_pages_show_is_a_result() -> None:
    shown = {"requestId": "R", "success": True, "status": "200", "result": True}
    assert by_post(shown, AMDP) == shown


@pytest.mark.parametrize(
    ("method", "api", "body"),
    [
        ("POST", "/v1.0/esign/auths/url", {"code": 0, "message": "成功", "data": {"taskId": "1"}}),
        ("GET", "/v1.0/h3yun/roles", {"code": "success", "message": "OK", "data": {}}),
        ("DELETE", "/v1.0/conference/videoConferences/7", {"code": 200, "cause": "success"}),
        ("GET", "/v1.0/crm/personalCustomers/objectMeta", {"code": "crm_customer", "name": "客户"}),
        ("GET", "/v1.0/bizfinance/products", {"code": "P-1", "name": "产品", "status": "valid"}),
        ("GET", "/v1.0/made/up", {"code": "x-1", "name": "a code of something"}),
    ],
)
def test_a_code_that_belongs_to_the_result_is_no_refusal(
    method: str, api: str, body: dict[str, Any]
) -> None:
    request = Request(method, "https://api.example/x", {}, api=api)
    assert read(request, Response(200, {}, json.dumps(body).encode())) == body


@pytest.mark.parametrize(
    ("method", "api", "body"),
    [
        ("POST", "/v1.0/esign/auths/url", {"code": 1430001, "message": "企业未认证", "data": None}),
        ("GET", "/v1.0/h3yun/roles", {"code": "InvalidCorp", "message": "没有权限"}),
        ("GET", "/v1.0/made/up", {"code": "NoSuchThing", "message": "没有"}),
    ],
)
def test_a_documented_code_refuses_where_it_comes_without_data(
    method: str, api: str, body: dict[str, Any]
) -> None:
    request = Request(method, "https://api.example/x", {}, api=api)
    with pytest.raises(CallRefused) as caught:
        read(request, Response(200, {}, json.dumps(body).encode()))
    assert (caught.value.code, caught.value.errmsg) == (body["code"], body["message"])


def test_a_code_beside_the_word_success_is_no_refusal() -> None:
    """An answer of the documents: banOrOpenGroupWords says ``cause`` 成功 beside some code."""
    api = "/v1.0/exclusive/enterpriseSecurities/banOrOpenGroupWords"
    assert answer({"code": "some-code", "cause": "成功"}, api=api)["code"] == "some-code"
