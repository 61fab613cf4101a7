"""A long piece of work that somebody asked for."""

from lanchat.fault import LanchatError


class JobError(LanchatError):
    """The work cannot be done."""

    code = "job_error"


class NoSuchJob(JobError):
    """There is no such job of yours."""

    code = "no_such_job"


class TooManyJobs(JobError):
    """Too many long pieces of work run already; try again when one is done."""

    code = "too_many_jobs"
    retry = True


class InvalidArchive(JobError):
    """The file is no room that Lanchat has exported."""

    code = "invalid_archive"


class RoomIsHere(JobError):
    """The room is here already; bring more into it only from where you trust what is said in the file."""

    code = "room_is_here"
