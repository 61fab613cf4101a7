"""What consumers send and take, as an AsyncAPI document: `python -m lanchat.consumers.asyncapi`."""

from lanchat.consumers.asyncapi.document import asyncapi_document

__all__ = ["asyncapi_document"]
