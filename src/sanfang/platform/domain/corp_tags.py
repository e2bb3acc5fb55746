"""Which tags an app may register for (callback-crypto.md 9)."""

from __future__ import annotations

from sanfang.catalog.events import http_tags

# The 16 of 2016 and what the legacy pages and SDKs of later years added.
_REGISTERED = """
user_add_org user_modify_org user_leave_org user_active_org
org_admin_add org_admin_remove org_dept_create org_dept_modify org_dept_remove
org_remove org_change
label_user_change label_conf_add label_conf_del label_conf_modify
chat_add_member chat_remove_member chat_quit chat_update_owner chat_update_title
chat_disband chat_disband_microapp
bpms_task_change bpms_instance_change check_in
attendance_check_record attendance_schedule_change attendance_overtime_duration
meetingroom_book meetingroom_room_info
edu_user_insert edu_user_update edu_user_delete
edu_user_relation_insert edu_user_relation_update edu_user_relation_delete
edu_dept_insert edu_dept_update edu_dept_delete
"""
# What is pushed over HTTP to the callback of a suite, and cannot be registered for.
_PUSHED_TO_SUITES = """
change_auth check_create_suite_url check_suite_license_code check_update_suite_url check_url
market_buy org_micro_app_restore org_micro_app_stop suite_relieve suite_ticket tmp_auth_code
"""

TAGS = frozenset(_REGISTERED.split())
_OF_SUITES = frozenset(_PUSHED_TO_SUITES.split())


def is_known(tag: str) -> bool:
    """Say whether a tag may be registered.

    Beyond the lists of ``call_back_tag`` every event that the newer documents push over HTTP: there
    is no console here in which to subscribe to those.
    """
    return tag in TAGS or (tag in http_tags() and tag not in _OF_SUITES)
