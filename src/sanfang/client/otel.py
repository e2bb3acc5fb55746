"""OpenTelemetry: a span per exchange and a histogram of durations, if ``opentelemetry-api`` is there.

::

    client = Client(credentials, hooks=OpenTelemetry())

Names and attributes are those of the semantic conventions for HTTP clients; a span is called by its
API, ids in the path as ``{...}``. A call that is repeated has a span per try, with
``http.request.resend_count``. No query, no header, no body and so no secret is among the attributes.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from sanfang import __version__

from .errors import BadAnswer, BadCall, CallRefused
from .hooks import Exchange, Hooks


class OpenTelemetry(Hooks):
    """Make spans and measurements with the given providers, or the global ones.

    Raises `BadCall` if ``opentelemetry-api`` is not installed.
    """

    def __init__(self, tracer_provider: Any = None, meter_provider: Any = None) -> None:
        try:
            trace, metrics = (
                import_module("opentelemetry.trace"),
                import_module("opentelemetry.metrics"),
            )
        except ImportError:
            raise BadCall(
                "未安装 opentelemetry-api：pip install opentelemetry-api"
                " / opentelemetry-api is not installed"
            ) from None
        self._client = trace.SpanKind.CLIENT
        self._failed = trace.StatusCode.ERROR
        self._tracer = trace.get_tracer("sanfang.client", __version__, tracer_provider)
        self._duration = metrics.get_meter(
            "sanfang.client", __version__, meter_provider
        ).create_histogram(
            "http.client.request.duration",
            unit="s",
            description="Duration of HTTP client requests.",
        )

    def before(self, exchange: Exchange) -> None:
        """Start a span, under the one that is current."""
        parts = urlsplit(exchange.url)
        attributes: dict[str, Any] = {
            "http.request.method": exchange.method,
            "server.address": parts.hostname or "",
            "server.port": parts.port or (443 if parts.scheme == "https" else 80),
            "url.full": exchange.url,
            "url.scheme": parts.scheme,
            "url.template": f"/{exchange.operation.lstrip('/')}",
        }
        if exchange.attempt > 1:
            attributes["http.request.resend_count"] = exchange.attempt - 1
        for name in ("kind", "suite", "corp", "app"):
            if value := getattr(exchange, name):
                attributes[f"dingtalk.{'token_kind' if name == 'kind' else name}"] = value
        exchange.data[self] = self._tracer.start_span(
            f"{exchange.method} {exchange.operation}", kind=self._client, attributes=attributes
        )

    def after(self, exchange: Exchange) -> None:
        """End the span of a success."""
        self._end(exchange, "")

    def error(self, exchange: Exchange, problem: BaseException) -> None:
        """End the span of a failure."""
        kind = type(problem).__name__
        if isinstance(problem, CallRefused):
            kind = str(problem.code)
        elif isinstance(problem, BadAnswer):
            kind = problem.what
        self._end(exchange, kind, str(problem))

    def _end(self, exchange: Exchange, failure: str, text: str = "") -> None:
        span = exchange.data.pop(self, None)
        if span is None:
            return
        if exchange.status:
            span.set_attribute("http.response.status_code", exchange.status)
        if exchange.request_id:
            span.set_attribute("dingtalk.request_id", exchange.request_id)
        if failure:
            span.set_attribute("error.type", failure)
            span.set_status(self._failed, text)
        span.end()
        measured: dict[str, Any] = {
            "http.request.method": exchange.method,
            "server.address": urlsplit(exchange.url).hostname or "",
            "url.template": f"/{exchange.operation.lstrip('/')}",
        }
        if exchange.status:
            measured["http.response.status_code"] = exchange.status
        if failure:
            measured["error.type"] = failure
        self._duration.record(exchange.duration, measured)
