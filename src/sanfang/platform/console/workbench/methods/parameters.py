"""The table of parameters: ability → what it takes (jsapi.md 8.5, jsapi.json; both generations)."""

from __future__ import annotations

from .fields import (
    COUNT,
    FLAG,
    LINK,
    NUMBER,
    NUMBERS,
    TEXT,
    TEXTS,
    THING,
    THINGS,
    Field,
    Kind,
    one_of,
)


def _f(*fields: Field, needed: tuple[Field, ...] = (), **kinds: Kind) -> tuple[Field, ...]:
    return (*fields, *needed, *(Field(name, kind) for name, kind in kinds.items()))


def _need(**kinds: Kind) -> tuple[Field, ...]:
    return tuple(Field(name, kind, needed=True) for name, kind in kinds.items())


_CORP = Field("corpId", TEXT)
_PICK = _f(_CORP, title=TEXT, multiple=FLAG, limitTips=TEXT)
_DIALOG = _f(title=TEXT, message=TEXT, buttonName=TEXT, buttonLabels=TEXTS)
_PLACE = _need(latitude=NUMBER, longitude=NUMBER)
_WHEN = _f(format=TEXT, value=TEXT)
_DING = _f(
    _CORP,
    needed=_need(users=TEXTS),
    type=one_of(1, 2),
    alertType=one_of(0, 1, 2),
    alertDate=THING,
    attachment=THING,
    text=TEXT,
)
_BUTTON = _f(show=FLAG, control=FLAG, text=TEXT, showIcon=FLAG)
_AUDIO = _need(localAudioId=TEXT)

FIELDS: dict[str, tuple[Field, ...]] = {
    "biz.calendar.chooseDateTime": _f(default=NUMBER),
    "biz.calendar.chooseHalfDay": _f(default=NUMBER),
    "biz.calendar.chooseInterval": _f(defaultStart=NUMBER, defaultEnd=NUMBER),
    "biz.calendar.chooseOneDay": _f(default=NUMBER),
    "biz.chat.chooseConversationByCorpId": _f(
        _CORP, isAllowCreateGroup=FLAG, filterNotOwnerGroup=FLAG, max=COUNT
    ),
    "biz.chat.openSingleChat": _f(_CORP, needed=_need(userId=TEXT)),
    "biz.chat.pickConversation": _f(_CORP, isConfirm=FLAG),
    "biz.chat.toConversation": _f(_CORP, needed=_need(chatId=TEXT)),
    "biz.chat.toConversationByOpenConversationId": _f(needed=_need(openConversationId=TEXT)),
    "biz.clipboardData.setData": _need(text=TEXT),
    "biz.contact.choose": _f(
        _CORP, title=TEXT, users=TEXTS, multiple=FLAG, max=COUNT, startWithDepartmentId=COUNT
    ),
    "biz.contact.chooseMobileContacts": _f(
        title=TEXT, multiple=FLAG, maxUsers=COUNT, limitTips=TEXT
    ),
    "biz.contact.complexChoose": _f(_CORP, startWithDepartmentId=COUNT, selectedUsers=TEXTS),
    "biz.contact.complexPicker": _f(
        *_PICK,
        maxUsers=COUNT,
        pickedUsers=TEXTS,
        pickedDepartments=TEXTS,
        disabledUsers=TEXTS,
        disabledDepartments=TEXTS,
        requiredUsers=TEXTS,
        requiredDepartments=TEXTS,
        responseUserOnly=FLAG,
        startWithDepartmentId=COUNT,
        deptId=COUNT,
    ),
    "biz.contact.createGroup": _f(_CORP, users=TEXTS),
    "biz.contact.departmentsPicker": _f(
        *_PICK,
        maxDepartments=COUNT,
        pickedDepartments=TEXTS,
        disabledDepartments=TEXTS,
        requiredDepartments=TEXTS,
    ),
    "biz.contact.rolesPicker": _f(_CORP, maxRoles=COUNT, limitTips=TEXT, title=TEXT),
    "biz.cspace.chooseSpaceDir": _f(_CORP),
    "biz.cspace.preview": _f(
        _CORP,
        needed=_need(spaceId=TEXT, fileId=TEXT),
        fileName=TEXT,
        fileSize=NUMBER,
        fileType=TEXT,
    ),
    "biz.cspace.previewDentryImages": _f(needed=_need(images=THINGS), index=COUNT),
    "biz.cspace.saveFile": _f(_CORP, needed=_need(url=LINK, name=TEXT)),
    "biz.customContact.choose": _f(
        _CORP, needed=_need(users=TEXTS), title=TEXT, isShowCompanyName=FLAG
    ),
    "biz.customContact.multipleChoose": _f(
        _CORP,
        needed=_need(users=TEXTS),
        title=TEXT,
        isShowCompanyName=FLAG,
        selectedUsers=TEXTS,
        disabledUsers=TEXTS,
        max=COUNT,
    ),
    "biz.ding.create": _f(*_DING, bizType=one_of(0, 1, 2), confInfo=THING, taskInfo=THING),
    "biz.ding.post": _DING,
    "biz.map.locate": _f(latitude=NUMBER, longitude=NUMBER, scope=NUMBER),
    "biz.map.search": _f(latitude=NUMBER, longitude=NUMBER, scope=NUMBER),
    "biz.map.view": _f(*_PLACE, title=TEXT),
    "biz.microApp.openApp": _f(_CORP, agentId=TEXT, appId=TEXT),
    "biz.navigation.navigateToPage": _need(url=TEXT),
    "biz.navigation.quit": (),
    "biz.navigation.replace": _need(url=TEXT),
    "biz.navigation.setIcon": _f(showIcon=FLAG, iconIndex=COUNT),
    "biz.navigation.setLeft": _BUTTON,
    "biz.navigation.setMenu": _f(needed=_need(items=THINGS), backgroundColor=TEXT, textColor=TEXT),
    "biz.navigation.setRight": _BUTTON,
    "biz.navigation.setTitle": _f(title=TEXT, subTitle=TEXT),
    "biz.telephone.call": _f(_CORP, users=TEXTS, userId=TEXT),
    "biz.telephone.showCallMenu": _f(needed=_need(phoneNumber=TEXT), code=TEXT, showDingCall=FLAG),
    "biz.util.chooseImage": _f(count=COUNT, sourceType=TEXTS),
    "biz.util.chosen": _f(needed=_need(source=THINGS), selectedKey=TEXT, key=TEXT, value=TEXT),
    "biz.util.compressImage": _f(needed=_need(filePaths=TEXTS), compressLevel=COUNT),
    "biz.util.datepicker": _WHEN,
    "biz.util.datetimepicker": _WHEN,
    "biz.util.downloadFile": _f(needed=_need(url=LINK), name=TEXT),
    "biz.util.invokeWorkbench": _f(app_url=LINK, app_info=THING),
    "biz.util.isLocalFileExist": _f(urls=THINGS),
    "biz.util.multiSelect": _f(needed=_need(options=TEXTS)),
    "biz.util.open": _f(needed=_need(name=TEXT), params=THING),
    "biz.util.openLink": _need(url=TEXT),
    "biz.util.openLocalFile": _need(url=LINK),
    "biz.util.openModal": _f(needed=_need(url=TEXT), title=TEXT, size=TEXT),
    "biz.util.openSlidePanel": _f(needed=_need(url=TEXT), title=TEXT),
    "biz.util.previewImage": _f(needed=_need(urls=TEXTS), current=TEXT),
    "biz.util.scan": _f(type=TEXT),
    "biz.util.setScreenKeepOn": _f(isKeep=FLAG),
    "biz.util.share": _f(type=COUNT, url=TEXT, title=TEXT, content=TEXT, image=TEXT),
    "biz.util.timepicker": _WHEN,
    "biz.util.uploadAttachment": _f(
        needed=_need(types=TEXTS), image=THING, space=THING, file=THING
    ),
    "biz.util.uploadFile": _f(
        needed=_need(url=LINK, filePath=TEXT), fileName=TEXT, header=THING, formData=THING
    ),
    "biz.util.uploadImage": _f(multiple=FLAG, max=COUNT),
    "biz.util.ut": _f(needed=_need(key=TEXT)),
    "device.accelerometer.watchShake": _f(
        sensitivity=NUMBER, frequency=NUMBER, callbackDelay=NUMBER
    ),
    "device.audio.download": _need(mediaId=TEXT),
    "device.audio.pause": _AUDIO,
    "device.audio.play": _AUDIO,
    "device.audio.resume": _AUDIO,
    "device.audio.startRecord": _f(maxDuration=NUMBER),
    "device.audio.stop": _AUDIO,
    "device.geolocation.get": _f(
        targetAccuracy=NUMBER, coordinate=one_of(0, 1), withReGeocode=FLAG, useCache=FLAG
    ),
    "device.geolocation.start": _f(
        needed=_need(sceneId=TEXT),
        targetAccuracy=NUMBER,
        callBackInterval=NUMBER,
        withReGeocode=FLAG,
        useCache=FLAG,
    ),
    "device.geolocation.stop": _need(sceneId=TEXT),
    "device.launcher.checkInstalledApps": _need(apps=TEXTS),
    "device.launcher.launchApp": _need(app=TEXT),
    "device.nfc.nfcWrite": _need(content=TEXT),
    "device.notification.actionSheet": _f(title=TEXT, cancelButton=TEXT, otherButtons=TEXTS),
    "device.notification.alert": _DIALOG,
    "device.notification.confirm": _DIALOG,
    "device.notification.extendModal": _f(
        needed=_need(buttonLabels=TEXTS), cells=THINGS, image=TEXT, title=TEXT, content=TEXT
    ),
    "device.notification.modal": _f(image=TEXT, title=TEXT, content=TEXT, buttonLabels=TEXTS),
    "device.notification.prompt": _f(*_DIALOG, defaultText=TEXT),
    "device.notification.showPreloader": _f(text=TEXT, showIcon=FLAG),
    "device.notification.toast": _f(text=TEXT, duration=NUMBER, delay=NUMBER),
    "device.notification.vibrate": _f(duration=NUMBER),
    "device.screen.rotateView": _f(showStatusBar=FLAG, clockwise=FLAG),
    "runtime.monitor.getLoadTime": _need(
        type=one_of("RuntimeLaunchTime", "PageLoadTime", "RuntimeStartLoadTime")
    ),
    "ui.input.plain": _f(placeholder=TEXT, text=TEXT),
    "ui.progressBar.setColors": _f(colors=NUMBERS),
    "util.domainStorage.getItem": _need(name=TEXT),
    "util.domainStorage.removeItem": _need(name=TEXT),
    "util.domainStorage.setItem": _f(needed=_need(name=TEXT), value=TEXT),
}
