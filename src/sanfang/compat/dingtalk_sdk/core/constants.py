"""The kinds of push that a suite gets."""

from enum import Enum


class SuitePushType(Enum):
    """``EventType`` of a suite's pushes."""

    CHECK_URL = "check_url"
    CHANGE_AUTH = "change_auth"
    SUITE_TICKET = "suite_ticket"
    TMP_AUTH_CODE = "tmp_auth_code"
    SUITE_RELIEVE = "suite_relieve"
    CHECK_CREATE_SUITE_URL = "check_create_suite_url"
    CHECK_UPDATE_SUITE_URL = "check_update_suite_url"
    CHECK_SUITE_LICENSE_CODE = "check_suite_license_code"
    MARKET_BUY = "market_buy"
    ORG_MICRO_APP_STOP = "org_micro_app_stop"
    ORG_MICRO_APP_REMOVE = "org_micro_app_remove"
    ORG_MICRO_APP_RESTORE = "org_micro_app_restore"
