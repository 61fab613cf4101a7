"""Saying something and changing it, at a real node over a real socket."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from unittest.mock import patch

import pytest
from msgspec.structs import replace

from lanchat.config import Config
from lanchat.identity import check
from lanchat.journal import RoomRecord
from lanchat.limits import Cost, Payer
from lanchat.protocol import (
    MAX_BROUGHT,
    Author,
    Body,
    Bring,
    Done,
    Error,
    Event,
    Held,
    History,
    Page,
    Post,
    Waiting,
    Waits,
    guest_id,
)
from lanchat.web.server import Server
from tests.support.clients import ELSEWHERE, Client, guest, link, serving, window
from tests.support.identity import GUEST, MAX, OTHER_SEAL, SEAL, signed


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


async def test_what_is_said_reaches_everybody_with_number_nonce_and_author(server: Server) -> None:
    async with window(server) as win, guest(server, "Ada") as ada:
        room = await win.enter("talk")
        await ada.enter("talk")
        await ada.say(room, "one", "n1")
        mine, theirs = (await ada.said(room, 1))[0], (await win.said(room, 1))[0]
        assert mine == theirs
        assert (mine.seq, mine.term, mine.nonce, mine.author, mine.body.text) == (1, 1, "n1", ada.me, "one")


async def test_a_repeated_nonce_is_answered_with_the_event_that_exists(server: Server) -> None:
    async with guest(server, "Ada") as ada, guest(server, "Bob") as bob:
        room = await ada.enter("again")
        await bob.enter("again")
        await ada.say(room, "once", "same")
        first = (await ada.said(room, 1))[0]
        await ada.say(room, "twice", "same")
        assert (await ada.said(room, 1))[0] == first
        await ada.say(room, "next", "other")
        assert [event.seq for event in await bob.said(room, 2)] == [1, 2]


async def test_posts_in_one_go_are_numbered_in_their_order(server: Server) -> None:
    async with guest(server, "Ada") as ada, guest(server, "Bob") as bob:
        room = await ada.enter("pipeline")
        await bob.enter("pipeline")
        for number in range(64):
            await ada.say(room, f"{number}")
        for client in (ada, bob):
            events = await client.said(room, 64)
            assert [event.seq for event in events] == list(range(1, 65))
            assert [event.body.text for event in events] == [str(number) for number in range(64)]


async def test_many_at_once_see_one_order(server: Server) -> None:
    async with guest(server) as one, guest(server) as two, guest(server) as three:
        clients = (one, two, three)
        rooms = [await client.enter("crowd") for client in clients]
        room = rooms[0]

        async def talk(client: Client, who: int) -> list[Event]:
            for number in range(40):
                await client.say(room, f"{who}.{number}")
            return await client.said(room, 120)

        heard = await asyncio.gather(*(talk(client, who) for who, client in enumerate(clients)))
        assert heard[0] == heard[1] == heard[2]
        assert [event.seq for event in heard[0]] == list(range(1, 121))


async def test_an_edit_reaches_everybody_and_a_later_page_brings_it_along(server: Server) -> None:
    async with guest(server, "Ada") as ada, guest(server, "Bob") as bob:
        room = await ada.enter("changes")
        await bob.enter("changes")
        await ada.say(room, "helo")
        await ada.tell(Post(room=room, nonce="e1", kind="edit", target="nonce of helo", text="hello"))
        await bob.tell(Post(room=room, nonce="r1", kind="reaction", target="nonce of helo", emoji="👍"))
        kinds = [event.kind for event in await bob.said(room, 3)]
        assert kinds == ["message", "edit", "reaction"]
        page = await bob.ask(History(room=room, before=2), Page)
        assert [(event.seq, event.body.text) for event in page.events] == [(1, "helo")]
        assert [(event.kind, event.body.target) for event in page.later] == [
            ("edit", "nonce of helo"),
            ("reaction", "nonce of helo"),
        ]


async def test_only_who_said_it_changes_it(server: Server) -> None:
    async with guest(server, "Ada") as ada, guest(server, "Bob") as bob:
        room = await ada.enter("changes")
        await bob.enter("changes")
        await ada.say(room, "mine")
        await bob.said(room, 1)
        for nonce, kind, target, code in (
            ("e1", "edit", "nonce of mine", "not_yours"),
            ("d1", "deletion", "nowhere", "no_such_message"),
        ):
            await bob.tell(Post(room=room, nonce=nonce, kind=kind, target=target, text="x" * (kind == "edit")))  # type: ignore[arg-type]
            refused = await bob.hear(Error)
            assert (refused.code, refused.nonce, refused.room) == (code, nonce, room)


async def test_what_means_nothing_in_a_post_is_not_kept(server: Server) -> None:
    async with guest(server, "Ada") as ada:
        room = await ada.enter("talk")
        await ada.tell(Post(room=room, nonce="n1", text="one", emoji="👍", off=True))
        await ada.tell(Post(room=room, nonce="n2", kind="edit", text="two", target="n1", emoji="👍", off=True))
        await ada.tell(Post(room=room, nonce="n3", kind="reaction", text="x" * 4000, target="n1", emoji="👍"))
        await ada.tell(Post(room=room, nonce="n4", kind="deletion", text="x" * 4000, target="n1", emoji="👍"))
        assert [event.body for event in await ada.said(room, 4)] == [
            Body(text="one"),
            Body(text="two", target="n1"),
            Body(target="n1", emoji="👍"),
            Body(target="n1"),
        ]


# Whose it is ----------------------------------------------------------------------------------------------------------


async def test_the_owner_signs_and_guests_are_vouched_for(server: Server) -> None:
    async with window(server) as win, guest(server, "Ada") as ada:
        room = await win.enter("signed")
        await ada.enter("signed")
        await win.say(room, "mine")
        await win.said(room, 1)
        await ada.say(room, "a guest's")
        await ada.said(room, 2)
        owner, guests = await server.node.journal.after(room, 0, 9)
    check(owner)
    assert (owner.author, owner.voucher) == (server.node.me, "")
    assert (guests.author, guests.signature, guests.voucher) == (ada.me, "", server.node.me.id)


ALTERED: dict[str, tuple[str, Callable[[Post], Post]]] = {
    "another text": ("invalid_signature", lambda post: replace(post, text="forged")),
    "another nonce": ("invalid_signature", lambda post: replace(post, nonce="again")),
    "another kind": ("invalid_signature", lambda post: replace(post, kind="edit", target="n", text="x")),
    "another nick": ("invalid_signature", lambda post: replace(post, author=replace(_author(post), nick="Ada"))),
    "no signature": ("invalid_signature", lambda post: replace(post, signature="")),
    "no signature of that form": ("invalid_frame", lambda post: replace(post, signature="x")),
    "another's signature": ("invalid_signature", lambda post: replace(post, signature=signed(post, SEAL).signature)),
    "a signature for another room": (
        "invalid_signature",
        lambda post: replace(post, signature=signed(replace(post, room="r2")).signature),
    ),
    "the owner as author": ("invalid_frame", lambda post: replace(post, author=Author(id=SEAL.id, nick="Owner"))),
    "an author of old": ("invalid_frame", lambda post: replace(post, author=Author(id="4c7dd0a1b2c3", nick="Cy"))),
    "another guest": (
        "invalid_signature",
        lambda post: replace(post, author=replace(GUEST, id=guest_id("other")), voucher=OTHER_SEAL.id),
    ),
    "another voucher": ("invalid_signature", lambda post: signed(replace(post, author=GUEST), SEAL)),
    "a voucher that is none": ("invalid_frame", lambda post: replace(post, voucher="g-1")),
    "nobody who vouches": ("invalid_signature", lambda post: replace(signed(replace(post, author=GUEST)), voucher="")),
}


def _author(post: Post) -> Author:
    assert post.author is not None
    return post.author


@pytest.mark.parametrize("name", ALTERED)
async def test_a_link_brings_what_its_people_said_and_nothing_else(server: Server, name: str) -> None:
    code, alter = ALTERED[name]
    async with link(server, ELSEWHERE, "linked") as far, guest(server, "Ada") as ada:
        room = await ada.enter("linked")
        await far.join(room)
        right = signed(Post(room=room, nonce="n", text="as it was said", author=MAX))
        refused = await far.ask(alter(right), Error)
        assert refused.code == code
        assert server.node.journal.top(room) == 0
        await far.tell(right)
        assert (await ada.said(room, 1))[0].body.text == "as it was said"


async def test_what_a_person_said_elsewhere_is_not_said_here(server: Server) -> None:
    """Whoever heard it in one room cannot bring it into another, nor say it once more under another nonce."""
    async with link(server, ELSEWHERE, "one") as far, link(server, ELSEWHERE, "two") as other:
        one, two = await far.enter("one"), await other.enter("two")
        heard = signed(Post(room=one, nonce="n", text="yes", author=MAX))
        await far.tell(heard)
        await far.said(one, 1)
        for end, replayed in ((other, replace(heard, room=two)), (far, replace(heard, nonce="n2"))):
            assert (await end.ask(replayed, Error)).code == "invalid_signature"
        assert [server.node.journal.top(room) for room in (one, two)] == [1, 0]


async def test_who_is_no_link_signs_for_nobody(server: Server) -> None:
    async with guest(server, "Mallory") as mallory:
        room = await mallory.enter("talk")
        await mallory.tell(signed(Post(room=room, nonce="n", text="x", author=MAX)))
        assert (await mallory.said(room, 1))[0].author == mallory.me


async def test_who_is_no_link_brings_nothing_out_of_another_room(server: Server) -> None:
    async with window(server) as win:
        room = await win.enter("talk")
        for at in (0, 1):
            error = await win.ask(Post(room=room, nonce="n", text="x", at=at, origin="0" * 32), Error)
            assert error.code == "invalid_frame"


async def test_a_link_changes_only_what_its_own_people_said(server: Server) -> None:
    async with link(server, ELSEWHERE, "linked") as far, guest(server, "Ada") as ada:
        room = await ada.enter("linked")
        await far.join(room)
        await ada.say(room, "mine", "n")
        await far.said(room, 1)
        edit = Post(room=room, nonce="e", kind="edit", target="n", text="not mine", author=ada.me)
        assert (await far.ask(signed(edit), Error)).code == "not_yours"


async def test_what_waits_for_a_home_is_listed_as_far_as_it_fits(server: Server) -> None:
    there = RoomRecord(id="f" * 32, name="far", home=ELSEWHERE, addresses=("127.0.0.1:1",))
    with patch.object(server.node.network, "find", lambda **_: there):
        await server.node.rooms.open("far")
    async with window(server) as win, guest(server, "Ada") as ada:
        assert (await ada.ask(Waiting(room="nowhere"), Error)).code == "no_such_room"
        at_home = await ada.enter("near")
        await ada.say(at_home, "numbered at once")
        assert (await ada.ask(Waiting(room=at_home), Waits)).posts == []
        await ada.join(there.id)
        await win.join(there.id)
        await ada.say(there.id, "first", "n1")
        await ada.hear(Held)
        await win.say(there.id, "second", "n2")
        await win.hear(Held)
        waits = await ada.ask(Waiting(room=there.id), Waits)
        assert [(post.nonce, post.author, post.kind, post.body.text) for post in waits.posts] == [
            ("n1", ada.me, "message", "first"),
            ("n2", win.me, "message", "second"),
        ]
        assert not waits.more
        for number in range(20):
            await win.say(there.id, "🍲" * 4000, f"large {number}")
            await win.hear(Held)
        waits = await ada.ask(Waiting(room=there.id), Waits)
        assert waits.more
        assert 10 < len(waits.posts) < 22


def apart(room: str, *nonces: str) -> list[Post]:
    return [replace(signed(Post(room=room, nonce=nonce, text=nonce, author=MAX)), at=1_000) for nonce in nonces]


async def test_a_link_brings_many_posts_in_a_frame_each_once_in_their_order_and_as_they_were_said(
    server: Server,
) -> None:
    async with guest(server, "Ada") as ada, link(server, ELSEWHERE, "talk") as far:
        room = await ada.enter("talk")
        await far.enter("talk")
        nonces = [f"n{number}" for number in range(MAX_BROUGHT)]
        for _ in range(2):
            assert await far.ask(Bring(room=room, posts=apart(room, *nonces)), Done) is not None
        events = await ada.said(room, MAX_BROUGHT)
        assert [(event.nonce, event.author, event.at, event.apart) for event in events] == [
            (nonce, MAX, 1_000, True) for nonce in nonces
        ]
        assert server.node.rooms.get(room).top == MAX_BROUGHT
        await ada.heard_nothing(Event, room)


async def test_of_what_is_brought_only_that_is_refused_which_its_author_did_not_say(server: Server) -> None:
    async with link(server, ELSEWHERE, "talk") as far:
        room = await far.enter("talk")
        good, forged, unsigned = apart(room, "good", "forged", "unsigned")
        posts = [replace(forged, text="changed"), good, replace(unsigned, signature="")]
        await far.ask(Bring(room=room, posts=posts), Done)
        refused = {error.nonce: error.code for error in far.passed if isinstance(error, Error)}
        assert refused == {"forged": "invalid_signature", "unsigned": "invalid_signature"}
        assert [event.nonce for event in await server.node.journal.after(room, 0, 9)] == ["good"]


async def test_what_a_link_brings_counts_by_its_posts_and_not_what_is_there_already(server: Server) -> None:
    async with link(server, ELSEWHERE, "talk") as far:
        room = await far.enter("talk")
        counted: list[int] = []
        addresses = server.node.addresses
        pay = addresses.pay

        def count(payer: Payer, cost: Cost, now: float, where: str = "", many: int = 1) -> float:
            counted.extend([many] if cost == "bring" else [])
            return pay(payer, cost, now, where, many)

        with patch.object(addresses, "pay", count):
            await far.ask(Bring(room=room, posts=apart(room, "one", "two")), Done)
            await far.ask(Bring(room=room, posts=apart(room, "one", "two", "three")), Done)
        assert counted == [2, 1]


@pytest.mark.parametrize("who", [guest, window])
async def test_nobody_but_a_link_brings_what_others_said(server: Server, who: Callable[..., Any]) -> None:
    async with who(server) as client:
        room = await client.enter("talk")
        error = await client.ask(Bring(room=room, posts=apart(room, "one")), Error)
        assert error.code == "invalid_frame"
        assert server.node.rooms.get(room).top == 0
