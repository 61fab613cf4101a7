"""`python -m lanchat.consumers.asyncapi`."""

import sys

from lanchat.consumers.asyncapi.program import main

sys.exit(main(sys.argv[1:]))
