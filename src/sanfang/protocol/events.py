"""The plain events inside callback messages (isv-lifecycle.md §4, callback-crypto.md §9).

Writing gives the field names, order and types of the documents, ``TimeStamp`` always a number.
Reading is tolerant where senders differ: stray spaces around an event type are trimmed, a
``TimeStamp`` may be numeric text, fields not known are left aside. An event that this module has
no type for comes as `Unknown` with everything it brought, so nothing is ever dropped here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import field

_SECRETS = frozenset({"suite_ticket", "auth_code", "license_code"})
_LARGEST = 2**63 - 1  # what a database takes for a number
Id = Annotated[int, msgspec.Meta(ge=-_LARGEST, le=_LARGEST)]
_UNREADABLE = (msgspec.MsgspecError, UnicodeError, RecursionError)


class EventError(Exception):
    """A decrypted message that is no event; ``field`` names what is wrong where it is one field."""

    def __init__(self, zh: str, en: str, field: str | None = None) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en
        self.field = field


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What all events share. Times are milliseconds, None where the event carries none."""

    tag: ClassVar[str] = ""

    # A property and no field here, so that each event may put the field in its documented place.
    @property
    def event_type(self) -> str:
        """The type as on the wire, without stray spaces."""
        return self.tag

    @property
    def corp_id(self) -> str | None:
        """The corp that the event is about, or None."""
        return getattr(self, "auth_corp_id", None)

    def identity(self) -> tuple[object, ...]:
        """Return what makes a second delivery recognisable as the same event."""
        return (encode_event(self),)

    def dedup_key(self) -> str:
        """Return a short text, equal for deliveries of the same event; shows no secret."""
        digest = hashlib.blake2b(digest_size=16)
        for part in self.identity():
            data = part if isinstance(part, bytes) else str(part).encode("utf-8", "surrogatepass")
            digest.update(b"%d:" % len(data) + data)
        return f"{self.event_type}:{digest.hexdigest()}"

    def wire(self) -> dict[str, Any]:
        """Return the fields as they travel; those that are None do not."""
        cls = type(self)
        pairs = zip(cls.__struct_encode_fields__, cls.__struct_fields__, strict=True)
        values = ((name, getattr(self, attribute)) for name, attribute in pairs)
        return {name: value for name, value in values if value is not None}

    def __repr__(self) -> str:
        shown = (
            f"{name}={_masked(name, getattr(self, name))!r}" for name in self.__struct_fields__
        )
        return f"{type(self).__name__}({', '.join(shown)})"


class CheckCreateSuiteUrl(Event, frozen=True, kw_only=True):
    """The URL check before a suite exists; answered with `random` (or ``success``)."""

    tag: ClassVar[str] = "check_create_suite_url"
    event_type: str = field(name="EventType", default=tag)
    random: str = field(name="Random")
    test_suite_key: str | None = field(name="TestSuiteKey", default=None)


class CheckUpdateSuiteUrl(Event, frozen=True, kw_only=True):
    """The URL check when a suite is changed; answered with `random` (or ``success``)."""

    tag: ClassVar[str] = "check_update_suite_url"
    event_type: str = field(name="EventType", default=tag)
    random: str = field(name="Random")
    test_suite_key: str | None = field(name="TestSuiteKey", default=None)


class SuiteTicket(Event, frozen=True, kw_only=True):
    """The current ticket of a suite, pushed by a timer."""

    tag: ClassVar[str] = "suite_ticket"
    suite_key: str = field(name="SuiteKey", default="")
    event_type: str = field(name="EventType", default=tag)
    timestamp: int | None = field(name="TimeStamp", default=None)
    suite_ticket: str = field(name="SuiteTicket")

    def identity(self) -> tuple[object, ...]:
        """Return suite and ticket: a ticket pushed again is the same event."""
        return (self.suite_key, self.suite_ticket)


class TmpAuthCode(Event, frozen=True, kw_only=True):
    """A corp has authorised the suite; the code is good for one get_permanent_code."""

    tag: ClassVar[str] = "tmp_auth_code"
    suite_key: str = field(name="SuiteKey", default="")
    event_type: str = field(name="EventType", default=tag)
    timestamp: int | None = field(name="TimeStamp", default=None)
    auth_code: str = field(name="AuthCode")
    auth_corp_id: str | None = field(name="AuthCorpId", default=None)

    def identity(self) -> tuple[object, ...]:
        """Return suite and code: a code pushed again is the same event."""
        return (self.suite_key, self.auth_code)


class _CorpEvent(Event, frozen=True, kw_only=True):
    def identity(self) -> tuple[object, ...]:
        suite, corp, time = (
            getattr(self, name) for name in ("suite_key", "auth_corp_id", "timestamp")
        )
        return (suite, corp, time) if corp and time else (encode_event(self),)


class ChangeAuth(_CorpEvent, frozen=True, kw_only=True):
    """A corp has changed what it authorised."""

    tag: ClassVar[str] = "change_auth"
    suite_key: str = field(name="SuiteKey", default="")
    event_type: str = field(name="EventType", default=tag)
    timestamp: int | None = field(name="TimeStamp", default=None)
    auth_corp_id: str = field(name="AuthCorpId")


class SuiteRelieve(_CorpEvent, frozen=True, kw_only=True):
    """A corp has ended the authorisation; its permanent code and tokens are dead."""

    tag: ClassVar[str] = "suite_relieve"
    event_type: str = field(name="EventType", default=tag)
    suite_key: str = field(name="SuiteKey", default="")
    timestamp: int | None = field(name="TimeStamp", default=None)
    auth_corp_id: str = field(name="AuthCorpId")


class CheckSuiteLicenseCode(Event, frozen=True, kw_only=True):
    """A corp has typed a licence code; ``success`` says valid, anything else not valid."""

    tag: ClassVar[str] = "check_suite_license_code"
    event_type: str = field(name="EventType", default=tag)
    timestamp: int | None = field(name="TimeStamp", default=None)
    suite_key: str = field(name="SuiteKey", default="")
    auth_corp_id: str = field(name="AuthCorpId")
    license_code: str = field(name="LicenseCode")


class _MicroApp(Event, frozen=True, kw_only=True):
    def identity(self) -> tuple[object, ...]:
        names = ("suite_key", "auth_corp_id", "agent_id", "app_id", "timestamp")
        values = tuple(getattr(self, name) for name in names)
        return values if values[-1] else (encode_event(self),)


class MicroAppStop(_MicroApp, frozen=True, kw_only=True):
    """A corp has stopped a micro-app of the suite."""

    tag: ClassVar[str] = "org_micro_app_stop"
    agent_id: Id = field(name="AgentId")
    app_id: Id | None = field(name="AppId", default=None)
    auth_corp_id: str = field(name="AuthCorpId")
    event_type: str = field(name="EventType", default=tag)
    suite_key: str = field(name="SuiteKey", default="")
    timestamp: int | None = field(name="TimeStamp", default=None)


class MicroAppRestore(_MicroApp, frozen=True, kw_only=True):
    """A corp has started a micro-app of the suite again."""

    tag: ClassVar[str] = "org_micro_app_restore"
    agent_id: Id = field(name="AgentId")
    app_id: Id | None = field(name="AppId", default=None)
    auth_corp_id: str = field(name="AuthCorpId")
    event_type: str = field(name="EventType", default=tag)
    suite_key: str = field(name="SuiteKey", default="")
    timestamp: int | None = field(name="TimeStamp", default=None)


class MicroAppRemove(_MicroApp, frozen=True, kw_only=True):
    """A corp has removed a micro-app of the suite (payload assumed equal to the stop event)."""

    tag: ClassVar[str] = "org_micro_app_remove"
    agent_id: Id = field(name="AgentId")
    app_id: Id | None = field(name="AppId", default=None)
    auth_corp_id: str = field(name="AuthCorpId")
    event_type: str = field(name="EventType", default=tag)
    suite_key: str = field(name="SuiteKey", default="")
    timestamp: int | None = field(name="TimeStamp", default=None)


class CheckUrl(Event, frozen=True, kw_only=True):
    """The check of a call_back URL; answered ``success``."""

    tag: ClassVar[str] = "check_url"
    event_type: str = field(name="EventType", default=tag)


class RawEvent(Event, frozen=True, kw_only=True):
    """An event kept as the object it came as, in ``raw``."""

    event_type: str
    raw: dict[str, Any]

    @property
    def corp_id(self) -> str | None:
        """The corp that the event is about, under whichever name it came."""
        return _first_text(self.raw, ("AuthCorpId", "CorpId", "corpId", "corpid"))

    @property
    def suite_key(self) -> str | None:
        """The suite, where the event names one."""
        return _first_text(self.raw, ("SuiteKey",))

    @property
    def timestamp(self) -> int | None:
        """The time in milliseconds, or None."""
        return _number(self.raw.get("TimeStamp", self.raw.get("EventTime")))

    def wire(self) -> dict[str, Any]:
        """Return the object as it came, but for stray spaces around its type."""
        return {**self.raw, "EventType": self.event_type} if self.event_type else self.raw


class MarketBuy(RawEvent, frozen=True, kw_only=True):
    """An order of the market; its fields are in ``raw`` under their names on the wire."""

    tag: ClassVar[str] = "market_buy"
    event_type: str = tag

    @property
    def order_id(self) -> int | None:
        """The number of the order."""
        return _number(self.raw.get("orderId"))


class Unknown(RawEvent, frozen=True, kw_only=True):
    """An event that has no type here, chat and newer events among them."""


CONTACT_TAGS = frozenset(
    {
        *("user_add_org", "user_modify_org", "user_leave_org", "user_active_org"),
        *("org_admin_add", "org_admin_remove", "org_remove", "org_change"),
        *("org_dept_create", "org_dept_modify", "org_dept_remove"),
    }
)
"""The event types that come as `ContactEvent`."""


class ContactEvent(Event, frozen=True, kw_only=True):
    """A change in a corp's contacts, pushed to the URL registered through call_back."""

    event_type: str = field(name="EventType")
    timestamp: int | None = field(name="TimeStamp", default=None)
    user_ids: list[str] | None = field(name="UserId", default=None)
    dept_ids: list[Id] | None = field(name="DeptId", default=None)
    corp_id: str | None = field(name="CorpId", default=None)


_TYPES: dict[str, type[Event]] = {
    cls.tag: cls
    for cls in (
        *(CheckCreateSuiteUrl, CheckUpdateSuiteUrl, SuiteTicket, TmpAuthCode, ChangeAuth),
        *(SuiteRelieve, CheckSuiteLicenseCode, MicroAppStop, MicroAppRestore, MicroAppRemove),
        CheckUrl,
    )
}


def parse_event(plain: bytes) -> Event:
    """Read a decrypted message.

    Raises `EventError` for anything but a JSON object in UTF-8, and for a known event that lacks
    a field it is useless without (``field`` names it).
    """
    try:
        raw = msgspec.json.decode(plain)
    except _UNREADABLE:
        raise EventError(
            "解密后的内容不是 UTF-8 编码的 JSON。", "The decrypted message is not JSON in UTF-8."
        ) from None
    if not isinstance(raw, dict):
        raise EventError(
            "解密后的内容不是 JSON 对象。", "The decrypted message is not a JSON object."
        )
    event_type = raw.get("EventType")
    event_type = event_type.strip() if isinstance(event_type, str) else ""
    if event_type == MarketBuy.tag:
        return MarketBuy(raw=raw)
    if event_type in CONTACT_TAGS:
        return _contact(event_type, raw)
    cls = _TYPES.get(event_type)
    return Unknown(event_type=event_type, raw=raw) if cls is None else _typed(cls, raw)


def encode_event(event: Event) -> bytes:
    """Write an event as JSON in UTF-8, fields in the order of the documents."""
    return msgspec.json.encode(event.wire())


def _typed(cls: type[Event], raw: dict[str, Any]) -> Event:
    given = {**raw, "EventType": cls.tag, "TimeStamp": _number(raw.get("TimeStamp"))}
    try:
        return msgspec.convert(given, cls, strict=False)
    except msgspec.ValidationError:
        name = _bad_field(cls, given)
        raise EventError(
            f"{cls.tag} 事件缺少字段 {name} 或其类型不对。",
            f"The event {cls.tag} lacks the field {name}, or it has the wrong type.",
            name,
        ) from None


def _bad_field(cls: type[Event], given: Mapping[str, Any]) -> str:
    for info in msgspec.structs.fields(cls):
        if info.encode_name not in given:
            if info.required:
                return info.encode_name
            continue
        try:
            msgspec.convert(given[info.encode_name], info.type, strict=False)
        except msgspec.ValidationError:
            return info.encode_name
    return "EventType"


def _contact(event_type: str, raw: dict[str, Any]) -> Event:
    # The newer envelope writes the same fields in lower camel case.
    given = {
        "EventType": event_type,
        "TimeStamp": _number(raw.get("TimeStamp", raw.get("EventTime"))),
        "UserId": _listed(raw.get("UserId", raw.get("userId"))),
        "DeptId": _listed(raw.get("DeptId", raw.get("deptId"))),
        "CorpId": raw.get("CorpId", raw.get("corpId")),
    }
    try:
        return msgspec.convert(given, ContactEvent, strict=False)
    except msgspec.ValidationError:
        return Unknown(event_type=event_type, raw=raw)


def _listed(value: object) -> object:
    return value if value is None or isinstance(value, list) else [value]


def _number(value: object) -> int | None:
    if isinstance(value, str):
        text = value.strip()
        return int(text) if len(text) < 19 and text.isascii() and text.isdigit() else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST:
        return None
    return value


def _first_text(raw: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    return next((raw[n] for n in names if isinstance(raw.get(n), str)), None)


def _masked(name: str, value: object) -> object:
    if name not in _SECRETS or not isinstance(value, str):
        return value
    return f"***{value[-4:]}" if len(value) > 8 else "***"
