"""Why nobody was found: what this machine and the nodes that it knows see of the network, and what that means."""

from lanchat.lan.diagnosis.doctor import Doctor

__all__ = ["Doctor"]
