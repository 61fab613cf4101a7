"""What the ports share with the tests of consumers."""

from tests.support.consumers.blocking import asgiref_thread

__all__ = ["asgiref_thread"]
