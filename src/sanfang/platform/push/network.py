"""Network failures in words: which part of reaching an ISV failed, and what to look at.

``cause`` repeats what the real platform was seen to print (errors.md, 71012) and is in our own
words where nothing was seen.
"""

from __future__ import annotations

import errno
import socket
import ssl

import aiohttp

from .finding import cut
from .guard import ForbiddenAddress
from .trouble import Trouble


def explain(error: BaseException, *, timeout_ms: int, answering: bool) -> Trouble:
    """Turn what aiohttp raised into a `Trouble`; ``answering``: headers had come already."""
    os_error = getattr(error, "os_error", None)
    if isinstance(os_error, ForbiddenAddress):
        return os_error.trouble
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return _connect_timeout(timeout_ms)
    if isinstance(error, TimeoutError):
        return _timeout(timeout_ms, answering)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return _dns(error)
    if isinstance(error, aiohttp.ClientSSLError | ssl.SSLError):
        return _tls(error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return _connect(error)
    if isinstance(error, aiohttp.ClientPayloadError):
        return _closed(answering=True)
    if isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError):
        return _closed(answering)
    if isinstance(error, aiohttp.InvalidURL):
        return Trouble(71011, "url", "地址无法识别。", "The URL cannot be read.")
    return _garbage(error)


def too_long(limit: int) -> Trouble:
    """Refuse an answer beyond ``limit`` bytes."""
    return Trouble(
        71012,
        "too_long",
        f"返回内容超过 {limit} 字节，已停止读取。正确的应答只有几百字节。",
        f"The answer is longer than {limit} bytes and was not read on. A reply takes a few hundred.",
        cause=f"response is longer than {limit} bytes",
    )


def _timeout(timeout_ms: int, answering: bool) -> Trouble:
    if answering:
        zh = "响应头已收到，但内容没有传完"
        en = "headers came, but the body was not complete"
    else:
        zh, en = "连接已建立，但没有响应", "connected, but no answer came"
    return Trouble(
        71012,
        "timeout",
        f"{timeout_ms} 毫秒内没有收到完整的返回（{zh}）。请先返回 success，再异步处理业务。",
        f"No complete answer within {timeout_ms} ms ({en}). Answer success first and do the work "
        "afterwards.",
        cause="java.net.SocketTimeoutException: Read timed out",
    )


def _connect_timeout(timeout_ms: int) -> Trouble:
    return Trouble(
        71012,
        "timeout",
        f"{timeout_ms} 毫秒内无法建立连接：主机不在线，或防火墙丢弃了连接。",
        f"No connection within {timeout_ms} ms: the host is off, or a firewall drops packets.",
        cause="connect timed out",
    )


def _dns(error: aiohttp.ClientConnectorDNSError) -> Trouble:
    host = cut(error.host, 80)
    transient = getattr(error.os_error, "errno", None) == socket.EAI_AGAIN
    zh = "域名服务器没有回答" if transient else "域名不存在或没有地址"
    en = "the name server did not answer" if transient else "no such name, or it has no address"
    return Trouble(
        71012,
        "dns",
        f"无法解析 {host}：{zh}。",
        f"{host} cannot be resolved: {en}.",
        cause=f"unknown host {host}",
    )


def _tls(error: BaseException) -> Trouble:
    inner = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    detail = getattr(inner, "verify_message", "") or getattr(inner, "reason", "") or str(inner)
    said = cut(str(detail), 120)
    return Trouble(
        71012,
        "tls",
        f"HTTPS 握手失败：{said}。请检查证书（是否过期、域名是否一致、是否带中间证书），"
        "以及该端口是否真是 https。",
        f"The TLS handshake failed: {said}. Check the certificate (expiry, host name, chain) and "
        "that the port speaks https at all.",
        cause=f"TLS handshake failed: {said}",
    )


def _connect(error: aiohttp.ClientConnectorError) -> Trouble:
    code = error.os_error.errno
    where = f"{cut(str(error.host), 80)}:{error.port}"
    if code in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.EADDRNOTAVAIL):
        return Trouble(
            71012,
            "connect",
            "平台自身的套接字或文件句柄用尽，与回调地址无关；请调高进程的 nofile 限制。",
            "The platform itself ran out of sockets or file handles; the callback is not to blame. "
            "Raise the process's nofile limit.",
            cause="no socket left",
        )
    if code == errno.ECONNREFUSED:
        zh, en = (
            "连接被拒绝：该端口没有服务在监听",
            "connection refused: nothing listens on that port",
        )
    elif code in (errno.EHOSTUNREACH, errno.ENETUNREACH):
        zh, en = "网络不可达", "no route to it"
    else:
        said = cut(error.os_error.strerror or str(error.os_error), 120)
        zh = en = said
    return Trouble(
        71012,
        "connect",
        f"无法连接 {where}：{zh}。",
        f"{where} cannot be reached: {en}.",
        cause=f"connect to {where} failed: {en}",
    )


def _closed(answering: bool) -> Trouble:
    if answering:
        zh, en = "返回内容没有传完，连接就断开了", "the connection closed in mid-answer"
    else:
        zh, en = "连接被对方关闭，没有任何返回", "the connection closed without an answer"
    return Trouble(
        71012,
        "closed",
        f"{zh}。请查看接收方是否崩溃，或被中间设备切断。",
        f"{en[0].upper()}{en[1:]}. See whether the receiver crashed or something in between cut it.",
        cause=en,
    )


def _garbage(error: BaseException) -> Trouble:
    said = cut(getattr(error, "message", "") or str(error) or type(error).__name__, 120)
    return Trouble(
        71012,
        "http",
        f"对方的返回不是 HTTP：{said}。该端口上可能是别的服务，或 https 服务被当作 http 调用。",
        f"The answer is not HTTP: {said}. Another kind of service may listen there, or https is "
        "called as http.",
        cause="not an HTTP answer",
    )
