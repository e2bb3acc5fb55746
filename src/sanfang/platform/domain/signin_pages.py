"""The addresses a browser is sent to for signing in: each is checked, then sends the person back.

    /connect/oauth2/authorize                    inside the client, an app of the person's corp
    /connect/oauth2/sns_authorize, qrconnect     any web site's open app
    /oauth2/auth                                 the newer page (login.dingtalk.com)
    /omp/api/micro_app/admin/landing             admin backends (oa.dingtalk.com)

``examine`` takes the raw query, since whether ``redirect_uri`` was URL-encoded is seen there only, and
refuses whatever can be refused before anybody has signed in. ``admit`` then lets one person through
and returns where the browser goes. No I/O but the stores': pages and command line do the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal
from urllib.parse import parse_qsl, unquote

import msgspec

from ..store.queries import corps as corp_rows
from ..store.queries import suites as suite_rows
from . import signin, signin_apps, signin_codes, signin_people
from . import signin_redirects as redirects
from .core import Core
from .corps import get_corp
from .micro_apps import ShownApp, list_apps
from .refusals import Refusal
from .signin_apps import SigninApp
from .signin_codes import Issued
from .signin_people import Person

PageName = Literal["corp", "sns", "qr", "oauth", "admin"]
PAGES: dict[str, PageName] = {
    "/connect/oauth2/authorize": "corp",
    "/connect/oauth2/sns_authorize": "sns",
    "/connect/qrconnect": "qr",
    "/oauth2/auth": "oauth",
    "/omp/api/micro_app/admin/landing": "admin",
}
LONGEST = 8192  # characters of a query
_OLD_STATE = re.compile(r"[A-Za-z0-9]{0,128}")
_LONGEST_STATE = 2048


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A page that was asked for rightly. ``client`` is its app, or the corp for ``corp``, ``admin``."""

    page: PageName
    client: str
    name: str  # of the app or corp, to show
    redirect_uri: str
    state: str = ""
    scope: str = ""
    login_tmp_code: str = ""
    corp_id: str = ""  # the person must sign in as a member of this corp; empty: any
    admins_only: bool = False


async def examine(core: Core, path: str, query: str, *, embedded: bool = False) -> Request:
    """Check what a page is asked with; refuse 404 for a path that is none, 50001, 40035, 33001 ...

    ``query`` is the raw text after ``?``. ``embedded``: it is the ``goto`` of an embedded QR code,
    inside which the address to return to need not be encoded by itself. Refusals of an address to
    return to have the cause in their explanation and the text people know in ``facts["page"]``.
    """
    page = PAGES.get(path)
    if page is None:
        raise Refusal(
            404,
            f"{path[:100]} 不是登录页面；登录页面有 {'、'.join(PAGES)}。",
            f"{path[:100]} is no page for signing in; those are {', '.join(PAGES)}.",
        )
    if len(query) > LONGEST:
        raise _bad(
            "query", f"查询串超过 {LONGEST} 个字符", f"the query is over {LONGEST} characters"
        )
    fields = _read(query)
    if page == "admin":
        return await _examine_admin(core, fields, query)
    _check_fixed(page, fields)
    if page not in ("sns", "qr") or not (embedded or fields.get("loginTmpCode")):
        redirects.check_encoded(query)  # inside the embedded QR code it is encoded with the whole
    redirect_uri = _need(fields, "redirect_uri")
    if page == "corp":
        return await _examine_corp(core, fields, redirect_uri)
    field = "client_id" if page == "oauth" else "appid"
    app = await signin_apps.get(core, _need(fields, field), field)
    hosts = await signin_apps.hosts_of(core, app.key)
    redirects.check(
        redirect_uri, hosts, sandbox=core.settings.sandbox, owner=f"{app.name}（{app.key}）"
    )
    oauth = page == "oauth"
    return Request(
        page=page,
        client=app.key,
        name=app.name,
        redirect_uri=redirect_uri,
        state=fields.get("state", ""),
        scope=signin.read_scope(_need(fields, "scope")) if oauth else "snsapi_login",
        login_tmp_code=fields.get("loginTmpCode", ""),
        corp_id=_wanted_corp(fields) if oauth else "",
        admins_only=oauth and fields.get("org_type") == "management",
    )


async def admit(core: Core, request: Request, corp_id: str, userid: str) -> str:
    """Let a person through: return the address to send the browser to, with the code in it.

    Refuses 33001, 60111; 50002, 50003 when the app is not for this member; 51005 for who is no
    administrator; 50001 when the page is not an app's of the member's corp.
    """
    who = await signin_people.person(core, corp_id, userid)
    if request.page == "corp":
        issued = await _admit_corp(core, request, who)
    elif request.page == "admin":
        issued = await _admit_admin(core, request, who)
    else:
        issued = await _admit_anybody(core, request, who)
    return _back(request, issued)


async def check(core: Core, request: Request, corp_id: str, userid: str) -> None:
    """Refuse whatever `admit` would refuse of a person on a web site's page, before asking him."""
    await _check_anybody(core, request, await signin_people.person(core, corp_id, userid))


async def admit_scanned(core: Core, request: Request, *, used_in: str) -> str:
    """Let through whoever scanned the embedded QR code (``loginTmpCode``, good once).

    Refuses 40078.
    """
    found = await signin_codes.redeem(
        core,
        request.login_tmp_code,
        "scan",
        refuse=signin.BAD_CODE,
        used_in=used_in,
        misfit=lambda made: (
            None
            if made.key == request.client
            else (
                f"二维码属于登录应用 {made.key}，不是 {request.client}。",
                f"The QR code was of the app {made.key}, not of {request.client}.",
            )
        ),
    )
    return await admit(core, request, found.corp_id, found.userid)


def deny(request: Request) -> str:
    """Return where the browser goes when the person says no: ``error`` in place of a code.

    The documents list no values; ``access_denied`` is OAuth2's own.
    """
    return redirects.with_params(
        request.redirect_uri, {"error": "access_denied", "state": request.state}
    )


async def request_auth_code(
    core: Core, corp_id: str, userid: str, *, asked: str, page_url: str, agent_id: int | None = None
) -> Issued:
    """``dd.runtime.permission.requestAuthCode({corpId: asked})`` on a page of a member's client.

    The page has to be on the host of a micro-app's home page in that corp; of several the one in
    ``agent_id`` counts, else the first that the member sees. Refuses as the client does, its code and
    text in ``facts["client_code"]`` and ``facts["client_text"]``: 40013 (corpId is not the member's),
    50001 (F4), 50002, 50003.
    """
    if asked != corp_id:
        raise Refusal(
            40013,
            f"页面请求的 corpId {asked[:80]!r} 不是当前成员所在的企业；主页地址里写 $CORPID$，"
            "由客户端换成成员的企业。",
            f"The corpId {asked[:80]!r} is not the member's corp; write $CORPID$ in the home page's"
            " address and the client fills it in.",
            faq="F1",
            facts={"client_code": 3, "client_text": "1002,corpId不合法"},
        )
    who = await signin_people.person(core, corp_id, userid)
    host = redirects.host_of(page_url)
    apps = [
        app
        for app in await list_apps(core, corp_id)
        if agent_id in (None, app.agent_id) and redirects.is_on(page_url, _pages(app))
    ]
    if not apps:
        raise Refusal(
            50001,
            f"企业 {corp_id} 没有主页在域名 {host} 的微应用；在管理后台把主页设到这个域名，"
            "它就是安全域名。页面若先跳转到别的域名，也是这个错误。",
            f"No micro-app of corp {corp_id} has its home page on {host}; set one there and the host"
            " is trusted. A home page that redirects to another host ends here too.",
            errmsg=redirects.NOT_SECURE,
            faq="F4",
            facts={
                "host": str(host),
                "client_code": 3,
                "client_text": redirects.NOT_SECURE,
                "client_text_2026": f"对应企业没有{host}域名微应用",
            },
        )
    shown = await signin_people.openable(core, who, apps)
    return await signin.issue(core, "login", who, shown.owner_key)


async def _examine_corp(core: Core, fields: dict[str, str], redirect_uri: str) -> Request:
    corp = await get_corp(core, _need(fields, "appid"))
    if corp.dissolved_at is not None:
        raise Refusal(50005, f"企业 {corp.corp_id} 已解散。", f"Corp {corp.corp_id} has ended.")
    homes = [home for app in await list_apps(core, corp.corp_id) for home in _pages(app)]
    hosts = sorted({str(redirects.registered(home)) for home in homes if home})
    redirects.check(
        redirect_uri, hosts, sandbox=core.settings.sandbox, owner=f"企业 / corp {corp.corp_id}"
    )
    state = fields.get("state", "")
    if not _OLD_STATE.fullmatch(state):
        raise _bad(
            "state", "只能有字母和数字，最多 128 个", "it has letters and digits, at most 128"
        )
    return Request(
        page="corp",
        client=corp.corp_id,
        name=corp.name,
        redirect_uri=redirect_uri,
        state=state,
        scope="snsapi_base",
        corp_id=corp.corp_id,
    )


async def _admit_corp(core: Core, request: Request, who: Person) -> Issued:
    _check_corp(request, who)
    apps = [
        app
        for app in await list_apps(core, who.corp.corp_id)
        if redirects.is_on(request.redirect_uri, _pages(app))
    ]
    if not apps:
        host = redirects.host_of(request.redirect_uri)
        raise Refusal(
            50001,
            f"企业已没有主页在 {host} 的微应用。",
            f"The corp has no micro-app on {host} any more.",
            faq="F2",
            facts={"page": redirects.NO_PERMISSION},
        )
    shown = await signin_people.openable(core, who, apps)
    return await signin.issue(core, "login", who, shown.owner_key)


async def _admit_anybody(core: Core, request: Request, who: Person) -> Issued:
    app = await _check_anybody(core, request, who)
    if request.page == "oauth":
        return await signin.issue(core, "oauth", who, app.key, scope=request.scope)
    return await signin.issue(core, "sns", who, app.key)


async def _check_anybody(core: Core, request: Request, who: Person) -> SigninApp:
    _check_corp(request, who)
    app = await signin_apps.get(core, request.client)
    if request.admins_only and not who.member.is_admin:
        raise Refusal(
            51005,
            f"org_type=management 只让管理员登录，{who.member.userid!r} 不是。",
            f"org_type=management is for administrators, {who.member.userid!r} is none.",
        )
    await signin_people.check_may_enter(core, who, app)
    return app


async def _examine_admin(core: Core, fields: dict[str, str], query: str) -> Request:
    corp_id = _need(fields, "corpid")
    row = await core.durable.one(corp_rows.BY_ID, corp_id)
    if row is None or row[5] is not None:
        raise Refusal(
            51001,
            f"没有企业 {corp_id[:80]!r}；corpid 填开发者自己企业的。",
            f"There is no corp {corp_id[:80]!r}; corpid is that of the developer.",
        )
    target = _need(fields, "redirect_url")
    _numbered(lambda: redirects.check_encoded(query), 51008)
    _numbered(lambda: redirects.host_of(target), 51009)
    if not await _admin_apps(core, corp_id, target):
        host = redirects.host_of(target)
        raise Refusal(
            51000,
            f"企业 {corp_id} 及其套件没有登记过域名 {host}；"
            f"设置后台主页，或运行 sanfang signin set-hosts APP --host {host}。",
            f"Neither corp {corp_id} nor its suites have registered {host}; set the admin page, or"
            f" run sanfang signin set-hosts APP --host {host}.",
            facts={"host": str(host)},
        )
    name = str(row[1])
    return Request(page="admin", client=corp_id, name=name, redirect_uri=target)


async def _admit_admin(core: Core, request: Request, who: Person) -> Issued:
    """Take the first app whose admin page this may be and that the administrator's corp has."""
    refused: Refusal | None = None
    for app in await _admin_apps(core, request.client, request.redirect_uri):
        if app.kind == "own" and app.corp_id == who.corp.corp_id:
            return await signin.admin_code_of(core, who, app)
        if app.kind == "suite" and await signin.has_authorised(core, app.key, who.corp.corp_id):
            return await signin.admin_code_of(core, who, app)
        refused = Refusal(
            51004,
            f"企业 {who.corp.corp_id} 没有应用 {app.name}（{app.key}）；套件须先授权。",
            f"Corp {who.corp.corp_id} does not have {app.name} ({app.key}); a suite must be"
            " authorised first.",
        )
    assert refused is not None  # examined
    raise refused


async def _admin_apps(core: Core, corp_id: str, target: str) -> list[SigninApp]:
    """Return the own apps and suites of a developer's corp that have registered a page's host."""
    if redirects.host_of(target).is_loopback and not core.settings.sandbox:
        return []
    own = {app.owner_key: _pages(app) for app in await list_apps(core, corp_id, only_own=True)}
    found = []
    for key in (*own, *await _suites_of(core, corp_id)):
        pages = own[key] if key in own else await _suite_pages(core, key)
        if redirects.is_on(target, [*pages, *await signin_apps.hosts_of(core, key)]):
            found.append(await signin_apps.get(core, key))
    return found


async def _suites_of(core: Core, corp_id: str) -> list[str]:
    return [row[0] for row in await core.durable.all(suite_rows.KEYS_OF_CORP, corp_id)]


async def _suite_pages(core: Core, suite_key: str) -> list[str]:
    rows = await core.durable.all(suite_rows.APPS_OF, suite_key)
    return [page for row in rows for page in (row[5], row[6]) if page]


def _check_corp(request: Request, who: Person) -> None:
    if request.corp_id and request.corp_id != who.corp.corp_id:
        raise Refusal(
            50002,
            f"此页面只给企业 {request.corp_id} 的成员，当前登录的是企业 {who.corp.corp_id} 的。",
            f"This page is for members of corp {request.corp_id}; the person is of"
            f" {who.corp.corp_id}.",
            faq="F2",
            facts={"page": redirects.NO_PERMISSION},
        )


def _check_fixed(page: PageName, fields: dict[str, str]) -> None:
    kind = _need(fields, "response_type")
    if kind != "code":
        raise _bad("response_type", "应为 code", "it is code")
    wanted = {"corp": ("snsapi_base",), "sns": _SNS, "qr": _SNS}.get(page)
    if wanted is not None and _need(fields, "scope") not in wanted:
        raise _bad("scope", f"应为 {wanted[0]}", f"it is {wanted[0]}")
    if len(fields.get("state", "")) > _LONGEST_STATE:
        raise _bad("state", "太长", "it is too long")
    if page == "oauth" and fields.get("prompt", "consent") != "consent":
        raise _bad("prompt", "应为 consent", "it is consent")


_SNS = ("snsapi_login", "snsapi_auth")


def _wanted_corp(fields: dict[str, str]) -> str:
    exclusive = fields.get("exclusiveLogin", "").lower() == "true"
    return fields.get("exclusiveCorpId" if exclusive else "corpId") or fields.get("corpId", "")


def _back(request: Request, issued: Issued) -> str:
    code = issued.code
    params = {"code": code, "state": request.state}
    if request.page == "oauth":  # both names, the same value
        params = {"authCode": code, **params}
    return redirects.with_params(request.redirect_uri, params)


def _numbered(check: Callable[[], object], code: int) -> None:
    """Say what a check refuses with the number the landing page has for it."""
    try:
        check()
    except Refusal as refusal:
        raise Refusal(code, refusal.zh, refusal.en, faq=refusal.faq) from refusal


def _pages(app: ShownApp) -> tuple[str, ...]:
    return app.home_url, app.pc_home_url, app.oa_url


def _read(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError as error:
        raise _bad(
            "query", "查询串不是 UTF-8，或参数过多", "it is not UTF-8, or too much"
        ) from error
    fields: dict[str, str] = {}
    for name, value in pairs:
        if "\0" in value:
            raise _bad(name[:40], "含有 NUL 字符", "it holds a NUL character")
        if fields.setdefault(name, value) != value:
            raise _bad(name[:40], "出现了两次，值不同", "it is given twice, with two values")
    return fields


def _need(fields: dict[str, str], name: str) -> str:
    value = fields.get(name, "")
    if not value:
        raise _bad(name, "缺少", "it is missing")
    return value


def _bad(field: str, zh: str, en: str) -> Refusal:
    shown = unquote(field)[:40]
    return Refusal(
        40035, f"参数 {shown}：{zh}。", f"The parameter {shown}: {en}.", facts={"field": shown}
    )
