"""How the app says no to a request: a 4xx with a JSON explanation, never a traceback."""

from __future__ import annotations

import msgspec

from sanfang.protocol.crypto import CallbackError

_FORBIDDEN = frozenset({900005, 900006, 900010})


class Refused(Exception):  # noqa: N818 - it is a refusal, the caller erred
    """A request that is not accepted. ``genuine``: it was signed with our token and key.

    A genuine request that fails means that settings do not fit, which somebody should look at;
    the others are what the internet sends all day.
    """

    def __init__(
        self,
        status: int,
        code: int,
        errmsg: str,
        zh: str,
        en: str,
        *,
        faq: str | None = None,
        fields: list[str] | None = None,
        genuine: bool = False,
    ) -> None:
        super().__init__(f"{code} {errmsg}: {en}")
        self.status = status
        self.code = code
        self.errmsg = errmsg
        self.zh = zh
        self.en = en
        self.faq = faq
        self.fields = fields
        self.genuine = genuine

    @classmethod
    def by_protocol(cls, error: CallbackError) -> Refused:
        """Make a refusal out of what the protocol says."""
        detail = f" ({error.detail})" if error.detail else ""
        return cls(
            403 if error.code in _FORBIDDEN else 400,
            error.code,
            error.errmsg,
            error.zh,
            error.en + detail,
            faq=error.faq,
            fields=error.fields,
        )

    def body(self) -> bytes:
        """Write the answer's body."""
        content: dict[str, object] = {
            "errcode": self.code,
            "errmsg": self.errmsg,
            "zh": self.zh,
            "en": self.en,
        }
        if self.faq:
            content["faq"] = self.faq
        if self.fields:
            content["fields"] = [field[:80] for field in self.fields[:20]]
        return msgspec.json.encode(content)


def wrong_method(method: str) -> Refused:
    """Explain that only POST brings events."""
    return Refused(
        405,
        405,
        "Method Not Allowed",
        "回调地址只接受 POST（推送）和 GET（查看状态）。",
        f"The callback address takes POST (pushes) and GET (health), not {method[:20]}.",
    )


def too_large(limit: int) -> Refused:
    """Explain the limit of the body."""
    return Refused(
        413,
        413,
        "Payload Too Large",
        f"请求体超过 {limit} 字节，不是平台的推送。",
        f"The body is over {limit} bytes; the platform pushes nothing of that size.",
    )


def not_stored() -> Refused:
    """Explain that the event could not be stored, so that the platform pushes it again."""
    return Refused(
        503,
        503,
        "Not Stored",
        "事件没能存盘，因此不应答 success，平台会重推。请看应用日志（磁盘空间、权限）。",
        "The event could not be stored, so it is not answered success and will be pushed again. "
        "See the app's log (disk space, permissions).",
    )


def no_event(zh: str, en: str) -> Refused:
    """Explain that what was decrypted is no event."""
    return Refused(400, 900001, "加密明文文本非法", zh, en, genuine=True)


def foreign_key(found: str, ours: str | None) -> Refused:
    """Explain that the message is for another key than ours (FAQ F52, pain 3)."""
    shown = found[:64] or "?"
    if ours is None:
        zh = (
            f"这条消息是给 {shown} 的，而本应用还没有 suite_key：套件创建成功后请调用 "
            "app.configure(suite_key, suite_secret)，平台随后会重推。"
        )
        en = (
            f"The message is for {shown}, and this app has no suite_key yet: after the suite was "
            "created call app.configure(suite_key, suite_secret); the platform will push again."
        )
    else:
        zh = (
            f"消息里的 key 是 {shown}，本应用的 suite_key 是 {ours}。请核对：回调地址是否填到了别的"
            "套件，或 SuiteApp(suite_key=...) 是否写错（不是 corpid、appkey 或 suite4xxx）。"
        )
        en = (
            f"The key in the message is {shown}, ours is suite_key={ours}. Check whether the "
            "callback address belongs to another suite, or SuiteApp(suite_key=...) is wrong "
            "(it is neither a corpid nor an appkey nor suite4xxx)."
        )
    return Refused(403, 900010, "计算解密文字corpid不匹配", zh, en, faq="F52", genuine=True)
