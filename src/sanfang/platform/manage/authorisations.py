"""What an enterprise decides about a suite: authorise, relieve, disable, enable."""

from __future__ import annotations

from datetime import UTC, datetime

from ..domain import authorisations, corps, suites
from ..domain.core import Core
from ..domain.model import Authorisation
from ..domain.refusals import Refusal
from . import forms, views


async def authorize(core: Core, form: forms.Authorize) -> views.AuthorizeResult:
    """Authorise; say why a repeated one brings ``change_auth`` (F43)."""
    outcome = await authorisations.authorise(core, form.suite_key, form.corp_id, form.userid)
    if outcome.event_type == "change_auth":
        found = await authorisations.get_authorisation(core, form.suite_key, form.corp_id)
        at = found and (found.code_received_at or found.code_used_at)
        when = (
            "?" if not at else datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="seconds")
        )
        zh = f"授权只能发起一次：ISV 已于 {when} 收到临时授权码，所以推送 change_auth；要重新开始先解除授权。"
        en = (
            f"An authorisation starts once: the ISV received the temporary code at {when}, so this"
            " pushes change_auth; relieve first to begin anew."
        )
        return views.AuthorizeResult(
            outcome.event_type, outcome.push_id, outcome.repeated, zh, en, "F43"
        )
    zh, en = "已推送临时授权码 (tmp_auth_code)。", "The temporary code is pushed (tmp_auth_code)."
    if outcome.repeated:
        zh = "ISV 尚未收到上一个临时授权码，再次推送同一个。"
        en = "The ISV has not received the temporary code yet; the same one is pushed again."
    return views.AuthorizeResult(outcome.event_type, outcome.push_id, outcome.repeated, zh, en)


async def relieve(core: Core, form: forms.SuiteAndCorp) -> views.PushesMade:
    push_id = await authorisations.relieve(core, form.suite_key, form.corp_id)
    return views.PushesMade([push_id])


async def disable(core: Core, form: forms.SetEnabled) -> views.PushesMade:
    return await _set_enabled(core, form, enabled=False)


async def enable(core: Core, form: forms.SetEnabled) -> views.PushesMade:
    return await _set_enabled(core, form, enabled=True)


async def remove_app(core: Core, form: forms.RemoveApp) -> views.PushesMade:
    return views.PushesMade(
        [await authorisations.remove_app(core, form.suite_key, form.corp_id, form.app_id)]
    )


async def _set_enabled(core: Core, form: forms.SetEnabled, *, enabled: bool) -> views.PushesMade:
    return views.PushesMade(
        await authorisations.set_enabled(
            core, form.suite_key, form.corp_id, enabled, app_id=form.app_id
        )
    )


async def list_(core: Core, form: forms.AuthorisationList) -> views.Page[views.AuthorisationView]:
    """List the authorisations of a suite, by corpid, or of a corp, by suite_key."""
    if not form.suite_key and not form.corp_id:
        raise Refusal(
            40035,
            "请给出 suite_key 或 corp_id。",
            "Give suite_key or corp_id.",
            facts={"field": "suite_key"},
        )
    found = await authorisations.list_authorisations(
        core,
        suite_key=form.suite_key,
        corp_id=form.corp_id,
        limit=form.limit,
        after=form.cursor,
    )
    last = ""
    if len(found) == form.limit:
        last = found[-1].corp_id if form.suite_key else found[-1].suite_key
    return views.Page([_view(authorisation) for authorisation in found], last)


async def show(core: Core, form: forms.SuiteAndCorp) -> views.AuthorisationDetail:
    """Show an authorisation with its agents; a relieved one has none."""
    found = await authorisations.get_authorisation(core, form.suite_key, form.corp_id)
    if found is None:
        await suites.get_suite(core, form.suite_key)
        await corps.get_corp(core, form.corp_id)
        raise Refusal(
            40084,
            f"企业 {form.corp_id} 没有授权过套件 {form.suite_key}。",
            f"Corp {form.corp_id} never authorised suite {form.suite_key}.",
        )
    agents = await authorisations.list_agents(core, form.suite_key, form.corp_id)
    return views.AuthorisationDetail(_view(found), agents)


def _view(found: Authorisation) -> views.AuthorisationView:
    return views.AuthorisationView(
        suite_key=found.suite_key,
        corp_id=found.corp_id,
        state=found.state,
        generation=found.generation,
        auth_userid=found.auth_userid,
        code_received_at=found.code_received_at,
        code_used_at=found.code_used_at,
        authorised_at=found.authorised_at,
        activated_at=found.activated_at,
        relieved_at=found.relieved_at,
        ip_whitelist=found.ip_whitelist,
    )
