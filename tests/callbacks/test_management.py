"""What the administrator sees of registrations and of events that were lost."""

from __future__ import annotations

import pytest

from sanfang.platform.domain import corp_events
from sanfang.platform.domain.refusals import Refusal
from sanfang.platform.manage import callbacks, forms, gate_forms
from sanfang.platform.store.ports import Tx
from sanfang.platform.store.queries import callbacks as callback_rows

from ..domain.world import AES_KEY
from .world import TAGS, TOKEN, Place, story


@pytest.mark.parametrize("isv", [False, True])
def test_registrations_of_a_corp_are_listed_without_their_secrets(isv: bool) -> None:
    async def body(place: Place) -> None:
        core, form = place.world.core, forms.OfCorp(corp_id=place.corp_id)
        assert (await callbacks.list_(core, form)).items == []
        assert await place.register() == 0
        (found,) = (await callbacks.list_(core, form)).items
        owner = place.world.suite.suite_key if isv else place.world.app.app_key
        assert (found.owner_key, found.url, found.tags) == (owner, place.receiver.url, TAGS)
        assert found.failed == 0
        assert TOKEN not in repr(found)
        assert AES_KEY not in repr(found)
        other = forms.OfCorp(corp_id="dingnobody")
        with pytest.raises(Refusal):
            await callbacks.list_(core, other)

    story(body, isv=isv)


def test_lost_events_are_listed_in_pages_and_not_acknowledged_by_looking() -> None:
    async def body(place: Place) -> None:
        core = place.world.core
        assert await place.register() == 0
        target = corp_events.target_of(place.world.app.app_key)

        async def lose(tx: Tx) -> None:
            for number in range(3):
                plain = f'{{"EventType": "user_add_org", "UserId": ["u{number}"]}}'
                row = (target, place.corp_id, "user_add_org", plain, core.clock.now())
                await tx.run(callback_rows.INSERT_FAILURE, *row)

        await core.durable.transact(lose)
        form = forms.OfCorp(corp_id=place.corp_id)
        assert (await callbacks.list_(core, form)).items[0].failed == 3
        ask = gate_forms.FailureList(corp_id=place.corp_id, limit=2)
        first = await callbacks.failures(core, ask)
        assert [each.tag for each in first.items] == ["user_add_org"] * 2
        assert first.items[0].owner_key == place.world.app.app_key
        assert b"u0" in bytes(first.items[0].plain)
        assert not first.items[0].returned
        rest = await callbacks.failures(
            core, gate_forms.FailureList(corp_id=place.corp_id, cursor=first.next)
        )
        assert (len(rest.items), rest.next) == (1, "")
        nobody = gate_forms.FailureList(corp_id=place.corp_id, key="suite-other")
        assert (await callbacks.failures(core, nobody)).items == []
        told = await place.ask("get_call_back_failed_result")
        assert len(told["failed_list"]) == 3
        assert all(each.returned for each in (await callbacks.failures(core, ask)).items)
        assert (await place.ask("delete_call_back"))["errcode"] == 0

    story(body)
