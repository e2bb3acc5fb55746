"""As whom somebody may go on: the same person can be a member of several corps."""

from __future__ import annotations

from ...domain import signin_people
from ...domain.core import Core
from ...domain.desks import Desk
from ...domain.signin_pages import Request
from ...domain.signin_people import Membership


async def of(core: Core, request: Request, desk: Desk) -> list[Membership]:
    """Return the memberships a person may sign in with, that of the desk in front.

    A page of one corp takes the person's place there. The landing page of admin backends and every
    page that does not hand out the corp take the desk's own.
    """
    who = await signin_people.person(core, desk.corp_id, desk.userid)
    all_of_them = await signin_people.memberships(core, who.member.unionid)
    at_desk = [each for each in all_of_them if _is(each, desk)]
    if request.page == "admin":
        return at_desk
    if request.corp_id:
        return [each for each in all_of_them if each.corp_id == request.corp_id]
    found = all_of_them if "corpid" in request.scope.split() else at_desk
    if request.admins_only:
        found = [each for each in found if each.is_admin] or at_desk
    return sorted(found, key=lambda each: not _is(each, desk))


def _is(membership: Membership, desk: Desk) -> bool:
    return (membership.corp_id, membership.userid) == (desk.corp_id, desk.userid)
