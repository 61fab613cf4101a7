"""The limits of a node as settings: each with its value, its unit and what it is for."""

from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

Rate = Annotated[float, Meta(gt=0, extra={"unit": "a second"})]
"""How often something may happen in the long run."""
Burst = Annotated[float, Meta(ge=1, extra={"unit": "at once"})]
"""How often it may happen at once, after a rest."""
Count = Annotated[int, Meta(ge=1, extra={"unit": ""})]
"""How many of something there may be."""
Seconds = Annotated[float, Meta(gt=0, extra={"unit": "s"})]
"""How long something may last."""
Bytes = Annotated[int, Meta(ge=1, extra={"unit": "bytes"})]
"""How large something may be."""
Days = Annotated[int, Meta(ge=0, extra={"unit": "days"})]
"""How old something may get; 0: as old as it likes."""


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that bounds what others can ask of this node: the table `[limits]` of the settings.

    What is `a second` and `at once` belongs together: so many at once, and then so many a second. Each person at an
    address has that much; everybody at one address together has `address_share` times as much, and so has a link, which
    is made to wait where others are refused. What everybody in a room is told counts against the room as well, of which
    one address has half. The owner's own windows and programs are never refused.
    """

    post_rate: Annotated[Rate, Meta(description="Posts, edits, reactions and deletions of a person.")] = 50.0
    post_burst: Annotated[Burst, Meta(description="The same, after a rest.")] = 500.0
    room_post_rate: Annotated[
        Rate, Meta(description="Posts, edits, reactions and deletions in one room; half of it for one address.")
    ] = 500.0
    room_post_burst: Annotated[Burst, Meta(description="The same, after a rest.")] = 5000.0
    bring_rate: Annotated[
        Rate, Meta(description="Posts from a branch that a link brings, for each person that an address has.")
    ] = 60.0
    bring_burst: Annotated[Burst, Meta(description="The same, after a rest.")] = 100.0
    room_bring_rate: Annotated[Rate, Meta(description="Posts from branches in one room; half for one address.")] = (
        2000.0
    )
    room_bring_burst: Annotated[Burst, Meta(description="The same, after a rest.")] = 2000.0
    room_join_rate: Annotated[Rate, Meta(description="Times that people enter or leave one room; likewise.")] = 100.0
    room_join_burst: Annotated[Burst, Meta(description="The same, after a rest.")] = 2000.0
    room_signal_rate: Annotated[Rate, Meta(description="Signs of writing or reading in one room; likewise.")] = 500.0
    room_signal_burst: Annotated[Burst, Meta(description="The same, after a rest.")] = 5000.0
    open_rate: Annotated[Rate, Meta(description="Rooms that a person looks for or makes.")] = 5.0
    open_burst: Annotated[Burst, Meta(description="The same, after a rest.")] = 100.0
    join_rate: Annotated[Rate, Meta(description="Rooms that a person enters or leaves.")] = 20.0
    join_burst: Annotated[Burst, Meta(description="The same, after a rest.")] = 400.0
    page_rate: Annotated[Rate, Meta(description="Pages of history that a person asks for.")] = 20.0
    page_burst: Annotated[Burst, Meta(description="The same, after a rest.")] = 400.0
    search_rate: Annotated[Rate, Meta(description="Searches of a person.")] = 4.0
    search_burst: Annotated[Burst, Meta(description="The same, after a rest.")] = 40.0
    signal_rate: Annotated[Rate, Meta(description="Times that a person says it is writing, or has read.")] = 20.0
    signal_burst: Annotated[Burst, Meta(description="The same, after a rest.")] = 200.0
    rename_rate: Annotated[Rate, Meta(description="New names of a person.")] = 0.5
    rename_burst: Annotated[Burst, Meta(description="The same, after a rest.")] = 20.0
    invite_rate: Annotated[Rate, Meta(description="Invitations of a person.")] = 2.0
    invite_burst: Annotated[Burst, Meta(description="The same, after a rest.")] = 40.0
    door_rate: Annotated[Rate, Meta(description="Passphrases, codes and rules of a person.")] = 1.0
    door_burst: Annotated[Burst, Meta(description="The same, after a rest.")] = 20.0
    announce_rate: Annotated[Rate, Meta(description="Announcements, exports and imports of a person.")] = 2.0
    announce_burst: Annotated[Burst, Meta(description="The same, after a rest.")] = 40.0
    link_rate: Annotated[Rate, Meta(description="Times that another node tells who is there or what is read.")] = 20.0
    link_burst: Annotated[Burst, Meta(description="The same, after a rest.")] = 400.0

    address_share: Annotated[Count, Meta(description="How many people's worth an address has, and a link.")] = 20
    refusal_rate: Annotated[Rate, Meta(description="Times that a person is told to slow down before it ends.")] = 1.0
    refusal_burst: Annotated[Burst, Meta(description="The same, after a rest.")] = 200.0
    posts_unanswered: Annotated[Count, Meta(description="Posts of a connection that wait; then it is not read.")] = 64

    connections: Annotated[Count, Meta(description="Connections of the network at once, if there are descriptors.")] = (
        10_000
    )
    connections_per_address: Annotated[Count, Meta(description="The same of one address; at most half of all.")] = 1000
    window_connections: Annotated[Count, Meta(description="Places of the owner's own windows and programs.")] = 512
    descriptors_reserved: Annotated[Count, Meta(description="Descriptors kept for database, log and links.")] = 128
    handshake_rate: Annotated[Rate, Meta(description="New connections; for each address, times address_share.")] = 10.0
    handshake_burst: Annotated[Burst, Meta(description="The same, after a rest.")] = 100.0
    request_rate: Annotated[Rate, Meta(description="Requests by HTTP; for each address, times address_share.")] = 20.0
    request_burst: Annotated[Burst, Meta(description="The same, after a rest.")] = 500.0
    frame_rate: Annotated[Rate, Meta(description="Frames of a connection; what comes faster is read later.")] = 250.0
    frame_burst: Annotated[Burst, Meta(description="The same, after a rest.")] = 64.0
    byte_rate: Annotated[Rate, Meta(description="Bytes of a connection; what comes faster is read later.")] = 1e6
    byte_burst: Annotated[Burst, Meta(description="The same, after a rest.")] = 512_000.0
    idle_time: Annotated[Seconds, Meta(description="So long a connection may be without a whole request.")] = 10.0

    rooms: Annotated[Count, Meta(description="Rooms on this node, where somebody on the network wants a new one.")] = (
        2000
    )
    rooms_per_address: Annotated[Count, Meta(description="Rooms that one address may make while the node runs.")] = 200
    members: Annotated[Count, Meta(description="People in one room.")] = 5000
    rooms_joined: Annotated[Count, Meta(description="Rooms that one connection is in at once.")] = 500

    vote_after: Annotated[
        Seconds,
        Meta(description="So long somebody is in an open room before their machine decides with others."),
    ] = 60.0
    vote_after_silence: Annotated[Seconds, Meta(description="The same where they have said nothing in it.")] = 600.0

    mirror_rows: Annotated[Count, Meta(description="Entries of a copy of another's room; then it gets no more.")] = (
        2_000_000
    )
    mirror_bytes: Annotated[Bytes, Meta(description="The same in bytes.")] = 2 * 1024**3
    mirror_days: Annotated[
        Days, Meta(description="Age of entries of such a copy; what is older goes. 0: it stays, as `keep_days` says.")
    ] = 0
    home_rows: Annotated[Count, Meta(description="Entries of all copies of rooms of one other node.")] = 5_000_000
    home_bytes: Annotated[Bytes, Meta(description="The same in bytes.")] = 4 * 1024**3
    idle_days: Annotated[
        Count, Meta(description="Days that a copy goes on to grow when nobody here is in it; then until somebody is.")
    ] = 365
    home_signal_rate: Annotated[
        Rate, Meta(description="Who is there, writes or has read, as one home tells of one room; the rest is dropped.")
    ] = 100.0
    home_signal_burst: Annotated[Burst, Meta(description="The same, after a rest.")] = 1000.0
    home_notice_rate: Annotated[
        Rate, Meta(description="Announcements and invitations of one home in one room; the rest is dropped.")
    ] = 1.0
    home_notice_burst: Annotated[Burst, Meta(description="The same, after a rest.")] = 20.0
    set_aside_files: Annotated[Count, Meta(description="Copies that are set aside, in all; then none is replaced.")] = (
        100
    )
    set_aside_bytes: Annotated[Bytes, Meta(description="The same in bytes.")] = 2 * 1024**3

    guesses_per_address: Annotated[Count, Meta(description="Wrong passphrases of an address before a pause.")] = 5
    guesses_per_room: Annotated[Count, Meta(description="The same of everybody in one room.")] = 30
    guess_seconds: Annotated[Seconds, Meta(description="In so much time.")] = 600.0
    guess_pause: Annotated[Seconds, Meta(description="The first pause; each that follows soon is twice as long.")] = (
        60.0
    )
    invitations: Annotated[Count, Meta(description="Invitations into one room that stand.")] = 100
    rules: Annotated[
        Count, Meta(description="Rules that one room has, all that ever were; half of it about who comes in.")
    ] = 10_000

    rooms_listed: Annotated[Count, Meta(description="Rooms in a list; others are found by name.")] = 300
    advert_rate: Annotated[Rate, Meta(description="Rooms that we announce or withdraw by multicast.")] = 4.0
    advert_burst: Annotated[Burst, Meta(description="The same, after a rest.")] = 80.0
    rooms_advertised: Annotated[Count, Meta(description="Rooms that are announced; others ask for more.")] = 64
    search_words: Annotated[Count, Meta(description="Words of a search.")] = 16
    search_seconds: Annotated[Seconds, Meta(description="How long one search may take.")] = 2.0


class Limit(NamedTuple):
    """One limit as it is shown.

    Attributes:
        name: its name in `[limits]`.
        value: its value.
        unit: what it is counted in; empty for a plain number.
        meaning: what it bounds.
        default: its value where nothing else is set.
    """

    name: str
    value: float
    unit: str
    meaning: str
    default: float


def rows(limits: Limits) -> list[Limit]:
    """Return every limit, in the order of their declaration."""
    return [_row(limits, field) for field in msgspec.structs.fields(Limits)]


def _row(limits: Limits, field: msgspec.structs.FieldInfo) -> Limit:
    metas: tuple[Meta, ...] = field.type.__metadata__
    unit = next((meta.extra["unit"] for meta in metas if meta.extra), "")
    meaning = next((meta.description for meta in metas if meta.description), "")
    return Limit(field.name, getattr(limits, field.name), unit, meaning, field.default)
