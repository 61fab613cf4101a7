"""The command line that writes a document."""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import cast

from lanchat.consumers.asyncapi.document import Routes, asyncapi_document
from lanchat.consumers.errors import NotLoadable
from lanchat.consumers.loading import load

_WRONG = 2


def main(arguments: Sequence[str]) -> int:
    """Write the document to standard output, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m lanchat.consumers.asyncapi",
        description="Writes an AsyncAPI 3.0 document of consumers, in JSON.",
    )
    parser.add_argument("consumers", help="package.module:name of consumers by their paths, or of a router")
    parser.add_argument("--title", default="WebSocket API", help="of the API (default: %(default)s)")
    parser.add_argument("--api-version", default="1.0.0", help="of the API (default: %(default)s)")
    options = parser.parse_args(arguments)
    try:
        routes = cast("Routes", load(options.consumers))
        document = asyncapi_document(routes, title=options.title, version=options.api_version)
    except (NotLoadable, TypeError) as error:
        sys.stderr.write(f"{error}\n")
        return _WRONG
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    return 0
