"""Every error that the chat raises on purpose, in one tree; those of the library are in `lanchat.layers.errors`.

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
│   ├── GoingAway             going_away (retry)
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
│   ├── StaysApart            stays_apart
│   ├── CannotMove            cannot_move
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

from lanchat.errors.bounds import LimitError, LimitReached, SlowDown, TooManySearches
from lanchat.errors.doors import (
    DoorError,
    ForeignHost,
    ForeignOrigin,
    GoingAway,
    MalformedRequest,
    NotProven,
    NotSecure,
    Unauthorised,
    UnsupportedVersion,
)
from lanchat.errors.frames import FrameError, HelloFirst, InvalidFrame, NotJson, NotText, TextTooLong, UnknownFrame
from lanchat.errors.jobs import InvalidArchive, JobError, NoSuchJob, RoomIsHere, TooManyJobs
from lanchat.errors.journal import DiskFull, JournalDamaged, JournalError, JournalFailed, JournalNewer, JournalReadOnly
from lanchat.errors.naming import error_of
from lanchat.errors.refusals import (
    Banned,
    InvalidInvitation,
    Kicked,
    Muted,
    NeedsInvitation,
    NeedsPassphrase,
    NoGuests,
    NotModerator,
    ReadOnly,
    RefusedError,
    RoomLocked,
    SlowMode,
    WrongPassphrase,
)
from lanchat.errors.requests import InvalidNick, NoProgram
from lanchat.errors.rooms import (
    CannotMove,
    InvalidRoomName,
    InvalidSignature,
    NoSuchMessage,
    NoSuchRoom,
    NotJoined,
    NotOwner,
    NotYours,
    RoomDeleted,
    RoomError,
    SearchTooLong,
    SearchTooSlow,
    StaysApart,
    StillHome,
    TooManyChanges,
    TooManyReactions,
)
from lanchat.errors.start import (
    AlreadyRunning,
    DataDirUnusable,
    InvalidAddress,
    InvalidSetting,
    NotArrived,
    NoWindow,
    OtherNode,
    PortTaken,
    SelfTestFailed,
    StartError,
    Unreachable,
)
from lanchat.errors.verification import (
    CannotCompare,
    ComparisonExpired,
    MalformedStep,
    NoSuchComparison,
    StepOutOfOrder,
    StepReplayed,
    VerificationError,
    WrongCommitment,
    WrongMac,
)
from lanchat.fault import LanchatError

__all__ = [
    "AlreadyRunning",
    "Banned",
    "CannotCompare",
    "CannotMove",
    "ComparisonExpired",
    "DataDirUnusable",
    "DiskFull",
    "DoorError",
    "ForeignHost",
    "ForeignOrigin",
    "FrameError",
    "GoingAway",
    "HelloFirst",
    "InvalidAddress",
    "InvalidArchive",
    "InvalidFrame",
    "InvalidInvitation",
    "InvalidNick",
    "InvalidRoomName",
    "InvalidSetting",
    "InvalidSignature",
    "JobError",
    "JournalDamaged",
    "JournalError",
    "JournalFailed",
    "JournalNewer",
    "JournalReadOnly",
    "Kicked",
    "LanchatError",
    "LimitError",
    "LimitReached",
    "MalformedRequest",
    "MalformedStep",
    "Muted",
    "NeedsInvitation",
    "NeedsPassphrase",
    "NoGuests",
    "NoProgram",
    "NoSuchComparison",
    "NoSuchJob",
    "NoSuchMessage",
    "NoSuchRoom",
    "NoWindow",
    "NotArrived",
    "NotJoined",
    "NotJson",
    "NotModerator",
    "NotOwner",
    "NotProven",
    "NotSecure",
    "NotText",
    "NotYours",
    "OtherNode",
    "PortTaken",
    "ReadOnly",
    "RefusedError",
    "RoomDeleted",
    "RoomError",
    "RoomIsHere",
    "RoomLocked",
    "SearchTooLong",
    "SearchTooSlow",
    "SelfTestFailed",
    "SlowDown",
    "SlowMode",
    "StartError",
    "StaysApart",
    "StepOutOfOrder",
    "StepReplayed",
    "StillHome",
    "TextTooLong",
    "TooManyChanges",
    "TooManyJobs",
    "TooManyReactions",
    "TooManySearches",
    "Unauthorised",
    "UnknownFrame",
    "Unreachable",
    "UnsupportedVersion",
    "VerificationError",
    "WrongCommitment",
    "WrongMac",
    "WrongPassphrase",
    "error_of",
]
