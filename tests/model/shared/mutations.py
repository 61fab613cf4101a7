"""The rules of a room in Redis, each taken out by a small patch that is named after the rule."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from lanchat.journal import Draft, Kept
from lanchat.lan.shared import history, scripts, stream
from lanchat.lan.shared.filling import Filling
from lanchat.lan.shared.history import SharedHistory
from lanchat.lan.shared.link import SharedLink
from lanchat.lan.shared.outbox import SharedOutbox
from lanchat.lan.shared.stream import RoomStream
from lanchat.layers.redis.connection import Script
from lanchat.rooms.roles import Mirror

Patch = pytest.MonkeyPatch
MUTATIONS: dict[str, Callable[[Patch], None]] = {}
"""What takes a rule out, by the rule."""
_ALL = 2**52

_TERM = """put({term = (math.floor(int('term') / 65536) + 1) * 65536
      + tonumber(string.sub(redis.sha1hex(run .. text(now)), 1, 4), 16)})"""


def mutation(patch: Callable[[Patch], None]) -> Callable[[Patch], None]:
    """Put a mutation on the list."""
    MUTATIONS[patch.__name__] = patch
    return patch


def _rewrite(patch: Patch, name: str, *changes: tuple[str, str]) -> None:
    """Let a script have other words in some places."""
    text = getattr(scripts, name).text
    for said, instead in changes:
        assert said in text, f"{name} says {said!r} no more"
        text = text.replace(said, instead)
    patch.setattr(scripts, name, Script(text))


# What Redis does ------------------------------------------------------------------------------------------------------


@mutation
def a_nonce_is_not_looked_up(patch: Patch) -> None:
    """Nor is what stands there twice taken out by whoever meets it."""

    async def let_be(self: RoomStream, term: int, seq: int) -> None: ...

    patch.setattr(RoomStream, "cut", let_be)
    _rewrite(patch, "POST", ("redis.call('HEXISTS', nonces, nonce) == 1", "false"))


@mutation
def a_server_that_was_started_again_numbers_at_once(patch: Patch) -> None:
    _rewrite(patch, "POST", ("h.run ~= run", "false"))


@mutation
def a_post_of_another_term_is_numbered(patch: Patch) -> None:
    _rewrite(patch, "POST", ("h.term ~= term", "false"))


@mutation
def the_first_who_comes_fills(patch: Patch) -> None:
    _rewrite(
        patch,
        "MEET",
        ("said > int('best_said') or", "h.filler == '' and"),
        ("(said == int('best_said') and top > int('best_top'))", "true"),
    )


@mutation
def a_meeting_waits_for_nobody(patch: Patch) -> None:
    _rewrite(patch, "MEET", ("now >= int('until') + (met < there and longest - window or 0)", "true"))


@mutation
def a_meeting_raises_no_term(patch: Patch) -> None:
    _rewrite(patch, "MEET", (_TERM, "put({term = math.max(1, int('term'))})"))


@mutation
def a_term_only_counts(patch: Patch) -> None:
    """Servers that were parted come to the same one."""
    _rewrite(patch, "MEET", (_TERM, "put({term = int('term') + 1})"))


@mutation
def a_filler_that_was_held_up_goes_on(patch: Patch) -> None:
    turn = "h.run ~= run or h.state ~= 'fill' or h.filler ~= me or h.term ~= term or not whole()"
    _rewrite(patch, "FILL", (turn, "false"), ("first ~= last + 1", "false"))


@mutation
def a_missing_key_is_not_noticed(patch: Patch) -> None:
    for name in ("MEET", "FILL", "POST"):
        _rewrite(patch, name, ("return redis.call('XLEN', stream) ==", "return true or redis.call('XLEN', stream) =="))


@mutation
def nodes_may_take_what_is_on_no_disk(patch: Patch) -> None:
    _rewrite(patch, "POST", ("certain == '1'", "true"))


# What nodes do --------------------------------------------------------------------------------------------------------


@mutation
def what_waits_is_brought_once(patch: Patch) -> None:
    patch.setattr(SharedOutbox, "again", lambda self: None)


@mutation
def a_new_term_is_no_reason_to_bring_it_again(patch: Patch) -> None:
    async def settle(self: SharedLink, view: stream.View) -> bool:
        if view.term != self._settled:
            if not await self._history.settle(view):
                return False
            self._settled = view.term
        return True

    patch.setattr(SharedLink, "_settle", settle)


@mutation
def what_is_numbered_waits_no_more(patch: Patch) -> None:
    """A draft leaves the outbox before its event is here."""
    bring = SharedOutbox.bring

    async def forgetful(self: SharedOutbox, term: int, *, current: bool) -> str:
        brought = await bring(self, term, current=current)
        if brought in {"done", "more"}:
            for _, draft in await self._journal.outbox(self._room.id):
                if draft not in self._drafts:
                    await self._journal.dequeue(self._room.id, draft.nonce)
        return brought

    patch.setattr(SharedOutbox, "bring", forgetful)


@mutation
def what_is_not_kept_is_taken(patch: Patch) -> None:
    view = RoomStream.view

    async def greedy(self: RoomStream, after: int, limit: int) -> stream.View:
        seen = await view(self, after, limit)
        if seen.state != "open":
            return seen
        return seen._replace(kept=seen.last, entries=await self.at(after + 1, after + limit))

    patch.setattr(RoomStream, "view", greedy)


@mutation
def another_history_is_not_noticed(patch: Patch) -> None:
    async def trusting(self: SharedHistory, view: stream.View) -> bool:
        await self._room.kept.raise_term(view.term)
        return True

    patch.setattr(SharedHistory, "settle", trusting)


@mutation
def an_event_is_known_by_its_nonce_and_time(patch: Patch) -> None:
    patch.setattr(history, "_mark", lambda said: (said.seq, 0, said.nonce, said.at))


@mutation
def what_is_missing_is_another_history(patch: Patch) -> None:
    fork = SharedHistory._fork

    async def always(self: SharedHistory, view: stream.View) -> int | None:
        found = await fork(self, view)
        return view.oldest - 1 if found is None else found

    patch.setattr(SharedHistory, "_fork", always)


@mutation
def who_wrote_nothing_lets_nodes_have_what_others_wrote(patch: Patch) -> None:
    post = RoomStream.post

    async def rash(self: RoomStream, term: int, rule: int, drafts: Sequence[Draft]) -> stream.Posted:
        posted = await post(self, term, rule, drafts)
        if posted.state == "ok" and "kept" not in posted.results and self.durability.waits:
            await self.run(scripts.CONFIRM, term, _ALL)
        return posted

    patch.setattr(RoomStream, "post", rash)


@mutation
def what_is_filled_begins_one_later(patch: Patch) -> None:
    page = Filling.page

    async def later(self: Filling, term: int, place: int, *, final: bool) -> int | None:
        return await page(self, term, place or 1, final=final)

    patch.setattr(Filling, "page", later)


@mutation
def a_post_is_acknowledged_before_it_is_kept(patch: Patch) -> None:
    post = Mirror.post

    def hasty(self: Mirror, draft: Draft, *, brought: bool = False) -> asyncio.Future[Kept | None]:
        post(self, draft, brought=brought).add_done_callback(lambda done: done.cancelled() or done.exception())
        told: asyncio.Future[Kept | None] = asyncio.get_running_loop().create_future()
        told.set_result(None)
        return told

    patch.setattr(Mirror, "post", hasty)
