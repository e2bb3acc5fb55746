"""One page, two addresses: at the app's own origin, and at the proxy's host as the browser sees it."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from ...domain.core import Settings
from ...domain.frames import Frame
from ...domain.micro_apps import ShownApp
from .. import names


class Addresses:
    """Translates addresses for the browser behind one request."""

    def __init__(self, settings: Settings, scope: MutableMapping[str, Any]) -> None:
        self._settings = settings
        self._scope = scope

    def seen(self, frame: Frame, url: str) -> str:
        """Return where the browser opens a page of the app's own origin."""
        return names.moved(url, names.origin_of(url), self.origin(frame))

    def own(self, frame: Frame, url: str) -> str:
        """Return the address at the app's own origin of a page as the browser sees it."""
        return names.moved(url, self.origin(frame), _home(frame))

    def candidates(self, frame: Frame, url: str) -> list[str]:
        """Return the addresses of a page; what is behind # helps to explain and is not signed."""
        return list(dict.fromkeys([url, self.own(frame, url)]))

    def is_of(self, frame: Frame, url: str) -> bool:
        """Tell whether an address is one of the app's, on either host."""
        return names.origin_of(url) in (self.origin(frame), *frame.origins)

    def origin(self, frame: Frame) -> str:
        """Return the origin of the frame's pages as the browser sees it."""
        return names.app_origin(self._settings, self._scope, frame.agent_id, frame.flavour)

    def registered(self, url: str, app: ShownApp) -> str:
        """Return an address as the app registered it: pages know themselves by the proxy's host."""
        for flavour in names.FLAVOURS:
            here = names.app_origin(self._settings, self._scope, app.agent_id, flavour)
            if names.origin_of(url) == here:
                pages = (app.pc_home_url, app.home_url)
                home = pages[0] or pages[1] if flavour == "pc" else pages[1] or pages[0]
                return names.moved(url, here, names.origin_of(home))
        return url


def framed(settings: Settings, scope: MutableMapping[str, Any]) -> str:
    """Return the origins of all apps, as a Content-Security-Policy names them."""
    return names.workbench_origin(settings, scope).replace("://wb.", "://*.", 1)


def _home(frame: Frame) -> str:
    return names.origin_of(frame.page_url) or (frame.origins[0] if frame.origins else "")
