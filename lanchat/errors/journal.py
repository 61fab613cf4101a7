"""What the database cannot keep."""

from lanchat.fault import LanchatError


class JournalError(LanchatError):
    """The database cannot keep this."""

    code = "journal_error"


class DiskFull(JournalError):
    """The disk is full, so the message was not kept; free some space and send it again."""

    code = "disk_full"
    retry = True


class JournalReadOnly(JournalError):
    """The database cannot be written to, so the message was not kept."""

    code = "journal_read_only"


class JournalDamaged(JournalError):
    """The database file is damaged."""

    code = "journal_damaged"


class JournalNewer(JournalError):
    """The database was written by a newer Lanchat; update this one, or choose another --data-dir."""

    code = "journal_newer"


class JournalFailed(JournalError):
    """The database did not answer, so the message was not kept."""

    code = "journal_failed"
    retry = True
