"""`python -m lanchat.consumers.worker`."""

import sys

from lanchat.consumers.worker.program import main

sys.exit(main(sys.argv[1:]))
