"""The scenarios of several hosts run inside `tests/support/lan/lab`; `test_scenarios.py` takes them there."""

import os

collect_ignore = ["test_scenarios.py"] if os.environ.get("LAN_LAB") else ["scenarios"]
