"""The simulated device: where it is, what network it is on, what it is.

The simulator panel of the workbench sends its values with each call (``device``): one flat object, any
of it absent. The position is WGS-84, as satellites and browsers give it. Nothing of it is believed for
anything but the answer to the page of the same member.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ....domain import signin_people
from ....domain.contacts import get_member
from . import Fail, Invocation
from .admitting import completes, serves
from .geodesy import Point, to_gcj02
from .places import nearest

LOCATION_OFF = "4"
_NETWORKS = ("wifi", "2g", "3g", "4g", "5g", "unknown", "none")


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """What the simulator is set to; the defaults are what it shows first."""

    latitude: float = 30.2764  # WGS-84
    longitude: float = 120.1590
    accuracy: float = 30.0  # metres
    location: bool = True  # the permission of the system
    network: str = "wifi"
    operator: str = "中国移动"
    ssid: str = "Sanfang-Office"
    mac: str = "02:00:5e:10:00:01"
    wifi: bool = True
    brand: str = ""
    model: str = ""
    system: str = ""  # version of the system
    width: int = 390
    height: int = 844
    battery: int = 86
    charging: bool = False
    uuid: str = ""
    apps: list[str] = []  # installed: package names, or schemes on iOS


_MODELS = {
    "android": ("Xiaomi", "M2012K11AC", "13"),
    "ios": ("Apple", "iPhone 15", "17.0"),
    "pc": ("PC", "Desktop", "10.0"),
}


def device_of(call: Invocation) -> Device:
    """Read the simulator's values; what cannot be read has its default."""
    found: dict[str, Any] = {}
    for field in msgspec.structs.fields(Device):
        if field.name in call.device:
            try:
                found[field.name] = msgspec.convert(
                    call.device[field.name], field.type, strict=False
                )
            except msgspec.ValidationError:
                continue
    device = Device(**found)
    brand, model, system = _MODELS[call.frame.flavour]
    return msgspec.structs.replace(
        device,
        latitude=min(max(device.latitude, -90.0), 90.0),
        longitude=min(max(device.longitude, -180.0), 180.0),
        network=device.network if device.network in _NETWORKS else "unknown",
        brand=device.brand or brand,
        model=device.model or model,
        system=device.system or system,
    )


def position(call: Invocation, device: Device) -> dict[str, Any]:
    """Return the position as `device.geolocation.get` does; fail with "4" where it may not be read.

    ``coordinate`` 1 (and none): GCJ-02 with an address; 0: WGS-84, which has none unless asked for.
    """
    if not device.location:
        raise Fail(
            LOCATION_OFF,
            "unauthorized",
            {
                "kind": "device",
                "code": LOCATION_OFF,
                "sent": {"method": call.asked},
                "zh": "模拟器中定位权限已关闭；打开后重试。",
                "en": "The simulator's permission to locate is off; turn it on and try again.",
                "faq": "F19",
            },
        )
    satellite = Point(device.latitude, device.longitude)
    mapped = to_gcj02(satellite)
    mapped_wanted = call.params.get("coordinate", 1) == 1
    shown = mapped if mapped_wanted else satellite
    named = call.params.get("withReGeocode", mapped_wanted)
    place = nearest(mapped)
    wifi = device.network == "wifi"
    return {
        "longitude": round(shown.longitude, 6),
        "latitude": round(shown.latitude, 6),
        "accuracy": device.accuracy,
        "address": place.address if named else "",
        "province": place.province if named else "",
        "city": place.city if named else "",
        "district": place.district if named else "",
        "road": place.road if named else "",
        "netType": device.network,
        "operatorType": device.operator,
        "locationType": 5 if wifi else 1,
        "errorMessage": "",
        "errorCode": 0,
        "isWifiEnabled": device.wifi,
        "isGpsEnabled": True,
        "isFromMock": False,
        "isMobileEnabled": device.network not in ("wifi", "none"),
        "provider": "wifi" if wifi else "gps",
    }


@serves("device.geolocation.get")
async def get_position(call: Invocation) -> dict[str, Any]:
    """Answer with the simulator's position."""
    return position(call, device_of(call))


@serves("device.geolocation.checkPermission")
async def check_permission(call: Invocation) -> dict[str, Any]:
    """Tell whether the position may be read."""
    return {"hasPermission": device_of(call).location}


@serves("device.connection.getNetworkType")
async def network_type(call: Invocation) -> dict[str, Any]:
    """Answer with the simulator's network."""
    return {"result": device_of(call).network}


@serves("device.base.getUUID")
async def uuid(call: Invocation) -> dict[str, Any]:
    """Answer with an id that is the same for this member each time."""
    device = device_of(call)
    if device.uuid:
        return {"uuid": device.uuid[:64]}
    member = await get_member(call.core, call.frame.corp_id, call.frame.userid)
    return {"uuid": signin_people.handle("device", member.unionid)}


@serves("device.base.getInterface")
async def interface(call: Invocation) -> dict[str, Any]:
    """Answer with the hotspot the device is connected to, empty without one."""
    device = device_of(call)
    on = device.wifi and device.network == "wifi"
    return {"ssid": device.ssid if on else "", "macIp": device.mac if on else ""}


@serves("device.base.getPhoneInfo")
async def phone_info(call: Invocation) -> dict[str, Any]:
    """Answer with what kind of device is simulated."""
    device = device_of(call)
    return {
        "screenWidth": device.width,
        "screenHeight": device.height,
        "brand": device.brand,
        "model": device.model,
        "version": device.system,
        "netInfo": device.network,
        "operatorType": device.operator,
    }


@serves("device.base.getWifiStatus")
async def wifi_status(call: Invocation) -> dict[str, Any]:
    """Answer whether Wi-Fi is on: 1 or 0."""
    return {"status": int(device_of(call).wifi)}


@serves("device.base.getBatteryInfo")
async def battery(call: Invocation) -> dict[str, Any]:
    """Answer with the charge in percent."""
    device = device_of(call)
    return {"level": device.battery, "isCharging": device.charging}


@serves("device.launcher.checkInstalledApps")
async def installed(call: Invocation) -> dict[str, Any]:
    """Answer which of these the simulated device has."""
    held = set(device_of(call).apps)
    return {"installed": [each for each in call.params["apps"] if each in held]}


@serves("device.launcher.launchApp")
async def launch(call: Invocation) -> dict[str, Any]:
    """Answer whether the simulated device has the app; nothing is started."""
    return {"result": call.params["app"] in device_of(call).apps}


@completes("device.geolocation.start")
async def next_position(call: Invocation, _: Any) -> dict[str, Any]:
    """Answer the browser, which asks again at every interval."""
    return position(call, device_of(call))
