"""The addresses of the sign-in pages in an open API that is mounted by itself.

In the platform the pages of ``console/signin`` stand before these (``console/front.py``) and answer
browsers and programs; both share every rule (``domain/signin_pages.py``). What can be wrong with the
address is refused here. A person who scanned the embedded QR code (``loginTmpCode``) is sent on;
anybody else has to sign in first, which needs a page: the answer says how to go on without one.
"""

from __future__ import annotations

from ...domain import signin_pages
from ...domain.refusals import Refusal
from ..handling import Call, Raw, handler

_FIELDS = (
    *("appid", "client_id", "response_type", "scope", "prompt", "state", "redirect_uri"),
    *("loginTmpCode", "org_type", "corpId", "exclusiveLogin", "exclusiveCorpId"),
)
_LOOSE = dict.fromkeys(_FIELDS, "any")


@handler("oapi_connect_oauth2_sns_authorize_get", optional=_FIELDS, types=_LOOSE)
async def sns_authorize(call: Call) -> Raw:
    return await _answer(call)


@handler("oapi_connect_qrconnect_get", optional=_FIELDS, types=_LOOSE)
async def qrconnect(call: Call) -> Raw:
    return await _answer(call)


@handler("login_oauth2_auth_get", optional=_FIELDS, types=_LOOSE)
async def oauth2_auth(call: Call) -> Raw:
    return await _answer(call)


async def _answer(call: Call) -> Raw:
    path, query = call.scope["path"], call.scope["query_string"].decode("latin-1")
    request = await signin_pages.examine(call.core, path, query)
    if not request.login_tmp_code:
        raise Refusal(
            51002,
            "地址无误，但还没有人登录。不用浏览器时：sanfang signin open CORP_ID USERID '完整地址'，"
            "得到带 code 的跳转地址。",
            "The address is right, but nobody has signed in. Without a browser: sanfang signin open"
            " CORP_ID USERID 'THE ADDRESS' gives the address with the code.",
        )
    target = await signin_pages.admit_scanned(call.core, request, used_in=path)
    return Raw(b"", status=302, headers=[(b"location", target.encode("ascii"))])
