"""What every rule of the domain works with, put together once by the server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

import msgspec

from ..store.files import Files, MemoryFiles
from ..store.ports import Durable, Hot
from .calls import CallLog
from .clock import Clock


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every knob of the platform: name, default, meaning. Times are milliseconds unless said otherwise."""

    sandbox: bool = True  # loopback and private callback addresses are allowed
    ticket_interval_ms: int = 20 * 60_000  # how often each suite gets a new suite_ticket
    ticket_strict: bool = (
        False  # True: only the newest suite_ticket works, no grace for the previous one
    )
    token_ttl_s: int = 7200  # life of every token and jsapi_ticket, in seconds
    signin_code_ttl_s: int = 300  # life of one-time codes for signing in, in seconds
    refresh_token_ttl_s: int = 30 * 86_400  # life of a user's refreshToken, in seconds
    signin_profile: Literal["modern", "isv2016"] = (
        "modern"  # isv2016: /user/getuserinfo says 40029 and has the sys_level of 2016
    )
    jsapi_ticket_mode: Literal["keep", "rotate"] = (
        "keep"  # keep: same ticket while valid; rotate: new kills old
    )
    rate_profile: Literal["isv2016", "modern", "off"] = "isv2016"
    rate_corp_api: int = 1500  # R1, calls a minute
    rate_isv_api: int = 2000  # R2
    rate_isv_corp_api: int = 1500  # R3
    rate_suite_corp_api: int = 1000  # R4
    rate_app_api_second: int = 20  # modern: calls a second of an API by an app (in a corp)
    rate_ip_20s: int = 10_000  # modern: calls in 20 seconds from one address, of all APIs
    rate_ip_ban_ms: int = 300_000  # modern: how long an address that sent more is banned
    rate_corp_month: int = 0  # modern: calls a month by a corp's own apps; 0: any number
    message_profile: Literal["isv2016", "modern", "off"] = (
        "isv2016"  # isv2016: 41028, 41029; modern: also 41045-41048; off: none
    )
    message_receivers_own: int = 5000  # 41029, receivers of one call of an own app
    message_receivers_isv: int = 1000  # ... of an ISV
    message_all_staff_daily: int = 3  # 41045, messages of an app to everybody
    message_all_staff_minute: int = 3  # 41046
    message_minute_own: int = 1500  # 41047, receivers a minute of an own app
    message_minute_isv: int = 200  # ... of an ISV in one corp
    message_minute_corp: int = 5000  # 41048, of all apps in one corp (number not published)
    robot_minute: int = 20  # 410100, messages a minute of one webhook robot; 0: any number
    department_members: int = (
        1000  # 40023, members of a department (through the API); 0: any number
    )
    plain_corp_members: int = 0  # 40020, members of a non-certified corp (number not published)
    office_profile: Literal["modern", "isv2016"] = (
        "modern"  # isv2016: no announcements (F63), no approvals or check-ins for ISVs (F64)
    )
    media_image_bytes: int = 1 << 20  # 40006, largest image (2016)
    media_voice_bytes: int = 2 << 20  # ... voice, which also lasts at most a minute (45007)
    media_video_bytes: int = 10 << 20  # ... video (number not published)
    media_file_bytes: int = 10 << 20  # ... file
    drive_upload_bytes: int = 1 << 30  # largest file that is sent to a signed address
    drive_space_bytes: int = 10 << 30  # quota of a space that asks for none
    signed_url_ttl_s: int = 900  # life of the addresses for upload and download, in seconds
    strict_content_type: bool = False  # True: 43004 for a POST that is not application/json
    synthetic_answers: bool = True  # False: an API without behaviour of its own is refused
    strict_2016_reply: bool = (
        False  # True: a push reply must spell timeStamp and echo Random for URL checks
    )
    permissions: Literal["off", "enforce"] = "off"  # enforce: 60011 without the permission point
    call_log: bool = True  # one row per call of the open API, see domain/calls.py
    call_log_keep: int = 100_000  # calls remembered, the newest
    require_https: bool = False  # True: 43003 for plain http
    console_domain: str = "sanfang.localhost"  # the workbench is wb.<this>, see console/names.py
    trusted_proxy_header: str = ""  # header that carries the caller's address; empty: the socket's
    push_timeout_ms: int = 5_000  # how long an ISV may take to answer a push
    push_limit: int = 100  # failed pushes of one event before it stops until re-push
    push_retry_first_ms: int = 1_000  # wait after the first failure; doubles
    push_retry_most_ms: int = 60_000  # ... up to this
    call_back_retries: Literal["modern", "isv2016"] = (
        "modern"  # failed corp events: modern 10 s, then 30 s; isv2016 like a suite's; then the list
    )
    call_back_most_tags: int = 1000  # 71010, tags in one registration; 20 in 2017
    corp_apps_most: int = 500  # own apps of a corp that the API makes; 33013 beyond
    push_lease_ms: int = (
        15_000  # a dispatcher that dies frees its pushes after this; longer than the timeout
    )
    push_parallel: int = 32  # pushes in flight to one suite
    push_reply_bytes: int = 65_536  # an answer longer than this is refused


class ProbeResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came of asking a callback URL to prove itself."""

    ok: bool
    code: int = 0  # 71009, 71011, 71012, 71013 when not ok; 900004 for a bad aes_key
    errmsg: str = ""  # DingTalk's text with the cause in it; empty: the usual text of the code
    zh: str = ""
    en: str = ""
    faq: str | None = None
    expected: str = ""
    received: str = ""  # the raw reply, cut to 500 characters
    decrypted: str = ""
    fields: list[str] = []  # field names found in the reply
    status: int = 0


class Probe(Protocol):
    async def __call__(
        self,
        url: str,
        *,
        token: str,
        aes_key: str,
        key_id: str,
        plain: bytes,
        accept: tuple[str, ...],
    ) -> ProbeResult:
        """Push ``plain`` (JSON), encrypted for ``key_id``, to ``url`` once.

        The result is ok when the reply decrypts to one of ``accept``.
        """


@dataclass(slots=True)
class Core:
    """The domain's surroundings."""

    durable: Durable
    hot: Hot
    clock: Clock
    settings: Settings
    probe: Probe
    files: Files = field(default_factory=MemoryFiles)
    calls: CallLog = field(init=False)

    def __post_init__(self) -> None:
        self.calls = CallLog(self.durable, keep=self.settings.call_log_keep)
