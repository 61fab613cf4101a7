"""What this node shares beside its rooms: where it is reached, and the program itself."""

from lanchat.web.sharing.download import download
from lanchat.web.sharing.program import ProgramFile
from lanchat.web.sharing.ways import with_ways

__all__ = ["ProgramFile", "download", "with_ways"]
