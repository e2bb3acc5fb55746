"""What a person, or the browser itself, does alone: the server only reads the parameters."""

from __future__ import annotations

from .admitting import in_browser

NAMES = (
    *("biz.calendar.chooseDateTime", "biz.calendar.chooseHalfDay"),
    *("biz.calendar.chooseInterval", "biz.calendar.chooseOneDay"),
    "biz.clipboardData.setData",
    "biz.contact.chooseMobileContacts",
    *("biz.navigation.close", "biz.navigation.goBack", "biz.navigation.navigateBackPage"),
    *("biz.navigation.navigateToPage", "biz.navigation.quit", "biz.navigation.replace"),
    *("biz.navigation.setIcon", "biz.navigation.setLeft", "biz.navigation.setMenu"),
    *("biz.navigation.setRight", "biz.navigation.setTitle"),
    "biz.telephone.showCallMenu",
    *("biz.util.chooseImage", "biz.util.chosen", "biz.util.compressImage"),
    *("biz.util.datepicker", "biz.util.datetimepicker", "biz.util.invokeWorkbench"),
    *("biz.util.isLocalFileExist", "biz.util.multiSelect", "biz.util.openLink"),
    *("biz.util.openLocalFile", "biz.util.openModal", "biz.util.openSlidePanel"),
    *("biz.util.previewImage", "biz.util.scan", "biz.util.scanCard", "biz.util.timepicker"),
    *("biz.util.uploadImage", "biz.util.uploadImageFromCamera"),
    *("device.accelerometer.clearShake", "device.accelerometer.watchShake"),
    *("device.audio.download", "device.audio.onPlayEnd", "device.audio.onRecordEnd"),
    *("device.audio.pause", "device.audio.play", "device.audio.resume"),
    *("device.audio.startRecord", "device.audio.stop", "device.audio.stopRecord"),
    "device.audio.translateVoice",
    *("device.geolocation.start", "device.geolocation.status", "device.geolocation.stop"),
    *("device.nfc.nfcRead", "device.nfc.nfcStop", "device.nfc.nfcWrite"),
    *("device.notification.actionSheet", "device.notification.alert"),
    *("device.notification.confirm", "device.notification.extendModal"),
    *("device.notification.hidePreloader", "device.notification.modal"),
    *("device.notification.prompt", "device.notification.showPreloader"),
    *("device.notification.toast", "device.notification.vibrate"),
    *("device.screen.resetView", "device.screen.rotateView"),
    "ui.input.plain",
    *("ui.pullToRefresh.disable", "ui.pullToRefresh.enable", "ui.pullToRefresh.stop"),
    *("util.domainStorage.getItem", "util.domainStorage.getStorageInfo"),
    *("util.domainStorage.removeItem", "util.domainStorage.setItem"),
)

in_browser(*NAMES)
