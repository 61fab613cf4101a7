"""What whoever operates a node reads of it: whether it lives and is ready, and its numbers, for programs and people."""

from lanchat.web.operation import stats
from lanchat.web.operation.health import for_readers, health, ready
from lanchat.web.operation.metrics import metrics

__all__ = ["for_readers", "health", "metrics", "ready", "stats"]
