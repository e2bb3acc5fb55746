"""Whether what a token of somebody who signed in came from is still there."""

from __future__ import annotations

from ..store.queries import corps as corp_rows
from ..store.queries import signin as rows_of
from . import rows, signin_apps
from .core import Core
from .model import Identity
from .refusals import Refusal


async def check(core: Core, identity: Identity) -> None:
    """Refuse 40014 when the app, the member or the corp behind a token has gone."""
    if identity.kind == "sso":
        if not await corp_lives(core, identity.corp_id):
            raise _dead("企业已解散", "the corp has ended")
        return
    if await signin_apps.find(core, identity.app_key or identity.suite_key) is None:
        raise _dead("应用已删除", "the app was deleted")
    if identity.kind == "user" and not await user_is_there(core, identity):
        raise _dead("用户已离开企业", "the user has left the corp")


async def user_is_there(core: Core, user: Identity) -> bool:
    """Tell whether the member of a user's token is still there."""
    return await is_there(core, user.corp_id, user.userid, user.unionid)


async def is_there(core: Core, corp_id: str, userid: str, unionid: str) -> bool:
    """Tell whether a member is still the same person, in a corp that has not ended."""
    row = await core.durable.one(rows_of.STANDING, corp_id, userid)
    return row is not None and row[0] == unionid


async def corp_lives(core: Core, corp_id: str) -> bool:
    """Tell whether there is such a corp and it has not ended."""
    row = await core.durable.one(corp_rows.BY_ID, corp_id)
    return row is not None and rows.corp(row).dissolved_at is None


def _dead(zh: str, en: str) -> Refusal:
    return Refusal(40014, f"令牌已失效：{zh}。", f"The token is dead: {en}.")
