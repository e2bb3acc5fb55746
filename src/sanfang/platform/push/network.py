"""Network failures in words: which part of reaching an ISV failed, and what to look at.

``cause`` repeats what the real platform was seen to print (errors.md, 71012) and is in our own
words where nothing was seen.
"""

from __future__ import annotations

import errno
import socket
import ssl

from ..outbound import Forbidden, Origin
from .finding import cut
from .trouble import Trouble

_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.EADDRNOTAVAIL)


def forbidden(fault: Forbidden) -> Trouble:
    """The callback URL is none (71011), or its host may not be called (71013)."""
    return Trouble(71013 if fault.step == "address" else 71011, fault.step, fault.zh, fault.en)


def unresolved(error: OSError, origin: Origin) -> Trouble:
    """The name has no address, or nobody could be asked."""
    host = cut(origin.host, 80)
    transient = error.errno == socket.EAI_AGAIN
    zh = "域名服务器没有回答" if transient else "域名不存在或没有地址"
    en = "the name server did not answer" if transient else "no such name, or it has no address"
    return Trouble(
        71012,
        "dns",
        f"无法解析 {host}：{zh}。",
        f"{host} cannot be resolved: {en}.",
        cause=f"unknown host {host}",
    )


def name_timed_out(timeout_ms: int, origin: Origin) -> Trouble:
    """Looking the name up took all the time there was."""
    host = cut(origin.host, 80)
    return Trouble(
        71012,
        "timeout",
        f"{timeout_ms} 毫秒内没有解析出 {host}：域名服务器没有回答。",
        f"{host} was not resolved within {timeout_ms} ms: the name server did not answer.",
        cause=f"unknown host {host}",
    )


def connect_timed_out(timeout_ms: int, origin: Origin) -> Trouble:
    """Nobody answered the knock."""
    where = cut(str(origin), 80)
    return Trouble(
        71012,
        "timeout",
        f"{timeout_ms} 毫秒内无法连接 {where}：主机不在线，或防火墙丢弃了连接。",
        f"No connection to {where} within {timeout_ms} ms: the host is off, or a firewall drops "
        "packets.",
        cause="connect timed out",
    )


def unreachable(error: OSError, origin: Origin) -> Trouble:
    """Connecting was refused or impossible."""
    where = cut(str(origin), 80)
    if error.errno in _EXHAUSTED:
        return Trouble(
            71012,
            "connect",
            "平台自身的套接字或文件句柄用尽，与回调地址无关；请调高进程的 nofile 限制。",
            "The platform itself ran out of sockets or file handles; the callback is not to blame. "
            "Raise the process's nofile limit.",
            cause="no socket left",
        )
    if isinstance(error, ConnectionRefusedError):
        zh = "连接被拒绝：该端口没有服务在监听"
        en = "connection refused: nothing listens on that port"
    elif isinstance(error, ConnectionResetError):
        zh, en = "连接被对方重置", "the other side reset the connection"
    elif error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH):
        zh, en = "网络不可达", "no route to it"
    else:
        zh = en = cut(error.strerror or str(error), 120)
    return Trouble(
        71012,
        "connect",
        f"无法连接 {where}：{zh}。",
        f"{where} cannot be reached: {en}.",
        cause=f"connect to {where} failed: {en}",
    )


def tls_failed(error: ssl.SSLError) -> Trouble:
    """The handshake failed, the certificate most often."""
    detail = getattr(error, "verify_message", "") or error.reason or str(error)
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


def timed_out(timeout_ms: int, *, answering: bool) -> Trouble:
    """No complete answer in time."""
    if answering:
        zh, en = "已开始返回，但内容没有传完", "an answer began, but was not complete"
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


def closed(*, answering: bool) -> Trouble:
    """The connection ended before the answer did."""
    if answering:
        zh, en = "返回内容没有传完，连接就断开了", "The connection closed in mid-answer"
    else:
        zh, en = "连接被对方关闭，没有任何返回", "The connection closed without an answer"
    return Trouble(
        71012,
        "closed",
        f"{zh}。请查看接收方是否崩溃，或被中间设备切断。",
        f"{en}. See whether the receiver crashed or something in between cut it.",
        cause=en,
    )


def too_long(limit: int) -> Trouble:
    """An answer beyond ``limit`` bytes is not read on."""
    return Trouble(
        71012,
        "too_long",
        f"返回内容超过 {limit} 字节，已停止读取。正确的应答只有几百字节。",
        f"The answer is longer than {limit} bytes and was not read on. A reply takes a few hundred.",
        cause=f"the answer is longer than {limit} bytes",
    )


def garbage(said: str) -> Trouble:
    """What came is not HTTP."""
    return Trouble(
        71012,
        "http",
        f"对方的返回不是 HTTP：{cut(said, 120)}。该端口上可能是别的服务，或 https 服务被当作 http 调用。",
        f"The answer is not HTTP: {cut(said, 120)}. Another kind of service may listen there, or "
        "https is called as http.",
        cause="not an HTTP answer",
    )
