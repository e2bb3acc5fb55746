"""The doors of an app: pages get their signature here, and people their names.

`Doors` is what a suite's app and a corp's own app have in common. It asks them only for a corp
and for a client, and keeps nothing itself but the client of the admin backend.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode, urlsplit

import msgspec

from sanfang.client import (
    AppKey,
    AsyncClient,
    BadAnswer,
    BadCall,
    CallRefused,
    Forbidden,
    OAuthApp,
    SsoSecret,
    Suite,
)

from . import people
from .authorised import AuthorisedCorp
from .origins import Origins
from .people import Administrator, CodeNotValid, Person, Visitor
from .records import CorpState
from .renewals import Renewals

if TYPE_CHECKING:
    from .pages import Pages

Form = Literal["auto", "v2", "2016"]
Digest = Literal["sha256", "sha1"]

LOGIN_URL = "https://login.dingtalk.com"
_LONGEST_CODE = 1024


class UnknownCorp(LookupError):  # noqa: N818
    """This corp has never authorised the suite, or does no longer."""


class NoSuchAgent(BadCall):
    """The agentid is not that of a micro-app of ours in this corp. ``known`` are those that are."""

    def __init__(self, zh: str, en: str, known: list[int]) -> None:
        self.known = known
        super().__init__(f"{zh} / {en}")


class Doors:
    """What `SuiteApp` and `CorpApp` offer to pages. Use it through them."""

    def _set_doors(
        self,
        origins: Iterable[str],
        sso: SsoSecret | None,
        login_url: str | None,
    ) -> None:
        self._origins = Origins(origins)
        self._sso = sso
        self._login_url = login_url
        self._sso_client: AsyncClient | None = None
        self._renewals = Renewals(time.monotonic)

    async def _close_doors(self) -> None:
        client, self._sso_client = self._sso_client, None
        if client is not None:
            await client.close()

    def corp(self, corp_id: str) -> AuthorisedCorp:
        """Return a corp."""
        raise NotImplementedError

    def client(self) -> AsyncClient:
        """Return the app's client."""
        raise NotImplementedError

    async def begin(self) -> None:
        """Start the app if nobody did."""
        raise NotImplementedError

    def _extra_client(self, credentials: SsoSecret) -> AsyncClient:
        raise NotImplementedError

    # Pages

    async def jsapi_config(
        self,
        url: str,
        *,
        corp_id: str,
        js_api_list: Iterable[str] | None = None,
        agent_id: int | str | None = None,
        app_id: int | None = None,
        type: int | None = None,  # noqa: A002 - the field's name
        digest: Digest = "sha256",
    ) -> dict[str, Any]:
        """Return exactly what ``dd.config`` takes, for the page at ``url`` (its ``location.href``).

        The ticket is the shared one that the client keeps: fetched once, however many pages ask.
        The hash is taken off. ``agent_id`` is found by the corp's authorisation; a suite of several
        micro-apps says which by ``app_id`` (the same in every corp) or ``agent_id``.

        Raises `BadCall` for what cannot work (an address that is relative, still has ``$CORPID$``
        in it, or, as `ForeignPage`, is at none of ``origins``; as `NoSuchAgent` an agentid that
        is not ours in that corp), `UnknownCorp`, and what the client raises.
        """
        if isinstance(url, str):
            self._origins.check(url)
        corp = self.live_corp(corp_id)
        agent = _agent_of(corp, agent_id, app_id)
        return await corp.client().jsapi_signature(
            url,
            agent_id=agent,
            corp_id=corp.corp_id,
            js_api_list=js_api_list,
            type=type,
            digest=digest,
        )

    async def jsapi_failed(self, url: str, config: Mapping[str, Any], *, corp_id: str) -> bool:
        """Take a page's word that ``config``, made for ``url``, was refused with 52013.

        When it was signed with the ticket that is held, another program has killed that (FAQ F14):
        it is fetched anew, once in five minutes and corp. Tells whether signing again is worth it.
        Raises as `jsapi_config`.
        """
        if isinstance(url, str):
            self._origins.check(url)
        corp = self.live_corp(corp_id)
        return await self._renewals.again(corp.client(), corp.corp_id, url, config)

    # People

    async def login(self, code: str, corp_id: str, *, form: Form = "auto") -> Person:
        """Exchange the code of ``requestAuthCode`` (免登) for the member who opened the page.

        ``form`` is the API: ``v2`` also tells the unionid, ``2016`` is the old one; ``auto`` takes
        v2, and the old one where the app may not call that or the platform does not have it.
        Raises `CodeNotValid` for a code that is used, unknown or older than five minutes,
        `UnknownCorp`, and what the client raises.
        """
        client = self.live_corp(corp_id).client()
        _check_code(code)
        with _explaining():
            if form == "2016":
                return await _by_2016(client, code, corp_id)
            try:
                answer = await client.call("topapi/v2/user/getuserinfo", code=code)
            except (Forbidden, BadAnswer) as error:
                # Refused before the code was looked at, so it is still good for the old API.
                missing = isinstance(error, Forbidden) or error.status in (404, 405)
                if form == "v2" or not missing:
                    raise
                return await _by_2016(client, code, corp_id)
            return people.by_v2(answer, corp_id)

    async def admin_login(self, code: str) -> Administrator:
        """Exchange the ``code`` with which the admin console opened the app's admin page.

        Needs ``sso=SsoSecret(corp_id, sso_secret)``; of an ISV its own corp's, for all customers.
        Raises `CodeNotValid`, and what the client raises.
        """
        _check_code(code)
        if self._sso is None:
            raise BadCall(
                "后台登录需要 SSOSecret：创建应用时给 sso=SsoSecret(corp_id, sso_secret)，ISV 用自己企业的"
                " / signing in administrators takes an SSOSecret: make the app with"
                " sso=SsoSecret(corp_id, sso_secret), an ISV that of its own corp"
            )
        if self._sso_client is None:
            self._sso_client = self._extra_client(self._sso)
        with _explaining():
            return people.by_sso(await self._sso_client.call("sso/getuserinfo", code=code))

    def sign_in_url(self, redirect_uri: str, state: str, *, corp_id: str = "") -> str:
        """Return where to send a browser for signing in on the web (OAuth2, openid and corpid).

        ``redirect_uri`` must be at a host registered for the app; the code arrives there as
        ``authCode``, for `web_login`, beside the ``state``: check that it is the one you gave.
        """
        if not state:
            raise BadCall(
                "state 不能为空，它防止伪造登录 / a state keeps sign-ins from being forged"
            )
        asked = {
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "client_id": _client_id(self.client()),
            "scope": "openid corpid",
            "state": state,
            "prompt": "consent",
        }
        if corp_id:
            asked["corpId"] = corp_id
        return f"{self._login_base()}/oauth2/auth?{urlencode(asked)}"

    async def web_login(self, code: str) -> Visitor:
        """Exchange the ``authCode`` of a web sign-in: for a user's token, and that for the person.

        The token is dropped again. Raises `CodeNotValid`, and what the client raises.
        """
        _check_code(code)
        with _explaining():
            signed_in = await self.client().sign_in(code)
            try:
                me = await signed_in.call("/v1.0/contact/users/me")
            finally:
                await signed_in.sign_out()
        identity = signed_in.identity
        corp_id = getattr(identity, "corp_id", "")
        visitor = people.by_web(me, corp_id)
        try:
            corp = self.live_corp(corp_id)
        except (UnknownCorp, BadCall):
            return visitor  # of a corp we do not serve: known by unionid alone
        return people.by_web(me, corp_id, await _userid(corp, visitor.unionid))

    def pages(self, **options: Any) -> Pages:
        """Return ready endpoints to mount: signature, 免登, web sign-in, session; see `Pages`."""
        from .pages import Pages

        options.setdefault("origins", self._origins.all)
        return Pages(self, **options)

    def live_corp(self, corp_id: str) -> AuthorisedCorp:
        """Return a corp that can be called now. Raises `UnknownCorp`."""
        if not isinstance(corp_id, str) or not corp_id:
            raise BadCall(
                "没有 corp_id：主页地址里写上 corpid=$CORPID$，页面把它带来（FAQ F1）"
                " / there is no corp_id: put corpid=$CORPID$ into the address of the home page, "
                "and let the page hand it on (FAQ F1)"
            )
        if "$" in corp_id:
            raise BadCall(
                "corp_id 还是 $CORPID$：页面不是从工作台打开的，没有换成企业的 corpid（FAQ F1）"
                " / corp_id still is $CORPID$: the page was not opened from the workbench (FAQ F1)"
            )
        corp = self.corp(corp_id)
        if corp.state is CorpState.RELIEVED:
            raise UnknownCorp(
                f"企业 {corp_id[:64]} 已解除授权 / corp {corp_id[:64]} has ended its authorisation"
            )
        return corp

    def session_secret(self) -> bytes:
        """Return what session cookies are signed with unless `pages` is given another secret."""
        raise NotImplementedError

    def _login_base(self) -> str:
        if self._login_url:
            return self._login_url.rstrip("/")
        base = self._base_url()
        return LOGIN_URL if not base or _is_dingtalk(base) else base.rstrip("/")

    def _base_url(self) -> str | None:
        return os.environ.get("SANFANG_OAPI_URL") or None


def _is_dingtalk(base: str) -> bool:
    return (urlsplit(base).hostname or "").endswith(".dingtalk.com")


def _check_code(code: object) -> None:
    if not isinstance(code, str) or not code.strip() or len(code) > _LONGEST_CODE:
        raise BadCall(
            "code 应为页面取得的免登码文本 / code is the text that the page was given"
            " (requestAuthCode, or the query of the address)"
        )


@contextlib.contextmanager
def _explaining() -> Iterator[None]:
    """Say of a refused code what the rules for codes are."""
    try:
        yield
    except CallRefused as refusal:
        if refusal.code not in people.BAD_CODES:
            raise
        raise CodeNotValid.of(refusal) from refusal


async def _by_2016(client: AsyncClient, code: str, corp_id: str) -> Person:
    person = people.by_2016(await client.call("user/getuserinfo", code=code), corp_id)
    try:
        more = await client.call("user/get", userid=person.userid)
    except CallRefused:
        return person  # contacts are another permission; who it is, is known
    name, unionid = more.get("name"), more.get("unionid")
    return msgspec.structs.replace(
        person,
        name=name if isinstance(name, str) and name else person.name,
        unionid=unionid if isinstance(unionid, str) else "",
    )


async def _userid(corp: AuthorisedCorp, unionid: str) -> str:
    try:
        answer = await corp.call("user/getUseridByUnionid", unionid=unionid)
    except CallRefused:
        return ""  # not a member the app may see
    found = answer.get("userid")
    return found if isinstance(found, str) else ""


def _client_id(client: AsyncClient) -> str:
    identity = client.identity
    if isinstance(identity, (Suite, AppKey, OAuthApp)):
        return identity[0]
    raise BadCall(
        "网页登录需要 AppKey 或 suite_key，CorpSecret 不行"
        " / signing in on the web takes an AppKey or a suite; a CorpSecret has no client_id"
    )


def _agent_of(corp: AuthorisedCorp, agent_id: int | str | None, app_id: int | None) -> int | str:
    """Choose the agentid of this corp. Raises `NoSuchAgent` (FAQ F10)."""
    agents = corp.agents
    if app_id is not None:
        agents = [agent for agent in agents if agent.app_id == app_id]
    known = [agent.agent_id for agent in agents]
    if agent_id is not None:
        if str(agent_id) in {str(one) for one in known}:
            return agent_id
        raise NoSuchAgent(
            f"agentid {agent_id!r:.40} 不是本应用在企业 {corp.corp_id} 的：应为 {known}，"
            "它在每家企业都不同（FAQ F10）",
            f"agentid {agent_id!r:.40} is not this app's in corp {corp.corp_id}, which has {known};"
            " it differs from corp to corp (FAQ F10)",
            known,
        )
    if len(known) == 1:
        return known[0]
    if known:
        raise NoSuchAgent(
            f"企业 {corp.corp_id} 有本套件的多个微应用 {known}：请用 app_id 或 agent_id 说明是哪一个",
            f"corp {corp.corp_id} has several micro-apps of this suite, {known}: say which by app_id"
            " or agent_id",
            known,
        )
    raise NoSuchAgent(
        f"还不知道企业 {corp.corp_id} 里本应用的 agentid：授权还没有处理完，见 app.health()",
        f"no agentid of this app in corp {corp.corp_id} is known: the authorisation is not handled"
        " yet, see app.health()",
        known,
    )
