"""``sanfang settings``, and the reading of ``--set NAME=VALUE``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from . import output

if TYPE_CHECKING:
    from sanfang.platform.domain.core import Settings

_ANY_NUMBER = frozenset({"robot_minute"})  # 0 means no limit, as where 0 is the default


@click.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
def settings(*, as_json: bool) -> None:
    """平台的全部设置：名称、默认值、含义；用 sanfang serve --set 名称=值 修改。

    Every setting of the platform: name, default, meaning; sanfang serve --set NAME=VALUE changes
    it.

    \b
    例 / example:
      sanfang settings
      sanfang serve --set push_limit=10 --set rate_profile=off
    """
    import msgspec

    from sanfang.platform.domain.core import Settings
    from sanfang.platform.manage.about import describe

    known: list[dict[str, object]] = msgspec.to_builtins(describe(Settings()))
    if as_json:
        output.show_json(known)
    else:
        output.table(known, ("name", "default", "zh", "en"))


def read_settings(changes: Iterable[str]) -> Settings:
    """Read ``NAME=VALUE`` texts; raise a usage error that names the setting."""
    import msgspec

    from sanfang.platform.domain.core import Settings

    known = {field.name for field in msgspec.structs.fields(Settings)}
    values: dict[str, str] = {}
    for change in changes:
        name, equals, value = change.partition("=")
        if not equals:
            raise click.BadParameter(
                f"{change!r}：写作 名称=值 / write NAME=VALUE", param_hint="--set"
            )
        if name not in known:
            raise click.BadParameter(
                f"没有设置 {name!r}，见 sanfang settings / there is no setting {name!r}, see"
                " sanfang settings",
                param_hint="--set",
            )
        values[name] = value
    try:
        read = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise click.BadParameter(str(error), param_hint="--set") from None
    _check(read)
    return read


def _check(settings: Settings) -> None:
    import msgspec

    for field in msgspec.structs.fields(type(settings)):
        name, value = field.name, getattr(settings, field.name)
        least = 0 if field.default == 0 or name in _ANY_NUMBER else 1
        if type(value) is int and value < least:
            raise click.BadParameter(
                f"{name} 至少为 {least} / {name} has to be at least {least}", param_hint="--set"
            )
    if settings.push_lease_ms <= settings.push_timeout_ms:
        raise click.BadParameter(
            "push_lease_ms 要大于 push_timeout_ms，否则推送还没结束就被别人接手"
            " / push_lease_ms has to exceed push_timeout_ms, or a push is taken over while it runs",
            param_hint="--set",
        )
