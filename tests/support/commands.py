"""One example of every command that a client may send in a room."""

from lanchat.protocol import (
    VERSION,
    Announce,
    Author,
    Cancel,
    Clear,
    Command,
    Compare,
    Confirm,
    Enter,
    Export,
    Forget,
    Hello,
    History,
    Import,
    Invite,
    Issue,
    Join,
    Knock,
    Leave,
    NodeInfo,
    Open,
    Passphrase,
    Post,
    Presence,
    Prove,
    Quorum,
    Read,
    Receipts,
    Rename,
    Revoke,
    RoomRef,
    Rules,
    Search,
    Tickets,
    Typing,
    Verify,
)


def one_of_each(room: str, person: Author, node: NodeInfo) -> list[Command]:
    """Return one command of each kind, in an order in which each can be carried out by somebody.

    Args:
        room: its id.
        person: somebody who is in it.
        node: the node for which a link speaks.
    """
    return [
        Hello(version=VERSION, client="guest"),
        Prove(certificate="none", signature="none"),
        Open(name="another"),
        Join(room=room),
        Post(room=room, nonce="one of each", text="hello", author=person),
        History(room=room, after=0),
        Search(room=room, text="hello"),
        Typing(room=room, author=person),
        Read(room=room, seq=1),
        Presence(room=room, node=node, members=[person]),
        Receipts(room=room, node=node, kept=1),
        Invite(room=room, to=person.id, into=RoomRef(id="d" * 32, name="Desk"), author=person),
        Verify(room=room, to=person.id, transaction="c" * 32, step="start", author=person),
        Compare(action="begin", room=room, person=person.id),
        Rename(nick="Renamed"),
        Announce(text="Lunch"),
        Export(room=room),
        Import(size=5),
        Cancel(job="nothing"),
        Clear(person="nobody at all", dry_run=True),
        Enter(room=room, passphrase="a passphrase"),
        Knock(room=room, share="0" * 66),
        Confirm(room=room, tag="0" * 64),
        Rules(room=room),
        Passphrase(room=room, passphrase="a passphrase"),
        Issue(room=room),
        Tickets(room=room),
        Revoke(room=room, ticket="nothing"),
        Quorum(room=room, step="seek", sender=f"{node.id}.{'0' * 16}", to="", port=28_280),
        Leave(room=room),
        Forget(room=room),
    ]
