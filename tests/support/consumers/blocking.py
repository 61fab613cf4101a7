"""The thread that asgiref keeps for code that blocks."""

import pytest
from asgiref.sync import SyncToAsync


@pytest.fixture(scope="session", autouse=True)
def asgiref_thread() -> None:
    """Have the thread before any test begins: it stays until the end of the process, so no test leaves it behind."""
    SyncToAsync.single_thread_executor.submit(int).result()
