"""What the types of commands do not say: ranges, lengths, and what belongs together. Pure."""

import re
from collections.abc import Callable
from typing import Any

from lanchat.errors import InvalidFrame, TextTooLong
from lanchat.protocol.commands import Announce, Bring, Command, Compare, Hello, History, Join, Open, Post, Prove, Search
from lanchat.protocol.diagnosis import Look
from lanchat.protocol.door import DOOR_CHECKS, check_address, read_rule
from lanchat.protocol.ids import is_key_id
from lanchat.protocol.jobs import MAX_PLACE, MoveRoom
from lanchat.protocol.limits import MAX_BROUGHT, MAX_EMOJI, MAX_NONCE, MAX_PAGE, MAX_REF, MAX_STEPS, MAX_TEXT
from lanchat.protocol.memberships import MEMBERSHIP_CHECKS
from lanchat.protocol.parts import NodeInfo
from lanchat.protocol.shared import Invite, Presence, Receipts, Typing, Verify
from lanchat.protocol.voting import Quorum, check_quorum

_HIGHEST = 2**63 - 1
_MOST_PEOPLE = 1_000_000
_MAX_NAME = 64
_MAX_PROOF = 4_096
_id = re.compile(r"[0-9A-Za-z_-]{1,64}")
_signature = re.compile(r"(?:[0-9A-Za-z_-]{86})?")
_secret = re.compile(r"[0-9A-Za-z_-]{22,128}")
_link_nonce = re.compile(r"[0-9A-Za-z_-]{43}")
_unseen = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_JOINER = "\u200d"


def check_command(command: Command) -> None:
    """Check what the types do not say.

    Raises:
        InvalidFrame: a number is out of range, or a field is empty that must not be.
        TextTooLong: a text is longer than MAX_TEXT.
    """
    if not 0 <= command.ref <= MAX_REF:
        raise InvalidFrame(f"{command.__struct_config__.tag}: ref is 0 to {MAX_REF}.")
    if check := _CHECKS.get(type(command)):
        check(command)


def _check_post(post: Post) -> None:
    if not _is_nonce(post.nonce):
        raise InvalidFrame(f"post: a nonce has 1 to {MAX_NONCE} characters.")
    if post.kind in {"message", "edit"}:
        _check_text("post", post.text)
    if len(post.text) > MAX_TEXT or len(post.emoji) > MAX_EMOJI:
        raise InvalidFrame(f"post: text has at most {MAX_TEXT} characters, emoji {MAX_EMOJI}, whatever the kind.")
    if post.kind == "reaction" and not _is_emoji(post.emoji):
        raise InvalidFrame(f"post: a reaction has an emoji of 1 to {MAX_EMOJI} characters.")
    _check_signed("post", post.signature, post.voucher)
    if not 0 <= post.at <= _HIGHEST:
        raise InvalidFrame("post: at is a time in milliseconds since 1970.")
    if post.kind == "rule":
        read_rule(post.text)
    if post.kind in {"message", "rule"} and post.target:
        raise InvalidFrame(f"post: a {post.kind} has no target.")
    if post.kind not in {"message", "rule"} and not _is_nonce(post.target):
        raise InvalidFrame("post: edits, reactions and deletions have the nonce of a message as target.")


def _check_bring(bring: Bring) -> None:
    if not 1 <= len(bring.posts) <= MAX_BROUGHT:
        raise InvalidFrame(f"bring: there are 1 to {MAX_BROUGHT} posts in it.")
    for post in bring.posts:
        _check_post(post)
        if post.room != bring.room or post.author is None or not post.at:
            raise InvalidFrame("bring: each post is of the same room, names its author, and says when it was said.")


def _check_join(join: Join) -> None:
    if not 0 <= join.since <= _HIGHEST or not 0 <= join.limit <= MAX_PAGE:
        raise InvalidFrame(f"join: since is 0 or more, limit 0 to {MAX_PAGE}.")


def _check_history(history: History) -> None:
    asked = [place for place in (history.before, history.after, history.around) if place is not None]
    if len(asked) != 1:
        raise InvalidFrame("history: give one of before, after and around.")
    if history.around is not None and not _is_nonce(history.around):
        raise InvalidFrame("history: around is the nonce of a message.")
    if not 0 <= (history.before or history.after or 0) <= _HIGHEST or not 1 <= history.limit <= MAX_PAGE:
        raise InvalidFrame(f"history: before and after are 0 or more, limit 1 to {MAX_PAGE}.")


def _check_search(search: Search) -> None:
    _check_text("search", search.text)
    if not 0 <= (search.before or 0) <= _HIGHEST or not 1 <= search.limit <= MAX_PAGE:
        raise InvalidFrame(f"search: before is 0 or more, limit 1 to {MAX_PAGE}.")


def _check_move(move: MoveRoom) -> None:
    if not 0 < len(move.to) <= MAX_PLACE or "@" in move.to or _unseen.search(move.to):
        raise InvalidFrame(f"move: to is here, or a URL of at most {MAX_PLACE} characters without name and password.")


def _check_hello(hello: Hello) -> None:
    if hello.node is not None:
        _check_node("hello", hello.node)
    for secret in (hello.secret, hello.seed):
        if secret and _secret.fullmatch(secret) is None:
            raise InvalidFrame("hello: a secret is 22 to 128 letters, digits, _ or -: 128 random bits or more.")
    if hello.client == "link":
        _check_id("hello: the room of a link", hello.room)
        _check_signed("hello", hello.owner_signature, hello.owner)
        if _link_nonce.fullmatch(hello.nonce) is None:
            raise InvalidFrame("hello: the nonce of a link is 32 random bytes as 43 characters of base64url.")


def _check_proof(proof: Prove) -> None:
    if max(len(proof.certificate), len(proof.signature)) > _MAX_PROOF:
        raise InvalidFrame(f"prove: certificate and signature have at most {_MAX_PROOF} characters each.")


def _check_presence(presence: Presence) -> None:
    _check_node("presence", presence.node)


def _check_typing(typing: Typing) -> None:
    if typing.node:
        _check_id("typing: node", typing.node)


def _check_invite(invite: Invite) -> None:
    _check_id("invite: to", invite.to)
    _check_id("invite: the id of into", invite.into.id)


def _check_verify(verify: Verify) -> None:
    _check_id("verify: to", verify.to)
    _check_id("verify: transaction", verify.transaction)
    if len(verify.data) > _MAX_NAME:
        raise InvalidFrame(f"verify: data has at most {_MAX_NAME} characters.")


def _check_compare(compare: Compare) -> None:
    if (compare.action == "begin") != bool(compare.room and compare.person):
        raise InvalidFrame("compare: begin names a room and a person, and nothing else does.")
    if (compare.action == "begin") == bool(compare.transaction):
        raise InvalidFrame("compare: everything but begin names a transaction.")


def _check_receipts(receipts: Receipts) -> None:
    _check_node("receipts", receipts.node)
    seqs, people = [seq for seq, _ in receipts.read], [count for _, count in receipts.read]
    if len(receipts.read) > MAX_STEPS or not all(0 <= seq <= _HIGHEST for seq in (receipts.kept, *seqs)):
        raise InvalidFrame(f"receipts: kept is 0 or more, and read has at most {MAX_STEPS} pairs of numbers.")
    if not all(0 <= count <= _MOST_PEOPLE for count in people):
        raise InvalidFrame(f"receipts: at most {_MOST_PEOPLE} people have read up to one place.")


def _check_node(command: str, node: NodeInfo) -> None:
    """What a node says of itself is repeated to everybody in its rooms, and remembered."""
    _check_id(f"{command}: the id of a node", node.id)
    if not 1 <= len(node.name) <= _MAX_NAME or _unseen.search(node.name):
        raise InvalidFrame(f"{command}: the name of a node has 1 to {_MAX_NAME} visible characters.")


def _check_id(what: str, text: str) -> None:
    if not _id.fullmatch(text):
        raise InvalidFrame(f"{what} is 1 to 64 letters, digits, _ or -.")


def _check_signed(command: str, signature: str, person: str) -> None:
    if not _signature.fullmatch(signature):
        raise InvalidFrame(f"{command}: a signature has 86 characters of base64url.")
    if person and not is_key_id(person):
        raise InvalidFrame(f"{command}: who signs is named by their key, 43 characters of base64url.")


def _is_nonce(text: str) -> bool:
    return 1 <= len(text) <= MAX_NONCE


def _is_emoji(text: str) -> bool:
    shown = text.replace(_JOINER, "")
    return 0 < len(text) <= MAX_EMOJI and shown.isprintable() and bool(shown) and " " not in shown


def _check_text(command: str, text: str) -> None:
    if len(text) > MAX_TEXT:
        raise TextTooLong(f"The text has {len(text)} characters; the most is {MAX_TEXT}.")
    if not text.strip():
        raise InvalidFrame(f"{command}: the text is empty.")


_CHECKS: dict[type, Callable[[Any], None]] = {
    Hello: _check_hello,
    Prove: _check_proof,
    Presence: _check_presence,
    Typing: _check_typing,
    Invite: _check_invite,
    Verify: _check_verify,
    Compare: _check_compare,
    Post: _check_post,
    Bring: _check_bring,
    Join: _check_join,
    History: _check_history,
    Search: _check_search,
    Receipts: _check_receipts,
    Quorum: check_quorum,
    Announce: lambda announce: _check_text("announce", announce.text),
    Open: lambda asked: check_address(asked.address),
    MoveRoom: _check_move,
    Look: lambda look: check_address(look.address, "look"),
    **DOOR_CHECKS,
    **MEMBERSHIP_CHECKS,
}
