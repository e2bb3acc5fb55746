"""Errors, constants and small tools under the names that `dingtalk-sdk` gave them."""
