"""Connecting nodes of one network of this machine with the homes of rooms in another one."""

from lanchat.web.between.passing import Between

__all__ = ["Between"]
