"""How the domain says no: the code a client expects and the reason a person needs."""

from __future__ import annotations

from sanfang.protocol import errors


class Refusal(Exception):  # noqa: N818 - it is a refusal, the caller erred
    """A request the platform refuses.

    ``code`` is DingTalk's number, ``errmsg`` DingTalk's text (from the catalogue unless given);
    ``zh`` and ``en`` explain to a person what happened and what to do, ``faq`` names the row of the
    FAQ, ``facts`` carries what a program may want (expected, received, ...). Never put a secret in.
    """

    def __init__(
        self,
        code: int,
        zh: str,
        en: str,
        *,
        errmsg: str | None = None,
        faq: str | None = None,
        facts: dict[str, object] | None = None,
    ) -> None:
        super().__init__(f"{code}: {en}")
        self.code = code
        self.errmsg = errmsg if errmsg is not None else errors.text(code)
        self.zh = zh
        self.en = en
        self.faq = faq
        self.facts = facts or {}
