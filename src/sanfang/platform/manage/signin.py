"""Signing in without a browser, and what has to be registered for it."""

from __future__ import annotations

from urllib.parse import urlsplit

from ..domain import desk_links, signin_apps, signin_pages
from ..domain import signin as codes
from ..domain.core import Core
from ..domain.refusals import Refusal
from ..domain.signin_apps import OpenApp
from ..domain.signin_codes import Issued
from . import forms, signin_forms
from .views import (
    Hosts,
    OpenAppView,
    Page,
    SigninCode,
    SigninTarget,
    SsoSecretView,
    WorkbenchLink,
)

_EXCHANGES = {
    "login": "GET /user/getuserinfo?access_token=TOKEN&code=",
    "operate": "POST /message/sendByCode?access_token=TOKEN code=",
    "admin": "GET /sso/getuserinfo?access_token=SSO_TOKEN&code=",
    "sns": "POST /sns/get_persistent_code?access_token=TOKEN tmp_auth_code=",
    "oauth": "POST /v1.0/oauth2/userAccessToken code=",
    "scan": "GET /connect/oauth2/sns_authorize?...&loginTmpCode=",
}


async def code(core: Core, form: signin_forms.CodeMake) -> SigninCode:
    """Make a code as if the member had opened the app, all of its checks included."""
    made = await _made(core, form)
    passed = made.made_for
    return SigninCode(
        code=made.code,
        kind=passed.kind,
        app=passed.key,
        corp_id=passed.corp_id,
        userid=passed.userid,
        expires_at=made.expires_at,
        exchange=_EXCHANGES[passed.kind] + made.code,
    )


async def open_(core: Core, form: signin_forms.PageOpen) -> SigninTarget:
    """Open a sign-in page as a member would, and say yes; answer where the browser is sent."""
    try:
        parts = urlsplit(form.address)
    except ValueError as error:
        raise Refusal(
            40035,
            "address 不是合法的地址。",
            "The address cannot be read.",
            facts={"field": "address"},
        ) from error
    request = await signin_pages.examine(core, parts.path, parts.query)
    if request.login_tmp_code:
        return SigninTarget(
            await signin_pages.admit_scanned(core, request, used_in=parts.path), request.page
        )
    target = await signin_pages.admit(core, request, form.corp_id, form.userid)
    return SigninTarget(target, request.page)


async def workbench_link(core: Core, form: signin_forms.WorkbenchLinkMake) -> WorkbenchLink:
    """Make a one-time way into the workbench for a member."""
    made = await desk_links.make(core, form.corp_id, form.userid)
    path = f"/sanfang/workbench#/link/{made.secret}"
    return WorkbenchLink(form.corp_id, form.userid, path, made.expires_at)


async def hosts(core: Core, form: signin_forms.OfKey) -> Hosts:
    await signin_apps.get(core, form.key, "key")
    return Hosts(form.key, await signin_apps.hosts_of(core, form.key))


async def set_hosts(core: Core, form: signin_forms.HostsSet) -> Hosts:
    return Hosts(form.key, await signin_apps.set_hosts(core, form.key, form.hosts))


async def sso_secret(core: Core, form: signin_forms.SsoSecret) -> SsoSecretView:
    secret = await signin_apps.sso_secret(core, form.corp_id, renew=form.renew)
    return SsoSecretView(form.corp_id, secret)


async def create_open_app(core: Core, form: signin_forms.OpenAppCreate) -> OpenAppView:
    made = await signin_apps.create_open_app(core, form.name, form.hosts)
    return await _view(core, made, secret=True)


async def list_open_apps(core: Core, form: forms.Listing) -> Page[OpenAppView]:
    found = await signin_apps.list_open_apps(core, limit=form.limit, after=form.cursor)
    items = [await _view(core, app) for app in found]
    return Page(items, found[-1].app_id if len(found) == form.limit else "")


async def _made(core: Core, form: signin_forms.CodeMake) -> Issued:
    who = (core, form.corp_id, form.userid, form.app)
    if form.kind == "login":
        return await codes.login_code(*who)
    if form.kind == "operate":
        return await codes.operate_code(*who)
    if form.kind == "admin":
        return await codes.admin_code(*who)
    if form.kind == "oauth":
        return await codes.oauth_code(*who, form.scope)
    return await (codes.sns_code if form.kind == "sns" else codes.scan_code)(*who)


async def _view(core: Core, app: OpenApp, *, secret: bool = False) -> OpenAppView:
    return OpenAppView(
        app.app_id,
        app.name,
        await signin_apps.hosts_of(core, app.app_id),
        app.created_at,
        app.secret if secret else None,
    )
