"""What the tests of the documentation share."""

from tests.support.consumers.blocking import asgiref_thread

__all__ = ["asgiref_thread"]
