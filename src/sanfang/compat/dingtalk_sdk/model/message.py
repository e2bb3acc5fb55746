"""Bodies of messages. ``get_dict`` gives ``{"msgtype": …, "<msgtype>": {…}}``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .parts import Part


class BodyBase(Part):
    """A body; a subclass names its kind in ``_msgtype``."""

    _msgtype: str | None = None

    def get_dict(self) -> dict[str, Any]:
        """Return the message as it is sent."""
        if not self._msgtype:
            raise TypeError(f"{type(self).__name__} 没有 _msgtype / has no _msgtype")
        return {"msgtype": self._msgtype, self._msgtype: self.get_data()}


class TextBody(BodyBase):
    """Text."""

    _msgtype = "text"

    def __init__(self, content: str, **more: Any) -> None:
        super().__init__(content=content, **more)


class FileBody(BodyBase):
    """A file that was uploaded."""

    _msgtype = "file"

    def __init__(self, media_id: str, **more: Any) -> None:
        super().__init__(media_id=media_id, **more)


class ImageBody(FileBody):
    """An image that was uploaded."""

    _msgtype = "image"


class VoiceBody(FileBody):
    """A recording that was uploaded; ``duration`` in seconds, below 60."""

    _msgtype = "voice"

    def __init__(self, media_id: str, duration: Any = None, **more: Any) -> None:
        super().__init__(media_id=media_id, duration=duration, **more)


class LinkBody(BodyBase):
    """A link; ``pic_url`` is an uploaded image's media_id."""

    _msgtype = "link"

    def __init__(self, message_url: str, pic_url: str, title: str, text: str, **more: Any) -> None:
        super().__init__(messageUrl=message_url, picUrl=pic_url, title=title, text=text, **more)


class MarkdownBody(BodyBase):
    """Markdown; ``title`` is what the list of conversations shows."""

    _msgtype = "markdown"

    def __init__(self, title: str, text: str, **more: Any) -> None:
        super().__init__(title=title, text=text, **more)


class OaBodyContent(BodyBase):
    """The ``body`` of an OA message; ``forms`` maps labels to values."""

    def __init__(
        self,
        title: str | None = None,
        content: str | None = None,
        author: str | None = None,
        image: str | None = None,
        file_count: Any = None,
        forms: Any = dict,
        rich_num: Any = None,
        rish_unit: Any = None,
        **more: Any,
    ) -> None:
        rich = None
        if rich_num is not None or rish_unit is not None:
            rich = {"num": rich_num, "unit": rish_unit}
        super().__init__(
            title=title,
            content=content,
            author=author,
            image=image,
            file_count=file_count,
            rich=rich,
            _forms=forms,
            **more,
        )

    @property
    def form(self) -> list[dict[str, Any]] | None:
        """The form as it is sent."""
        forms: dict[str, Any] = self.__dict__["_forms"] or {}
        return [{"key": key, "value": value} for key, value in forms.items()] or None


class OaBody(BodyBase):
    """An OA message; ``head_bgcolor`` is eight hex digits, the first two for transparency."""

    _msgtype = "oa"

    def __init__(
        self,
        message_url: str,
        head_bgcolor: str,
        head_text: str,
        body: Any,
        pc_message_url: str | None = None,
        **more: Any,
    ) -> None:
        super().__init__(
            message_url=message_url,
            pc_message_url=pc_message_url,
            head={"bgcolor": head_bgcolor, "text": head_text},
            body=body,
            **more,
        )


class ActionCardBody(BodyBase):
    """A card with Markdown."""

    _msgtype = "action_card"

    def __init__(self, title: str, markdown: str, **more: Any) -> None:
        super().__init__(title=title, markdown=markdown, **more)


class SingleActionCardBody(ActionCardBody):
    """A card that is one link."""

    def __init__(
        self, title: str, markdown: str, single_title: str, single_url: str, **more: Any
    ) -> None:
        super().__init__(
            title=title, markdown=markdown, single_title=single_title, single_url=single_url, **more
        )


class BtnActionCardBody(ActionCardBody):
    """A card with buttons, one above the other (``btn_orientation`` 0) or side by side (1)."""

    btn_json_list: list[dict[str, Any]]

    def __init__(
        self,
        title: str,
        markdown: str,
        btn_orientation: Any,
        btn_list: Iterable[Any] = (),
        **more: Any,
    ) -> None:
        if str(btn_orientation) not in ("0", "1"):
            raise ValueError("btn_orientation 应为 0 或 1 / is 0 or 1")
        super().__init__(
            title=title,
            markdown=markdown,
            btn_orientation=str(btn_orientation),
            btn_json_list=list(btn_list),
            **more,
        )

    def add_btn(self, title: str, action_url: str) -> None:
        """Add a button."""
        self.btn_json_list.append({"title": title, "action_url": action_url})
