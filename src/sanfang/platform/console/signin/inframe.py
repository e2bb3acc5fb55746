"""An app's frame in the workbench was sent to a sign-in page: go on as the member whose frame it is.

The page in the frame cannot know who is there (cookies of a frame on another host are not sent), and
is not told: it only says that it was opened (``static/signin/hand-over.js``). Whatever is in the frame
could say so. Therefore the address is examined as any other, the member is the frame's, and the only
place to go on to is the frame's own app. A person's yes or no counts when the workbench heard it from a
page on one of our own `origins`, where no app's page can be.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ...domain import signin_pages
from ...domain.core import Core, Settings
from ...domain.frames import Frame
from ...domain.refusals import Refusal
from ...domain.signin_redirects import NO_PERMISSION
from .. import names

SILENT = ("corp", "sns")  # pages that ask no questions inside the client
ASKING = ("oauth",)


async def go_on(core: Core, frame: Frame, address: str, said: str = "") -> str:
    """Return where the frame goes next, with a code in it, at the app's own origin.

    ``address`` is that of the sign-in page, ``said`` the person's ``yes`` or ``no``. Refuses as
    `signin_pages` does, and 50001 for a page that leads to another app than the frame's.
    """
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise Refusal(
            40035, "地址不合法。", "The address cannot be read.", facts={"field": "url"}
        ) from error
    request = await signin_pages.examine(core, parts.path, parts.query)
    able = request.page in SILENT or (request.page in ASKING and said in ("yes", "no"))
    if not able or names.origin_of(request.redirect_uri) not in frame.origins:
        raise Refusal(
            50001,
            f"这个页面不能在应用 {frame.app_name} 的窗口里登录：redirect_uri 不在它的主页域名上，"
            "或者登录页要另开窗口。",
            f"This page cannot sign in inside the window of {frame.app_name}: its redirect_uri is not"
            " on the app's origin, or the page needs a window of its own.",
            faq="F2",
            facts={"page": NO_PERMISSION},
        )
    if said == "no":
        return signin_pages.deny(request)
    return await signin_pages.admit(core, request, frame.corp_id, frame.userid)


def origins(settings: Settings, scope: Mapping[str, Any]) -> list[str]:
    """Return the origins at which a sandbox's sign-in pages are opened from an app's frame."""
    if not settings.sandbox:
        return []
    workbench = names.workbench_origin(settings, scope)
    scheme, _, host = workbench.partition("://")
    port = host[len(names.workbench_host(settings)) :]
    known = ("127.0.0.1", "localhost", settings.console_domain)
    return [f"{scheme}://{name}{port}" for name in known]
