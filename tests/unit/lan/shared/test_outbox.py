"""What waits at a node, and what Redis refuses."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from lanchat.errors import NoSuchMessage, NotYours
from lanchat.journal import Draft
from lanchat.lan.shared.stream import Posted, RoomStream
from lanchat.protocol import Author, Body, Error, Post, Rule, guest_id
from lanchat.rooms import declare
from lanchat.web.server import Server
from tests.support.clients import guest
from tests.support.conditions import eventually
from tests.support.redis.servers import RedisServer
from tests.support.shared.nodes import company, said, shared_room


@pytest.fixture
async def nodes(tmp_path: Path, server: RedisServer) -> AsyncIterator[list[Server]]:
    async with company(tmp_path, server, "ada", "bob") as nodes:
        yield nodes


async def test_nobody_changes_what_others_said(nodes: list[Server]) -> None:
    rooms = await shared_room(nodes)
    room = rooms[0].id
    async with guest(nodes[0], "Carl") as carl, guest(nodes[1], "Dora") as dora:
        await carl.join(room)
        await dora.join(room)
        await carl.say(room, "mine", nonce="mine")
        await dora.said(room, 1)
        await dora.tell(Post(room=room, nonce="e", kind="edit", text="hers", target="mine"))
        await dora.tell(Post(room=room, nonce="d", kind="deletion", target="never said"))
        refused = {(error := await dora.hear(Error)).nonce: error.code for _ in range(2)}
        assert refused == {"e": NotYours.code, "d": NoSuchMessage.code}
        await dora.tell(Post(room=room, nonce="r", kind="reaction", target="mine", emoji="👍"))
        await carl.tell(Post(room=room, nonce="ce", kind="edit", text="still mine", target="mine"))
        await eventually(lambda: [each.top for each in rooms] == [3, 3])
    assert await nodes[1].node.journal.outbox(room) == []
    assert await said(nodes[0], rooms[0]) == await said(nodes[1], rooms[1])


async def test_many_posts_go_in_pieces_and_in_their_order(nodes: list[Server]) -> None:
    rooms = await shared_room(nodes)
    room = rooms[0].id
    async with guest(nodes[0], "Carl") as carl, guest(nodes[1], "Dora") as dora:
        await carl.join(room)
        await dora.join(room)
        for number in range(300):
            await carl.say(room, str(number))
            await dora.say(room, f"dora {number}")
        await eventually(lambda: [each.top for each in rooms] == [600, 600])
    events = await said(nodes[0], rooms[0])
    assert events == await said(nodes[1], rooms[1])
    for author in ("Carl", "Dora"):
        theirs = [event.body.text for event in events if event.author.nick == author]
        assert [text.rpartition(" ")[2] for text in theirs] == [str(number) for number in range(300)]


async def test_what_waits_is_judged_by_the_rules_that_were_made_meanwhile(
    nodes: list[Server], server: RedisServer
) -> None:
    """The owner's node silences the guests while another node is away."""
    rooms = await shared_room(nodes)
    room = rooms[0].id
    async with guest(nodes[1], "Dora") as dora:
        await dora.join(room)
        link = rooms[1]._role._upstream  # type: ignore[attr-defined]
        link._outbox._drafts.clear()
        post, stream = link._stream.post, link._stream

        async def late(term: int, rule: int, drafts: object) -> object:
            """The rule is made after this node has judged, and before Redis has numbered."""
            stream.post = post
            await declare(rooms[0], nodes[0].node.owner, Rule(change="guests", guests="read"))
            return await post(term, rule, drafts)

        stream.post = late
        await dora.say(room, "too late", nonce="late")
        refused = await dora.hear(Error, lambda error: error.nonce == "late")
        assert not refused.retry
    assert [event.kind for event in await said(nodes[0], rooms[0])] == ["rule"]
    assert await nodes[1].node.journal.outbox(room) == []


async def test_nobody_is_refused_by_rules_that_may_not_be_the_last(nodes: list[Server]) -> None:
    rooms = await shared_room(nodes)
    room = rooms[1].id
    await declare(rooms[0], nodes[0].node.owner, Rule(change="guests", guests="read"))
    await eventually(lambda: rooms[1].top == 1)
    author = Author(id=guest_id("eve"), nick="Eve")
    await nodes[1].node.journal.enqueue(Draft(room, "waits", author, Body(text="hello")))
    outbox = rooms[1]._role._upstream._outbox  # type: ignore[attr-defined]
    outbox.look()
    assert await outbox.bring(rooms[1].term, current=False) == "later"
    assert len(await nodes[1].node.journal.outbox(room)) == 1
    assert await outbox.bring(rooms[1].term, current=True) == "done"
    assert await nodes[1].node.journal.outbox(room) == []
    assert rooms[1].top == 1


async def test_what_redis_numbered_and_forgot_before_anybody_had_it_is_brought_again(
    nodes: list[Server], server: RedisServer
) -> None:
    rooms = await shared_room(nodes)
    room = rooms[0].id
    link = rooms[0]._role._upstream  # type: ignore[attr-defined]
    post, stream = link._stream.post, link._stream

    async def lost(term: int, rule: int, drafts: object) -> object:
        """Redis answers, and has forgotten everything before the next question."""
        stream.post = post
        posted = await post(term, rule, drafts)
        server.ask("FLUSHALL")
        return posted

    stream.post = lost
    async with guest(nodes[0], "Carl") as carl:
        await carl.join(room)
        await carl.say(room, "hello")
        assert [event.body.text for event in await carl.said(room, 1)] == ["hello"]
    await eventually(lambda: [each.top for each in rooms] == [1, 1])


async def test_what_a_former_master_had_numbered_is_brought_to_the_one_in_its_place(
    nodes: list[Server], server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection that reads has come to the new one before; nothing breaks then, and nobody says anything more."""
    rooms = await shared_room(nodes)
    room = rooms[0].id
    post, former = RoomStream.post, list[int]()

    async def at_the_former(self: RoomStream, term: int, rule: int, drafts: Sequence[Draft]) -> Posted:
        if former:
            return await post(self, term, rule, drafts)
        former.append(len(drafts))
        server.ask("HSET", f"lanchat:{{{room}}}:head", "run", "former")
        return Posted("ok", ["kept"] * len(drafts), rooms[0].top + len(drafts))

    monkeypatch.setattr(RoomStream, "post", at_the_former)
    async with guest(nodes[0], "Carl") as carl:
        await carl.join(room)
        await carl.say(room, "hello")
        await eventually(lambda: [each.top for each in rooms] == [1, 1], what="it is brought again")
    assert former == [1]
