"""Developers: an account bound to exactly one corp, and the test corps it may keep."""

from __future__ import annotations

from ..store.ports import Tx
from ..store.queries import corps as rows_of
from . import secrets
from .core import Core
from .corps import insert_corp, unknown_corp
from .model import Corp, Developer
from .refusals import Refusal

TEST_CORPS = 10


async def create_developer(core: Core, corp_id: str, name: str) -> Developer:
    """Bind a new developer account to a corp; a corp can be bound once."""
    made = Developer(f"isv{secrets.letters(12)}", corp_id, name.strip() or "开发者")

    async def body(tx: Tx) -> None:
        if await tx.one(rows_of.LOCK, corp_id) is None:
            raise unknown_corp(corp_id)
        bound = await tx.one(rows_of.DEVELOPER_OF_CORP, corp_id)
        if bound is not None:
            raise Refusal(
                40035,
                f"企业 {corp_id} 已绑定开发者账号 {bound[0]}，一个企业只能绑定一个。",
                f"Corp {corp_id} is bound to developer {bound[0]} already; a corp is bound once.",
                faq="F49",
            )
        now = core.clock.now()
        await tx.run(rows_of.INSERT_DEVELOPER, made.developer_id, corp_id, made.name, now)

    await core.durable.transact(body)
    return made


async def get_developer(core: Core, developer_id: str) -> Developer:
    """Return a developer account; refuse when there is none."""
    row = await core.durable.one(rows_of.DEVELOPER, developer_id)
    if row is None:
        raise _unknown(developer_id)
    return Developer(*row)


async def list_developers(core: Core, *, limit: int = 100, after: str = "") -> list[Developer]:
    """Return developer accounts by id, those after ``after``."""
    return [Developer(*row) for row in await core.durable.all(rows_of.DEVELOPERS, after, limit)]


async def add_test_corp(core: Core, developer_id: str, name: str) -> Corp:
    """Make a test corp of a developer; at most 10 (isv-lifecycle.md 2.4)."""
    now = core.clock.now()
    made = Corp(f"ding{secrets.letters(20)}", name.strip() or "测试企业", False, developer_id, now)
    union = secrets.letters(22)

    async def body(tx: Tx) -> None:
        if await tx.one(rows_of.LOCK_DEVELOPER, developer_id) is None:
            raise _unknown(developer_id)
        count = await tx.one(rows_of.COUNT_TESTS, developer_id)
        if count is not None and count[0] >= TEST_CORPS:
            raise Refusal(
                40035,
                f"每个开发者最多 {TEST_CORPS} 个测试企业，已满。",
                f"A developer keeps at most {TEST_CORPS} test corps; the limit is reached.",
                facts={"limit": TEST_CORPS},
            )
        await insert_corp(tx, made, "管理员", union)

    await core.durable.transact(body)
    return made


async def unbind(core: Core, developer_id: str) -> None:
    """Refuse: the binding between a developer account and its corp is for good."""
    await get_developer(core, developer_id)
    raise Refusal(
        60011,
        "开发者账号与企业的绑定不支持解除；请用另一个企业注册新的开发者账号。",
        "A developer account cannot be unbound from its corp; register another account with another corp.",
        faq="F49",
    )


def _unknown(developer_id: str) -> Refusal:
    return Refusal(
        40035, f"没有开发者 {developer_id!r}。", f"There is no developer {developer_id!r}."
    )
