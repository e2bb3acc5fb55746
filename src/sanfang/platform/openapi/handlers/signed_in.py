"""What a user's own token may touch: the user's own things, and nobody else's."""

from __future__ import annotations

from ...domain.refusals import Refusal
from ..handling import Call

ME = "me"


def own_unionid(call: Call, unionid: str) -> str:
    """Return whose things a call is about; with a user's token only its own: refuse 60011.

    ``me`` stands for the user of the token. Tokens of apps are let through with any unionid.
    """
    identity = call.identity
    if identity.kind != "user" or unionid == identity.unionid:
        return unionid
    if unionid == ME:
        return identity.unionid
    raise Refusal(
        60011,
        "用户的 accessToken 只能访问该用户自己的数据：填 me 或该用户的 unionId。",
        "A user's accessToken reaches only that user's own data: use me, or that user's unionId.",
    )
