"""Whether the database is the one that was here last: who votes must know when a copy of it was brought back."""

import contextlib
import secrets
from pathlib import Path

from lanchat.errors import JournalError
from lanchat.identity.store import SettingStore

_DISK = "disk"
_FILE = "node.mark"


async def was_brought_back(store: SettingStore, data_dir: Path) -> bool:
    """Return whether the database is another one than at the last start, and mark it for the next.

    A random mark lies in the database and in a file beside it, and is made anew at each start. So a database that was
    replaced by an older copy of itself is noticed, unless the file was as well. On a full disk the last mark stays.

    Args:
        store: the settings in the database.
        data_dir: where the file is.
    """
    path = data_dir / _FILE
    known = (await store.settings()).get(_DISK)
    here = path.read_text("ascii", "replace") if path.is_file() else ""
    mark = secrets.token_hex(16)
    with contextlib.suppress(JournalError, OSError):
        await store.put_setting(_DISK, mark)
        path.touch(0o600)
        path.write_text(mark, "ascii")
    return known is not None and known != here
