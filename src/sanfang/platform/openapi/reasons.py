"""Why the gate says no: every refusal of its own, with code, reason and remedy.

Codes are those of errors.md; where a pairing was never seen on the wire, errors.md section 3 or
tokens-and-limits.md recommends it. Nothing of a token, secret or body is repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..domain.refusals import Refusal

OfBytes = Callable[[bytes], Refusal]


def unknown_path(path: str, nearest: Sequence[str]) -> Refusal:
    """404: no API at this path; name the ones that were probably meant (F34)."""
    shown = _shown(path)
    if nearest:
        zh = f"没有接口 {shown}；是不是想调用 {'、'.join(nearest)}？"
        en = f"There is no API at {shown}; did you mean {', '.join(nearest)}?"
    else:
        zh = f"没有接口 {shown}；请对照接口文档检查路径。"
        en = f"There is no API at {shown}; check the path against the API documents."
    return Refusal(404, zh, en, faq="F34", facts={"nearest": list(nearest), "path": shown})


def _shown(path: str) -> str:
    """Cut a wrong path, and make it text that can be encoded whatever the server decoded it from."""
    return path[:200].encode("utf-8", "replace").decode()


def unknown_method(name: str) -> Refusal:
    """404 of the TOP gateway, which tells APIs apart by name."""
    shown = _shown(name)
    return Refusal(
        404,
        f"没有名为 {shown} 的接口；请对照文档检查 method。",
        f"There is no API named {shown}; check the field method against the documents.",
        faq="F34",
        facts={"path": shown},
    )


def not_built(path: str) -> Refusal:
    """404 as well: documented, without behaviour here, and made-up answers are switched off."""
    return Refusal(
        404,
        f"{path} 是钉钉的接口，但本平台没有实现它的行为，且 synthetic_answers 已关闭。",
        f"{path} is an API of DingTalk, but it has no behaviour here and synthetic_answers is off.",
        facts={"path": path, "built": False},
    )


def wrong_method(path: str, used: str, allowed: Sequence[str]) -> Refusal:
    """43001 or 43002; the newer API, which has more methods, answers 404 for it."""
    code = {"GET": 43001, "POST": 43002}.get(allowed[0], 43002)
    methods = "/".join(allowed)
    return Refusal(
        code,
        f"{path} 需要 {methods} 请求，收到的是 {used[:20]}。",
        f"{path} takes {methods}, the request was {used[:20]}.",
        facts={"allowed": list(allowed)},
    )


def need_https() -> Refusal:
    return Refusal(
        43003,
        "本平台只接受 https；请把地址改为 https://。",
        "This platform takes https only; call it through https://.",
        faq="M2",
    )


def need_json_type(given: str) -> Refusal:
    """43004 of the strict option (F30)."""
    return Refusal(
        43004,
        f"POST 请求须带 Content-Type: application/json，收到的是 {given or '(无)'}。",
        f"A POST needs Content-Type: application/json, it had {given or '(none)'}.",
        faq="F30",
    )


def no_multipart() -> Refusal:
    return Refusal(
        43009,
        "此接口的参数须为 JSON（或表单），不是 multipart/form-data。",
        "This API takes JSON (or a form), not multipart/form-data.",
    )


def check_charset(content_type: bytes) -> None:
    """Refuse 43005 when the Content-Type names another charset than UTF-8 (strict option)."""
    _, _, given = content_type.lower().partition(b"charset=")
    charset = given.partition(b";")[0].strip(b" \t\"'")
    if charset not in (b"", b"utf-8", b"utf8"):
        shown = charset[:40].decode("latin-1")
        raise Refusal(
            43005,
            f"Content-Type 须为 application/json;charset=UTF-8，收到的 charset 是 {shown}。",
            f"The Content-Type must be application/json;charset=UTF-8, its charset is {shown}.",
            faq="F30",
        )


def need_multipart(names: Sequence[str], given: str) -> Refusal:
    """43008: a file is wanted, the body is something else (F31)."""
    name = names[0] if names else "media"
    return Refusal(
        43008,
        f"上传文件须用 multipart/form-data，文件放在名为 {name} 的段里；收到的是 {given or '(无)'}。",
        f"Files are sent as multipart/form-data in a part named {name}; it was {given or '(none)'}.",
        faq="F31",
        facts={"missing": name},
    )


def broken_multipart(zh: str, en: str) -> Refusal:
    """43008 for a body that claims to be multipart and is not."""
    return Refusal(
        43008,
        f"multipart 请求体不合法：{zh}。",
        f"The multipart body is not valid: {en}.",
        faq="F31",
    )


def no_file(name: str, *, is_text: bool, files: Sequence[str]) -> Refusal:
    """43008 naming what the part of the file lacks (F31)."""
    if is_text:
        zh, en = f"段 {name} 缺少 filename", f"The part {name} has no filename"
    elif files:
        shown = "、".join(each[:50] for each in files[:3])
        zh, en = f"没有名为 {name} 的段，文件在 {shown} 里", f"No part is named {name}"
    else:
        zh, en = f"没有名为 {name} 的文件段", f"There is no part named {name} with a file"
    return Refusal(
        43008,
        f'{zh}；应为 Content-Disposition: form-data; name="{name}"; filename="..."。',
        f'{en}; it should be Content-Disposition: form-data; name="{name}"; filename="...".',
        faq="F31",
        facts={"missing": name},
    )


def untyped_file(name: str) -> Refusal:
    return Refusal(
        43008,
        f"段 {name} 缺少 Content-Type。",
        f"The part {name} has no Content-Type.",
        faq="F31",
        facts={"missing": "Content-Type"},
    )


def empty_file(name: str) -> Refusal:
    return Refusal(
        44001, f"段 {name} 的文件是空的。", f"The file in the part {name} is empty.", faq="F31"
    )


def too_large_upload(limit: int) -> Refusal:
    """45001: an upload is refused as soon as it is known to be too long."""
    return Refusal(
        45001,
        f"上传的请求体超过 {limit} 字节。",
        f"The body of the upload is longer than {limit} bytes.",
        facts={"limit": limit},
    )


def too_long(limit: int) -> Refusal:
    """41101: the body is refused before it is read."""
    return Refusal(
        41101,
        f"请求体超过 {limit} 字节，未读取即拒绝。",
        f"The body is longer than {limit} bytes and was refused unread.",
        facts={"limit": limit},
    )


def too_many_fields(limit: int) -> Refusal:
    return Refusal(40035, f"参数超过 {limit} 个。", f"There are more than {limit} parameters.")


def broken_json(offset: int, line: int, column: int, what: str) -> Refusal:
    """-1, pointing at the byte (F34)."""
    return Refusal(
        -1,
        f"请求体不是合法的 JSON：第 {offset} 字节（第 {line} 行第 {column} 列）处 {what}。"
        "“系统繁忙”多半就是少了括号或引号。",
        f"The body is not JSON: at byte {offset} (line {line}, column {column}): {what}."
        " 'System busy' mostly means that a bracket or quote is missing.",
        faq="F34",
        facts={"byte": offset},
    )


def not_an_object(found: str) -> Refusal:
    return Refusal(
        40035,
        f"请求体须为 JSON 对象（花括号），收到的是 {found}。",
        f"The body must be a JSON object (braces), it was {found}.",
    )


def bad_charset(raw: bytes) -> Refusal:
    """-1 for a body that is not UTF-8; names GBK when it is that (F32)."""
    return _charset(-1, "请求体", "The body", raw)


def bad_query(raw: bytes) -> Refusal:
    """40035 for a query that is not UTF-8."""
    return _charset(40035, "查询参数", "The query string", raw)


def _charset(code: int, zh: str, en: str, raw: bytes) -> Refusal:
    try:
        raw.decode()
        offset = 0
    except UnicodeDecodeError as error:
        offset = error.start
    if _looks_like_gbk(raw):
        zh = f"{zh}从第 {offset} 字节起是 GBK 编码，不是 UTF-8；请用 UTF-8 编码后再发送。"
        en = f"{en} is GBK from byte {offset} on, not UTF-8; encode it as UTF-8 before sending."
    else:
        zh = f"{zh}第 {offset} 字节处不是 UTF-8；请用 UTF-8 编码。"
        en = f"{en} is not UTF-8 at byte {offset}; encode it as UTF-8."
    return Refusal(code, zh, en, faq="F32", facts={"byte": offset})


def _looks_like_gbk(raw: bytes) -> bool:
    try:
        text = raw.decode("gbk")
    except UnicodeDecodeError:
        return False
    return any("\u4e00" <= char <= "\u9fff" for char in text)


def token_absent(code: int, name: str, place: str) -> Refusal:
    """41001 or 41022: no token at all."""
    return Refusal(
        code,
        f"缺少 {name}；请放在{_PLACES[place]}里。",
        f"There is no {name}; send it in the {place}.",
    )


_PLACES = {"query": "查询参数", "header": "请求头"}


def token_in_wrong_place(name: str) -> Refusal:
    return Refusal(
        40014,
        f"新版接口的令牌须放在请求头 {name} 里，查询参数或请求体里的不算。",
        f"The newer API takes the token in the header {name}, not in the query or body.",
    )


def token_dead(code: int, name: str) -> Refusal:
    """40014 or 40082: unknown and expired look alike, as on the real platform."""
    return Refusal(
        code,
        f"{name} 不存在、已过期（7200 秒）或授权已解除；请重新获取一次再试。",
        f"The {name} is unknown, expired (7200 s) or its authorisation was relieved;"
        " fetch a new one and try once more.",
    )


def token_of_other_kind(code: int, wanted: str, given: str) -> Refusal:
    return Refusal(
        code,
        f"这里需要{_KINDS[wanted][0]}，传入的是{_KINDS[given][0]}。",
        f"This call needs {_KINDS[wanted][1]}; the token is {_KINDS[given][1]}.",
    )


_KINDS = {
    "internal": ("企业自建应用的 access_token", "the access_token of an enterprise's own app"),
    "isv_corp": ("授权企业的 access_token", "the access_token of an authorised corp"),
    "suite": ("suite_access_token", "a suite_access_token"),
    "corp": ("企业的 access_token", "the access_token of a corp"),
    "user": ("用户的 accessToken（userAccessToken）", "a user's accessToken (userAccessToken)"),
    "sso": ("管理后台的 sso token", "an sso token of the admin backend"),
    "personal": ("登录应用的 access_token（/sns/gettoken）", "an open app's access_token"),
    "sns_user": ("sns_token", "an sns_token"),
}


def no_permission(path: str, kind: str) -> Refusal:
    """60011: the token is good, but this kind of app may not call this API."""
    return Refusal(
        60011,
        f"{path} 不向{_KINDS[kind][0]}开放。",
        f"{path} is not open to {_KINDS[kind][1]}.",
    )


def missing(code: int, name: str) -> Refusal:
    """410xx where DingTalk has a number for the field, else 40035 naming it."""
    return Refusal(
        code,
        f"缺少参数 {name}。",
        f"The parameter {name} is missing.",
        facts={"missing": name},
    )


def unfit(code: int, name: str, expected: tuple[str, str]) -> Refusal:
    return Refusal(
        code,
        f"参数 {name} 应为{expected[0]}。",
        f"The parameter {name} must be {expected[1]}.",
        facts={"field": name},
    )


def no_body() -> Refusal:
    """What the newer API says to a form or to nothing (observed)."""
    return Refusal(
        44002,
        "新版接口只接受 JSON 请求体（Content-Type: application/json），不接受表单。",
        "The newer API takes a JSON body only (Content-Type: application/json), no form.",
        facts={"v1": "Missingbody"},
    )


def broken() -> Refusal:
    """-1 for our own failure; the details are in the platform's log only."""
    return Refusal(
        -1,
        "平台内部出错，详情见平台日志。",
        "The platform failed inside; see its log.",
    )
