"""Who is let in at one of the node's two doors, and as whom."""

from lanchat import protocol
from lanchat.errors import (
    HelloFirst,
    InvalidFrame,
    InvalidSignature,
    NotProven,
    NotSecure,
    Unauthorised,
    UnsupportedVersion,
)
from lanchat.identity import fresh_nonce, is_owner, is_proven, names
from lanchat.protocol import (
    Author,
    Command,
    Hello,
    NodeInfo,
    Prove,
    guest_id,
    is_guest_secret_of,
    travelling_secret,
)
from lanchat.rooms import Visitor
from lanchat.sessions.context import SessionContext

_AT_WINDOW = frozenset({"window", "script"})
_AT_NETWORK = frozenset({"guest", "link", "script"})


def admit(command: Command, context: SessionContext, *, secure: bool, address: str = "") -> Visitor:
    """Let a client in by its first command. A link is in only when it has proved as well which node it is.

    Args:
        command: what it said.
        context: what it meets here.
        secure: whether it came by TLS.
        address: where it comes from.

    Raises:
        HelloFirst: the command is no hello.
        UnsupportedVersion: the client speaks another version of the protocol.
        Unauthorised: the window's door wants a key, and this one is not valid.
        InvalidFrame: this kind of client does not come in through this door, or a link does not name its node.
        NotSecure: a link did not come by TLS.
        InvalidSignature: a link names a person who has not signed that its node is theirs.
        InvalidNick: nobody can have this name.
        LanchatError: the gate refuses.
    """
    if not isinstance(command, Hello):
        raise HelloFirst
    if command.version != protocol.VERSION:
        raise UnsupportedVersion(
            f"This Lanchat speaks version {protocol.VERSION} of the protocol, the other side version "
            f"{command.version}; update the older one."
        )
    at_window = context.is_key is not None
    if context.is_key is not None and not context.is_key(command.token):
        raise Unauthorised
    if command.client not in (_AT_WINDOW if at_window else _AT_NETWORK):
        raise InvalidFrame(f"hello: a {command.client} does not come in through this door.")
    if (command.client == "link") != (command.node is not None):
        raise InvalidFrame("hello: a link names its node, and nobody else does.")
    author = _author(command, context, at_window=at_window)
    if command.node is None:
        visitor = Visitor(command.client, author, at_window, address="" if at_window else address)
    else:
        _check_link(command, command.node, secure=secure)
        visitor = Visitor("link", author, node=command.node, person=command.owner, room=command.room, address=address)
    context.access.check(visitor, "connect")
    return visitor


class LinkProof:
    """What a link has to prove before it is welcome: that it is the node that its hello names.

    Args:
        hello: what it said.
        visitor: who that would be.
        fingerprint: SHA-256 of this node's certificate.

    Attributes:
        visitor: who it is, once that is proven.
        hello: what it said.
        nonce: what it has to sign; nobody was asked for this before.
    """

    def __init__(self, hello: Hello, visitor: Visitor, fingerprint: str) -> None:
        self.hello = hello
        self.visitor = visitor
        self.nonce = fresh_nonce()
        self._fingerprint = fingerprint

    def check(self, command: Command) -> None:
        """Return if a command is the proof. Raises NotProven."""
        hello = self.hello
        if not isinstance(command, Prove):
            raise NotProven("A link proves which node it is before it says anything else.")
        proof, nonces = (command.certificate, command.signature), (hello.nonce, self.nonce)
        if hello.node is None or not is_proven(hello.node.id, self._fingerprint, hello.room, nonces, proof):
            raise NotProven


def _check_link(hello: Hello, node: NodeInfo, *, secure: bool) -> None:
    """Return if the hello of a link is one; at which room's door its node may knock is asked when it does."""
    if not secure:
        raise NotSecure
    if not is_owner(hello.owner, node.id, hello.owner_signature):
        raise InvalidSignature("hello: a link names the person of its node, who signs that it is theirs.")


def _author(hello: Hello, context: SessionContext, *, at_window: bool) -> Author:
    if at_window and not hello.nick:
        return context.owner.author
    # Nobody says which id they have: it derives from what they alone know.
    secret = secret_of(hello, context.node)
    return Author(id=guest_id(secret or fresh_nonce()), nick=names.nick(hello.nick or "Guest"))


def secret_of(hello: Hello, node: NodeInfo) -> str:
    """Return the secret from which the id of a guest derives at every node; empty when they show nothing.

    By what this node's own guests are known elsewhere nobody is one of them here: other nodes learn it. So it counts
    as any seed does, and whoever shows it is somebody else. Who shows both has come to another node behind the same
    address: at the one that made the secret the seed counts, and at the others the secret.
    """
    if hello.seed and hello.secret and not is_guest_secret_of(node.id, hello.secret):
        return hello.secret
    seed = hello.seed or (hello.secret if is_guest_secret_of(node.id, hello.secret) else "")
    return travelling_secret(node.id, seed) if seed else hello.secret
