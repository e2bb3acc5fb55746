"""Why a call was not let through: what the page is told, and what the failure panel shows."""

from __future__ import annotations

from ...domain.frames import Frame
from .methods import ABSENT, NOT_GRANTED, Fail


def not_granted(frame: Frame, name: str, asked: str, url: str) -> Fail:
    """Code 7, with the cause told apart: never checked, lost with the hash, not listed (F15, F16)."""
    ios = frame.flavour == "ios"
    text = f"Jsapi Should NOT Call{_selector(name)}" if ios else f"Jsapi Should NOT Call {name}"
    faq = "F16"
    if frame.hash_lost:
        faq = "F15"
        zh = (
            f"iOS {frame.client_version} 在 # 之后变化时丢掉了授权（2.7 之前的客户端都这样）；"
            "路由变化后重新 dd.config，或升级客户端。"
        )
        en = (
            f"iOS {frame.client_version} dropped the grant when the part behind # changed, as all"
            " clients before 2.7 do; call dd.config again after a route change, or use a newer one."
        )
    elif not frame.config_done:
        text = "requestJsApis() not invoked"
        zh = (
            f"{name} 需要先通过 dd.config：这个页面还没有通过校验。把调用放进 dd.ready，"
            "并在 dd.config 之后注册 dd.ready。"
        )
        en = (
            f"{name} needs dd.config first, and this page has not passed it. Call it in dd.ready, and"
            " register dd.ready after dd.config."
        )
    else:
        zh = f"dd.config 的 jsApiList 里没有 {name}；加进去，再刷新页面。"
        en = f"{name} is not in the jsApiList of dd.config; add it and reload the page."
    return Fail(
        NOT_GRANTED,
        text,
        {
            "kind": "grant",
            "code": NOT_GRANTED,
            "sent": {"method": asked, "url": url},
            "computed": {"method": name, "granted": sorted(frame.granted)},
            "differs": [],
            "zh": zh,
            "en": en,
            "faq": faq,
        },
    )


def android_only(frame: Frame, name: str) -> Fail:
    """Code 1: only Android has NFC (F21)."""
    return _absent(
        f"{name} 只有安卓客户端支持 / {name} is for Android clients only",
        f"{name} 只有安卓客户端支持，当前是 {frame.flavour}；用安卓打开应用。",
        f"Only Android clients have {name}, this one is {frame.flavour}; open the app as Android.",
        "F21",
    )


def too_old(frame: Frame, name: str, least: str) -> Fail:
    """Code 1: the client the simulator is set to does not have it yet."""
    return _absent(
        f"{name} needs client {least}, this is {frame.client_version}",
        f"{name} 需要客户端 {least} 或更新，模拟器设的是 {frame.client_version}。",
        f"{name} needs client {least} or newer; the simulator is set to {frame.client_version}.",
        "",
    )


def _absent(message: str, zh: str, en: str, faq: str) -> Fail:
    return Fail(
        ABSENT, message, {"kind": "platform", "code": ABSENT, "zh": zh, "en": en, "faq": faq}
    )


def _selector(name: str) -> str:
    """Spell a method as the iOS client does in its message."""
    return "".join(part[:1].upper() + part[1:] for part in name.split(".")) + ":"
