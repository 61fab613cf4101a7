"""Every error that Lanchat raises on purpose, in one tree.

```
LanchatError
├── FrameError                a frame that the protocol does not allow; the connection goes on
│   ├── NotJson               not_json
│   ├── NotText               not_text
│   ├── UnknownFrame          unknown_frame
│   ├── InvalidFrame          invalid_frame
│   ├── TextTooLong           text_too_long
│   └── HelloFirst            hello_first
├── DoorError                 who may come in
│   ├── ForeignHost           foreign_host
│   ├── ForeignOrigin         foreign_origin
│   ├── MalformedRequest      malformed_request
│   ├── Unauthorised          unauthorised
│   ├── NotSecure             not_secure
│   ├── NotProven             not_proven
│   └── UnsupportedVersion    unsupported_version
├── RoomError
│   ├── InvalidRoomName       invalid_room_name
│   ├── NoSuchRoom            no_such_room
│   ├── RoomDeleted           room_deleted
│   ├── NotJoined             not_joined
│   ├── NoSuchMessage         no_such_message
│   ├── NotYours              not_yours
│   ├── InvalidSignature      invalid_signature
│   ├── NotOwner              not_owner
│   ├── StillHome             still_home
│   ├── SearchTooLong         search_too_long
│   ├── SearchTooSlow         search_too_slow
│   ├── TooManyReactions      too_many_reactions
│   └── TooManyChanges        too_many_changes
├── RefusedError              what holds in a room
│   ├── NeedsPassphrase       needs_passphrase
│   ├── WrongPassphrase       wrong_passphrase
│   ├── NeedsInvitation       needs_invitation
│   ├── InvalidInvitation     invalid_invitation
│   ├── RoomLocked            room_locked
│   ├── Banned                banned
│   ├── Kicked                kicked (retry)
│   ├── Muted                 muted
│   ├── NoGuests              no_guests
│   ├── ReadOnly              read_only
│   ├── SlowMode              slow_mode (retry)
│   └── NotModerator          not_moderator
├── JobError                  a long piece of work that somebody asked for
│   ├── NoSuchJob             no_such_job
│   ├── TooManyJobs           too_many_jobs (retry)
│   ├── InvalidArchive        invalid_archive
│   └── RoomIsHere            room_is_here
├── LimitError                more than this node can bear from one side
│   ├── SlowDown              slow_down (retry)
│   ├── TooManySearches       too_many_searches (retry)
│   └── LimitReached          limit_reached
├── VerificationError         two people who compare words to know each other by their keys
│   ├── CannotCompare         cannot_compare
│   ├── NoSuchComparison      no_such_comparison
│   ├── ComparisonExpired     comparison_expired
│   ├── MalformedStep         malformed_step
│   ├── StepOutOfOrder        step_out_of_order
│   ├── StepReplayed          step_replayed
│   ├── WrongCommitment       wrong_commitment
│   └── WrongMac              wrong_mac
├── InvalidNick               invalid_nick
├── NoProgram                 no_program
├── LayerError
│   ├── ChannelFull           channel_full (retry)
│   ├── MessageTooLarge       message_too_large
│   ├── LayerUnreachable      layer_unreachable (retry)
│   └── InvalidMessage        invalid_message
├── JournalError
│   ├── DiskFull              disk_full (retry)
│   ├── JournalReadOnly       journal_read_only
│   ├── JournalDamaged        journal_damaged
│   ├── JournalNewer          journal_newer
│   └── JournalFailed         journal_failed (retry)
└── StartError                the program cannot start, or cannot reach what it was asked to
    ├── InvalidSetting        invalid_setting
    ├── PortTaken             port_taken
    ├── InvalidAddress        invalid_address
    ├── DataDirUnusable       data_dir_unusable
    ├── AlreadyRunning        already_running
    ├── NoWindow              no_window
    ├── Unreachable           unreachable (retry)
    ├── OtherNode             other_node (retry)
    ├── NotArrived            not_arrived (retry)
    └── SelfTestFailed        selftest_failed
```

The first line of a class's docstring is the sentence that a user reads when nothing more exact is known.
"""

from typing import ClassVar


class LanchatError(Exception):
    """Something went wrong in Lanchat.

    Attributes:
        code: stable name of the error, the same on the wire, in `--json` output and in logs.
        retry: whether the same request may succeed later without a change.
        exit_code: what the command line exits with.
    """

    code: ClassVar[str] = "error"
    retry: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence or (type(self).__doc__ or "").partition("\n")[0])


class FrameError(LanchatError):
    """The frame is not part of the protocol."""

    code = "frame_error"


class NotJson(FrameError):
    """The frame is not JSON."""

    code = "not_json"


class NotText(FrameError):
    """The frame is binary; this protocol speaks text frames."""

    code = "not_text"


class UnknownFrame(FrameError):
    """The frame's type is not known."""

    code = "unknown_frame"


class InvalidFrame(FrameError):
    """A field of the frame is missing or has the wrong type."""

    code = "invalid_frame"


class TextTooLong(FrameError):
    """The text is too long."""

    code = "text_too_long"


class HelloFirst(FrameError):
    """The first frame of a connection must be a hello."""

    code = "hello_first"


class DoorError(LanchatError):
    """You may not come in here."""

    code = "door_error"


class ForeignHost(DoorError):
    """This address is not one of ours; open the address that Lanchat shows."""

    code = "foreign_host"


class ForeignOrigin(DoorError):
    """Another web page may not use this Lanchat."""

    code = "foreign_origin"


class MalformedRequest(DoorError):
    """This is no HTTP request; send one by RFC 9112, its body as it is."""

    code = "malformed_request"


class Unauthorised(DoorError):
    """This window has no valid key; start Lanchat again to open a new one."""

    code = "unauthorised"


class NotSecure(DoorError):
    """Another node comes in by TLS only; dial it at https."""

    code = "not_secure"


class NotProven(DoorError):
    """This node did not prove that it is the one that it says it is."""

    code = "not_proven"


class UnsupportedVersion(DoorError):
    """The two sides speak different versions of the protocol; update the older Lanchat."""

    code = "unsupported_version"


class RoomError(LanchatError):
    """The room cannot do that."""

    code = "room_error"


class InvalidRoomName(RoomError):
    """A room's name needs 1 to 40 visible characters."""

    code = "invalid_room_name"
    exit_code = 2


class NoSuchRoom(RoomError):
    """There is no such room."""

    code = "no_such_room"
    exit_code = 3


class RoomDeleted(RoomError):
    """The owner of this room has deleted it for everybody."""

    code = "room_deleted"


class NotJoined(RoomError):
    """Join the room before you use it."""

    code = "not_joined"


class NoSuchMessage(RoomError):
    """There is no such message in this room."""

    code = "no_such_message"


class NotYours(RoomError):
    """Only who wrote a message can change or delete it."""

    code = "not_yours"


class InvalidSignature(RoomError):
    """Somebody is named as the author who has not signed this."""

    code = "invalid_signature"


class NotOwner(RoomError):
    """Only the person whose Lanchat this is can do that, at its own window."""

    code = "not_owner"


class StillHome(RoomError):
    """The room can be written in: nobody has to go on without the others."""

    code = "still_home"


class SearchTooLong(RoomError):
    """The search has too many words."""

    code = "search_too_long"


class SearchTooSlow(RoomError):
    """This search takes too long; look for longer or rarer words."""

    code = "search_too_slow"


class TooManyReactions(RoomError):
    """The message has as many reactions as one can have."""

    code = "too_many_reactions"


class TooManyChanges(RoomError):
    """The message was changed as often as one can be."""

    code = "too_many_changes"


class RefusedError(LanchatError):
    """The rules of this room do not allow that."""

    code = "refused"


class NeedsPassphrase(RefusedError):
    """This room has a passphrase; enter it to come in."""

    code = "needs_passphrase"


class WrongPassphrase(RefusedError):
    """This is not the passphrase of the room; check how it is written."""

    code = "wrong_passphrase"


class NeedsInvitation(RefusedError):
    """One comes into this room by invitation; ask somebody who is in it for one."""

    code = "needs_invitation"


class InvalidInvitation(RefusedError):
    """This invitation is not valid any more, or is for another room; ask for a new one."""

    code = "invalid_invitation"


class RoomLocked(RefusedError):
    """The room is locked, so nobody new comes in; ask its owner to open it."""

    code = "room_locked"


class Banned(RefusedError):
    """You are banned from this room; only its owner or a moderator can let you in again."""

    code = "banned"


class Kicked(RefusedError):
    """You were sent out of this room; you may come back in a minute."""

    code = "kicked"
    retry = True


class Muted(RefusedError):
    """You may read in this room, but not write; its owner or a moderator has muted you."""

    code = "muted"


class NoGuests(RefusedError):
    """Guests may not come into this room; it is for people who have Lanchat."""

    code = "no_guests"


class ReadOnly(RefusedError):
    """Guests may read in this room, but not write; people who have Lanchat may."""

    code = "read_only"


class SlowMode(RefusedError):
    """This room is in slow mode; wait a little before you write again."""

    code = "slow_mode"
    retry = True


class NotModerator(RefusedError):
    """Only the owner of this room, or a moderator, can do that."""

    code = "not_moderator"


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
    exit_code = 2


class RoomIsHere(JobError):
    """The room is here already; bring more into it only from where you trust what is said in the file."""

    code = "room_is_here"


class LimitError(LanchatError):
    """This is more than the node takes."""

    code = "limit_error"


class SlowDown(LimitError):
    """You do this too often; try again in a moment.

    Attributes:
        wait: seconds after which it may be tried again.
    """

    code = "slow_down"
    retry = True

    def __init__(self, sentence: str = "", *, wait: float = 0.0) -> None:
        super().__init__(sentence)
        self.wait = wait


class TooManySearches(LimitError):
    """Several searches of yours wait already; wait for an answer."""

    code = "too_many_searches"
    retry = True


class LimitReached(LimitError):
    """There are as many of these here as there may be."""

    code = "limit_reached"


class VerificationError(LanchatError):
    """The comparison of words failed."""

    code = "verification_error"


class CannotCompare(VerificationError):
    """Words can be compared only with a person who is here with a Lanchat of their own."""

    code = "cannot_compare"


class NoSuchComparison(VerificationError):
    """There is no such comparison of words; it may be over."""

    code = "no_such_comparison"


class ComparisonExpired(VerificationError):
    """Comparing words took too long; begin again."""

    code = "comparison_expired"


class MalformedStep(VerificationError):
    """A step of the comparison does not carry what it should."""

    code = "malformed_step"


class StepOutOfOrder(VerificationError):
    """A step of the comparison came when it was not its turn."""

    code = "step_out_of_order"


class StepReplayed(VerificationError):
    """A step of the comparison came a second time, and was passed over."""

    code = "step_replayed"


class WrongCommitment(VerificationError):
    """The other side shows another key than the one it promised: somebody may be between you."""

    code = "wrong_commitment"


class WrongMac(VerificationError):
    """The other side confirms something else than what was compared: somebody may be between you."""

    code = "wrong_mac"


class InvalidNick(LanchatError):
    """A name needs 1 to 24 visible characters."""

    code = "invalid_nick"
    exit_code = 2


class NoProgram(LanchatError):
    """This Lanchat does not run from a program file, so it has none to give; whoever has its source makes one."""

    code = "no_program"


class LayerError(LanchatError):
    """The channel layer cannot carry this."""

    code = "layer_error"


class ChannelFull(LayerError):
    """The channel has no room for another message."""

    code = "channel_full"
    retry = True


class MessageTooLarge(LayerError):
    """The message is too large for the channel layer."""

    code = "message_too_large"


class LayerUnreachable(LayerError):
    """The server behind the channel layer cannot be reached now; it will be tried again."""

    code = "layer_unreachable"
    retry = True


class InvalidMessage(LayerError, TypeError):
    """The message is not one that every channel layer can carry."""

    code = "invalid_message"


class JournalError(LanchatError):
    """The database cannot keep this."""

    code = "journal_error"
    exit_code = 5


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


class StartError(LanchatError):
    """Lanchat cannot start."""

    code = "start_error"


class InvalidSetting(StartError):
    """A setting is not valid."""

    code = "invalid_setting"
    exit_code = 2


class PortTaken(StartError):
    """Another program uses this port."""

    code = "port_taken"
    exit_code = 4


class InvalidAddress(StartError):
    """This machine has no such address."""

    code = "invalid_address"
    exit_code = 4


class DataDirUnusable(StartError):
    """The data directory cannot be used."""

    code = "data_dir_unusable"
    exit_code = 5


class AlreadyRunning(StartError):
    """Lanchat already runs on this data directory."""

    code = "already_running"
    exit_code = 6


class NoWindow(StartError):
    """No window can be opened on this machine."""

    code = "no_window"
    exit_code = 7


class Unreachable(StartError):
    """Nobody answers at that address."""

    code = "unreachable"
    retry = True
    exit_code = 4


class OtherNode(StartError):
    """Another machine answers at that address: its key is another."""

    code = "other_node"
    retry = True
    exit_code = 4


class NotArrived(StartError):
    """What was sent is kept here, and has not reached the room's home in time."""

    code = "not_arrived"
    retry = True
    exit_code = 8


class SelfTestFailed(StartError):
    """The self-test found a part that does not work."""

    code = "selftest_failed"


def error_of(code: str, sentence: str, wait: float = 0.0) -> LanchatError:
    """Return the error that another node named by its code; LanchatError itself when this version does not know it.

    Args:
        code: of the error.
        sentence: what it says.
        wait: seconds after which it may be tried again, where that is said.
    """
    if code == SlowDown.code:
        return SlowDown(sentence, wait=wait)
    kinds = [LanchatError]
    for kind in kinds:
        if kind.code == code:
            return kind(sentence)
        kinds.extend(kind.__subclasses__())
    return LanchatError(sentence)
