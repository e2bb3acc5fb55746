"""What a person sees when a page cannot come: why, and what to do, in both languages."""

from __future__ import annotations

from html import escape
from typing import NamedTuple

import msgspec

from .backward import Raw

_POLICY = b"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{status} {title_zh} · {title_en}</title>
<style>
:root{{color-scheme:light dark}}
body{{margin:0;font:16px/1.7 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;
background:Canvas;color:CanvasText}}
main{{max-width:40rem;margin:8vh auto;padding:0 1.5rem}}
h1{{font-size:1.35rem;line-height:1.4;margin:0 0 1rem}}
p{{margin:.4rem 0}} .en{{opacity:.75}} code{{font:.9em ui-monospace,monospace;word-break:break-all}}
small{{opacity:.75}}
</style></head><body><main>
<h1>{title_zh}<br><span class="en">{title_en}</span></h1>
<p>{zh}</p><p class="en" lang="en">{en}</p>
<p><small>{notes}</small></p>
</main></body></html>
"""


class Fault(NamedTuple):
    """Why an app's page cannot be shown."""

    status: int
    title: tuple[str, str]  # Chinese, English
    zh: str
    en: str
    faq: str = ""
    origin: str = ""  # where the app was looked for


def answer(fault: Fault, *, html: bool) -> tuple[Raw, bytes]:
    """Return headers and body; ``html``: for a page, else for a script that reads JSON."""
    if html:
        body = _page(fault).encode()
        headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-security-policy", _POLICY),
        ]
    else:
        told = {"status": fault.status, "zh": fault.zh, "en": fault.en, "faq": fault.faq}
        body = msgspec.json.encode(told)
        headers = [(b"content-type", b"application/json")]
    headers += [
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-sanfang-proxy", b"fault"),  # tells our 502 from the app's
    ]
    return headers, body


def _page(fault: Fault) -> str:
    notes = [f"HTTP {fault.status}"]
    if fault.origin:
        notes.append(f"<code>{escape(fault.origin)}</code>")
    if fault.faq:
        notes.append(f"FAQ {escape(fault.faq)}")
    return _PAGE.format(
        status=fault.status,
        title_zh=escape(fault.title[0]),
        title_en=escape(fault.title[1]),
        zh=escape(fault.zh),
        en=escape(fault.en),
        notes=" · ".join(notes),
    )


def unknown_app(agent_id: int) -> Fault:
    return Fault(
        404,
        ("没有这个应用", "There is no such app"),
        f"没有 agentid 为 {agent_id} 的微应用；它可能已被删除，或企业已解除授权。请从工作台重新打开。",
        f"No micro-app has the agentid {agent_id}; it may have been deleted, or its authorisation"
        " ended. Open the app from the workbench again.",
        faq="F10",
    )


def unknown_host(host: str) -> Fault:
    shown = host[:100]
    return Fault(
        404,
        ("没有这个地址", "There is no such address"),
        f"{shown} 不是工作台中应用的地址，应为 app-<agentid>-<android|ios|pc>.<域名>。",
        f"{shown} is no address of an app in the workbench; those are"
        " app-<agentid>-<android|ios|pc>.<domain>.",
    )


def stopped(name: str) -> Fault:
    return Fault(
        403,
        ("应用已停用", "The app is stopped"),
        f"应用“{name}”还没有激活，或已被企业停用 (50003)。",
        f"The app {name} is not activated yet, or the corp has stopped it (50003).",
    )


def no_home(name: str) -> Fault:
    return Fault(
        404,
        ("应用没有首页", "The app has no home page"),
        f"应用“{name}”没有登记首页地址，请在应用设置中填写。",
        f"No home page is registered for the app {name}; give one in its settings.",
        faq="F2",
    )


def loop(origin: str) -> Fault:
    return Fault(
        508,
        ("首页指向了工作台自己", "The home page points back here"),
        "登记的首页地址是本平台自己的地址，请求会绕回来。请改成应用自己的服务器地址。",
        "The registered home page is an address of this platform itself; requests would come round."
        " Register the address of the app's own server.",
        origin=origin,
    )


def forbidden(origin: str, zh: str, en: str) -> Fault:
    return Fault(502, ("不能连接应用的地址", "The app's address is refused"), zh, en, origin=origin)


def unreachable(origin: str, cause: str) -> Fault:
    return Fault(
        502,
        ("连不上应用的服务器", "The app's server cannot be reached"),
        f"平台连不上应用的服务器：{cause}。请确认应用已启动，登记的首页地址和端口正确，"
        "并且从运行平台的机器上可以访问。",
        f"The platform cannot reach the app's server: {cause}. Check that the app is running, that"
        " the registered home page has the right host and port, and that it can be reached from"
        " the machine the platform runs on.",
        faq="F2",
        origin=origin,
    )


def bad_answer(origin: str, cause: str) -> Fault:
    return Fault(
        502,
        ("应用的应答无法识别", "The app's answer cannot be read"),
        f"应用的服务器没有给出完整的 HTTP 应答：{cause}。请查看应用的日志。",
        f"The app's server did not give a whole HTTP answer: {cause}. Look into the app's log.",
        origin=origin,
    )


def too_slow(origin: str, seconds: int) -> Fault:
    return Fault(
        504,
        ("应用没有及时应答", "The app did not answer in time"),
        f"应用的服务器 {seconds} 秒内没有开始应答。请查看应用的日志。",
        f"The app's server did not begin to answer within {seconds} seconds. Look into its log.",
        origin=origin,
    )


def method_refused() -> Fault:
    return Fault(
        405,
        ("不支持的方法", "Method not allowed"),
        "代理不转发 TRACE。",
        "The proxy does not pass TRACE on.",
    )


def reserved(path: str) -> Fault:
    shown = path[:100]
    return Fault(
        404,
        ("没有这个文件", "There is no such file"),
        f"{shown}：/.ddc/ 下的路径由工作台占用，应用不能使用。",
        f"{shown}: paths below /.ddc/ belong to the workbench; an app cannot use them.",
    )
