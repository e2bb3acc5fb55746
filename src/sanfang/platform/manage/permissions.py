"""Permission points of apps and suites."""

from __future__ import annotations

from ..domain import permissions
from ..domain.core import Core
from . import gate_forms
from .views import Granted


async def list_(core: Core, form: gate_forms.OfOwner) -> Granted:
    return Granted(form.key, await permissions.granted(core, form.key))


async def grant(core: Core, form: gate_forms.PermissionPoints) -> Granted:
    return Granted(form.key, await permissions.grant(core, form.key, form.points))


async def revoke(core: Core, form: gate_forms.PermissionPoints) -> Granted:
    return Granted(form.key, await permissions.revoke(core, form.key, form.points))
