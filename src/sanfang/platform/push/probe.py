"""Ask a callback URL to prove itself before a suite is created or changed (F40, F52)."""

from __future__ import annotations

from sanfang.protocol.crypto import CallbackError

from ..domain.core import ProbeResult, Settings
from .answer import Answer
from .keys import Keys
from .reply import Verdict, judge, remarks
from .sender import Sender


class UrlProbe:
    """The domain's `Probe`, over a `Sender`.

    A reply that is accepted but odd is ``ok``, with the remark in ``zh`` and ``en``.
    """

    def __init__(self, sender: Sender, settings: Settings) -> None:
        self._sender = sender
        self._strict = settings.strict_2016_reply

    async def __call__(
        self,
        url: str,
        *,
        token: str,
        aes_key: str,
        key_id: str,
        plain: bytes,
        accept: tuple[str, ...],
    ) -> ProbeResult:
        """Push ``plain`` to ``url`` once and report; never raises for what it meets."""
        try:
            keys = Keys(token, aes_key, key_id)
        except CallbackError as fault:
            return ProbeResult(
                ok=False,
                code=fault.code,
                errmsg=fault.errmsg,
                zh=fault.zh,
                en=fault.en,
                faq=fault.faq,
            )
        answer = await self._sender.post(url, keys, plain)
        return _result(answer, judge(answer, keys, accept, strict=self._strict))


def _result(answer: Answer, verdict: Verdict) -> ProbeResult:
    zh, en = verdict.zh, verdict.en
    if verdict.ok:
        notes = remarks(answer, verdict)
        zh, en = " ".join(note.zh for note in notes), " ".join(note.en for note in notes)
    return ProbeResult(
        ok=verdict.ok,
        code=verdict.code,
        errmsg=verdict.errmsg,
        zh=zh,
        en=en,
        faq=verdict.faq,
        expected=verdict.expected,
        received=verdict.received,
        decrypted=verdict.decrypted,
        fields=verdict.fields,
        status=answer.status,
    )
