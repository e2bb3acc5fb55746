"""How the callback protocol says no: the ten codes 900001 to 900010 (callback-crypto.md §5)."""

from __future__ import annotations

from sanfang.protocol import errors


class CallbackError(Exception):
    """A callback message or reply that cannot be read, or cannot be written.

    ``code`` is 900001 to 900010, ``errmsg`` the table's text; ``zh``, ``en`` explain it to a
    person and ``faq`` names the row of the FAQ. ``detail`` says what exactly was found here,
    ``fields`` lists the field names of a JSON object that was received. Carries no secret.
    """

    def __init__(self, code: int, detail: str = "", fields: list[str] | None = None) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.fields: list[str] = fields or []

    # Read late: on the receiver's path this exception is also the sign to try another key.
    @property
    def errmsg(self) -> str:
        """DingTalk's text of the code."""
        return errors.text(self.code)

    @property
    def zh(self) -> str:
        """What happened and what to do, in Chinese."""
        info = errors.lookup(self.code)
        return info.zh if info else ""

    @property
    def en(self) -> str:
        """What happened and what to do, in English."""
        info = errors.lookup(self.code)
        return info.en if info else ""

    @property
    def faq(self) -> str | None:
        """The row of the FAQ, if there is one."""
        info = errors.lookup(self.code)
        return info.faq if info else None

    @property
    def is_signature(self) -> bool:
        """Whether the signature was at fault; libraries differ in which code they give."""
        return self.code in (900005, 900006)

    def __str__(self) -> str:
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.code} {self.errmsg}{detail}"
