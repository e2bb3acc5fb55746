"""What is said about an API in docstrings, in stubs and on the reference pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sanfang.catalog import Endpoint, Field, Param, permission_names

from ..paging import style_of
from .names import identifier, snake

DOCUMENTS = "https://open.dingtalk.com/document/"

TOKENS = {
    "internal": "企业自建应用 own app",
    "isv_corp": "授权企业 authorised corp",
    "custom_app": "定制应用 custom app",
    "user": "用户 user",
    "suite": "套件 suite",
    "sso": "免登 sso",
    "personal": "个人 personal",
    "robot": "机器人 robot",
    "channel": "服务窗 channel",
    "workbench": "工作台 workbench",
    "sns_user": "扫码登录 sns user",
}


def title(endpoint: Endpoint) -> str:
    """Return what the API does: the page's title, and the official SDK's name in words."""
    english = snake(endpoint.operation).replace("_", " ").capitalize()
    return " · ".join(part for part in (endpoint.title, english) if part) or address(endpoint)


def address(endpoint: Endpoint) -> str:
    """Return method and path."""
    host = "https://login.dingtalk.com" if endpoint.host == "login" else ""
    return f"{endpoint.method} {host}{endpoint.path}"


def document(endpoint: Endpoint) -> str:
    """Return the address of the official page, or an empty text."""
    if not endpoint.doc or "://" in endpoint.doc:
        return endpoint.doc
    return DOCUMENTS + endpoint.doc


def tokens(endpoint: Endpoint) -> str:
    """Say whose tokens the API takes."""
    if endpoint.scheme == "none":
        return "无 none"
    if not endpoint.tokens:
        return endpoint.scheme
    return "、".join(TOKENS.get(kind, kind) for kind in endpoint.tokens)


def permissions(endpoint: Endpoint) -> str:
    """Name the permission points that the app must have, by code and by name."""
    names = permission_names()
    found = []
    for code in endpoint.permissions:
        known = names.get(code)
        found.append(f"{code}（{known[0]}）" if known else code)
    return "、".join([*found, *endpoint.permission_labels])


def facts(field: Field, *, values: bool = True) -> str:
    """Say what the type of a field does not: allowed ``values``, limits, default, format."""
    found: list[str] = []
    if field.enum and values:
        found.append(" | ".join(str(each) for each in field.enum))
    found += _limits(field)
    if field.default is not None:
        found.append(f"默认 default {field.default}")
    if field.format == "csv":
        found.append("逗号分隔或列表 comma-separated or a list")
    elif field.format == "json" or field.encoding == "json":
        found.append("JSON 文本 JSON text")
    elif field.format:
        found.append("日期或时间 date or time")
    if field.recursive:
        found.append("可嵌套自身 may hold itself")
    if field.sdk:
        found.append("仅见于官方 SDK only in the official SDK")
    return "；".join(found)


def _limits(field: Field) -> Iterator[str]:
    if field.min is not None or field.max is not None:
        low = "" if field.min is None else f"{field.min:g} ≤ "
        high = "" if field.max is None else f" ≤ {field.max:g}"
        yield f"{low}值 value{high}"
    if field.min_length is not None or field.max_length is not None:
        low = "" if field.min_length is None else f"{field.min_length} ≤ "
        high = "" if field.max_length is None else f" ≤ {field.max_length}"
        yield f"{low}字 characters{high}"
    if field.max_items is not None:
        yield f"≤ {field.max_items} 个 items"


def kind(field: Field) -> str:
    """Return the type of a field as people read it: ``array<object>``."""
    if field.type in ("array", "map"):
        return f"{field.type}<{field.items or 'any'}>"
    return field.type


def paging(endpoint: Endpoint) -> str:
    """Return the call that goes through all pages of a list, or an empty text."""
    style = style_of(endpoint)
    if style is None:
        return ""
    walk = "each" if len(style.lists) == 1 else "pages"
    path = endpoint.path if endpoint.host == "api" else endpoint.path.lstrip("/")
    return f'client.{walk}("{path}", …)'


def summary(endpoint: Endpoint) -> list[str]:
    """Return the lines that every description of an API begins with, after the title."""
    lines = [address(endpoint) + ("（不推荐 deprecated）" if endpoint.deprecated else "")]
    if endpoint.response_type == "redirect":
        lines.append(
            "网页，不是接口：返回要让浏览器打开的地址。"
            " A page, not an API: returns the address for a browser to open."
        )
    lines.append(f"令牌 token: {tokens(endpoint)}")
    if named := permissions(endpoint):
        lines.append(f"权限 permission: {named}")
    if endpoint.one_of:
        choice = "、".join("+".join(names) for names in endpoint.one_of)
        lines.append(f"须给出其一 one of these: {choice}")
    if walk := paging(endpoint):
        lines.append(f"翻页 all pages: {walk}")
    return lines


def manual(endpoint: Endpoint) -> str:
    """Return the docstring that ``help()`` shows: everything the catalogue knows."""
    lines = [title(endpoint), "", *summary(endpoint)]
    if link := document(endpoint):
        lines.append(f"文档 document: {link}")
    if endpoint.params:
        lines += ["", "参数 Arguments:", *_members(endpoint.params, 1)]
    if endpoint.response:
        lines += ["", "返回 Answer:", *_members(endpoint.response, 1)]
    return "\n".join(lines)


def _members(fields: Sequence[Field], depth: int) -> Iterator[str]:
    for field in fields:
        name = identifier(field.name) if isinstance(field, Param) else field.name
        need = "，必填 required" if field.required else ""
        more = facts(field)
        yield f"{'    ' * depth}{name}: {kind(field)}{need}{more and '。'}{more}"
        yield from _members(field.fields, depth + 1)
