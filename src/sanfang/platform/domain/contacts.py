"""Departments and members of a corp under one name."""

from __future__ import annotations

from .departments import (
    DEPARTMENTS,
    DepartmentFields,
    create_department,
    department_managers,
    department_size,
    get_department,
    list_departments,
    path_to_root,
    search_departments,
    sub_department_ids,
    update_department,
)
from .leaving import delete_department, delete_member, delete_members
from .member_rules import MOBILE_CORPS
from .members import (
    MemberFields,
    count_members,
    create_member,
    get_member,
    get_member_by_mobile,
    get_member_by_unionid,
    left_members,
    list_members,
    members_by_activity,
    search_members,
    unknown_member,
    update_member,
    userids_of_department,
    visible,
)

__all__ = [
    "DEPARTMENTS",
    "MOBILE_CORPS",
    "DepartmentFields",
    "MemberFields",
    "count_members",
    "create_department",
    "create_member",
    "delete_department",
    "delete_member",
    "delete_members",
    "department_managers",
    "department_size",
    "get_department",
    "get_member",
    "get_member_by_mobile",
    "get_member_by_unionid",
    "left_members",
    "list_departments",
    "list_members",
    "members_by_activity",
    "path_to_root",
    "search_departments",
    "search_members",
    "sub_department_ids",
    "unknown_member",
    "update_department",
    "update_member",
    "userids_of_department",
    "visible",
]
