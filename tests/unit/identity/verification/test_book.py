import msgspec
import pytest

from lanchat.errors import CannotCompare, LimitReached, NoSuchComparison, StepOutOfOrder, StepReplayed, WrongMac
from lanchat.identity import PersonKey
from lanchat.identity.verification import book
from lanchat.identity.verification.book import MOST_OPEN, QUIET, ComparisonBook, Outcome
from lanchat.identity.verification.comparison import LIFE
from lanchat.journal import Journal
from lanchat.protocol import Author, Comparison, Verify

ROOM = "r" * 32
IDS = sorted(PersonKey.new().id for _ in range(2))
ANN, BEN = (Author(id=person, nick=nick) for person, nick in zip(IDS, ("Ann", "Ben"), strict=True))


class Side:
    """One person's book, and the clock that it looks at."""

    def __init__(self, author: Author, journal: Journal) -> None:
        self.author = author
        self.now = 0.0
        self.book = ComparisonBook(author.id, journal, clock=lambda: self.now)

    def told(self, outcome: Outcome | None) -> list[Verify]:
        """What the other side is told, as it comes out of a link."""
        assert outcome is not None
        return [msgspec.structs.replace(frame, author=self.author) for frame in outcome.told]

    @property
    def states(self) -> list[str]:
        return [shown.state for shown in self.book.shown()]


@pytest.fixture
def ann(journal: Journal) -> Side:
    return Side(ANN, journal)


@pytest.fixture
def ben(journal: Journal) -> Side:
    return Side(BEN, journal)


async def pass_on(outcome: Outcome | None, of: Side, to: Side) -> Comparison:
    """Let a person's steps reach the other, and theirs come back, until nobody has more to say."""
    while outcome is not None:
        shown, said = outcome.shown, of.told(outcome)
        outcome = None
        for frame in said:
            outcome = await to.book.take(frame)
        of, to = to, of
    return shown


async def to_words(ann: Side, ben: Side) -> str:
    begun = ann.book.begin(ROOM, BEN)
    transaction = begun.shown.transaction
    await pass_on(begun, ann, ben)
    assert (ann.states, ben.states) == (["waiting"], ["asked"])
    await pass_on(ben.book.accept(transaction), ben, ann)
    assert (ann.states, ben.states) == (["words"], ["words"])
    return transaction


async def test_two_people_verify_each_other(ann: Side, ben: Side, journal: Journal) -> None:
    transaction = await to_words(ann, ben)
    [mine], [theirs] = ann.book.shown(), ben.book.shown()
    assert mine.words == theirs.words
    assert len(mine.words) == 6
    assert (mine.person, theirs.person) == (BEN, ANN)
    await pass_on(await ann.book.match(transaction), ann, ben)
    assert (ann.states, ben.states) == (["confirmed"], ["words"])
    last = await ben.book.match(transaction)
    assert last.shown.state == "verified"
    assert (await pass_on(last, ben, ann)).state == "verified"
    assert (ann.book.verified, ben.book.verified) == ([BEN.id], [ANN.id])
    assert ann.states == ben.states == []
    assert (await ComparisonBook.load(ANN.id, journal)).verified == IDS


async def test_words_that_differ_verify_nobody(ann: Side, ben: Side) -> None:
    transaction = await to_words(ann, ben)
    ended = ann.book.cancel(transaction, differ=True)
    assert (ended.shown.state, ended.shown.reason) == ("ended", "differ")
    shown = await pass_on(ended, ann, ben)
    assert (shown.state, shown.reason) == ("ended", "differ")
    assert ann.states == ben.states == ann.book.verified == ben.book.verified == []
    with pytest.raises(NoSuchComparison):
        await ben.book.match(transaction)


async def test_who_asks_each_other_at_once_has_one_comparison(ann: Side, ben: Side) -> None:
    from_ann, from_ben = ann.book.begin(ROOM, BEN), ben.book.begin(ROOM, ANN)
    assert await ann.book.take(*ben.told(from_ben)) is None, "the smaller id's goes on"
    await pass_on(from_ann, ann, ben)
    assert (ann.states, ben.states) == (["words"], ["words"])
    assert ann.book.shown()[0].words == ben.book.shown()[0].words


async def test_only_people_with_keys_compare_and_nobody_with_themselves(ann: Side) -> None:
    for person in (ANN, Author(id="g-" + "0" * 32, nick="Guest"), Author(id="0" * 32, nick="Old")):
        with pytest.raises(CannotCompare):
            ann.book.begin(ROOM, person)
        with pytest.raises(CannotCompare):
            await ann.book.take(Verify(room=ROOM, to=ANN.id, transaction="t", step="start", author=person))
    for frame in (
        Verify(room=ROOM, to=ANN.id, transaction="t", step="start"),
        Verify(room=ROOM, to="x" * 43, transaction="t", step="start", author=BEN),
    ):
        with pytest.raises(CannotCompare):
            await ann.book.take(frame)
    assert ann.states == []


async def test_nobody_else_takes_part(ann: Side, ben: Side) -> None:
    transaction = await to_words(ann, ben)
    eve = Author(id=PersonKey.new().id, nick="Eve")
    for author, room in ((eve, ROOM), (BEN, "q" * 32)):
        with pytest.raises(NoSuchComparison):
            await ann.book.take(
                Verify(room=room, to=ANN.id, transaction=transaction, step="cancel", data="differ", author=author)
            )
    assert ann.states == ["words"]
    assert await ann.book.take(Verify(room=ROOM, to=ANN.id, transaction="?", step="key", author=BEN)) is None


async def test_a_wrong_step_ends_it_and_the_other_side_is_told(ann: Side, ben: Side) -> None:
    transaction = await to_words(ann, ben)
    wrong = Verify(room=ROOM, to=ANN.id, transaction=transaction, step="mac", data="A" * 43, author=BEN)
    with pytest.raises(WrongMac):
        await ann.book.take(wrong)
    [ended] = ann.book.over()
    assert (ended.shown.state, ended.shown.reason) == ("ended", "failed")
    assert (await pass_on(ended, ann, ben)).reason == "failed"
    assert ann.book.over() == []


async def test_a_step_that_is_sent_again_changes_nothing(ann: Side, ben: Side) -> None:
    begun = ann.book.begin(ROOM, BEN)
    [start] = ann.told(begun)
    await ben.book.take(start)
    with pytest.raises(StepReplayed):
        await ben.book.take(start)
    assert ben.book.over() == []
    assert ben.states == ["asked"]
    with pytest.raises(StepOutOfOrder):
        await ben.book.match(begun.shown.transaction)


async def test_it_ends_after_a_while(ann: Side, ben: Side) -> None:
    await pass_on(ann.book.begin(ROOM, BEN), ann, ben)
    for side in (ann, ben):
        side.now = LIFE - 1
        assert side.book.over() == []
        side.now = LIFE
        [ended] = side.book.over()
        assert (ended.shown.state, ended.shown.reason) == ("ended", "expired")
        assert [frame.data for frame in ended.told] == ["expired"]
        assert side.states == []


async def test_who_was_not_wanted_is_not_heard_for_a_minute(ann: Side, ben: Side) -> None:
    for _ in range(2):
        begun = ann.book.begin(ROOM, BEN)
        [start] = ann.told(begun)
        assert await ben.book.take(start) is not None
        await pass_on(ben.book.cancel(begun.shown.transaction, differ=False), ben, ann)
        again = ann.book.begin(ROOM, BEN)
        [start] = ann.told(again)
        assert await ben.book.take(start) is None
        ann.book.cancel(again.shown.transaction, differ=False)
        ben.now += QUIET
        assert ben.book.over() == []


async def test_who_was_wanted_is_heard_again_at_once(ann: Side, ben: Side) -> None:
    transaction = await to_words(ann, ben)
    await pass_on(ann.book.cancel(transaction, differ=False), ann, ben)
    await to_words(ann, ben)


async def test_few_are_open_at_a_time_and_with_each_person_one(ann: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [Author(id=PersonKey.new().id, nick=f"P{number}") for number in range(MOST_OPEN + 1)]
    for person in people[:MOST_OPEN]:
        await ann.book.take(Verify(room=ROOM, to=ANN.id, transaction=person.id[:32], step="start", author=person))
    with pytest.raises(LimitReached, match=str(MOST_OPEN)):
        await ann.book.take(Verify(room=ROOM, to=ANN.id, transaction="more", step="start", author=people[-1]))
    with pytest.raises(LimitReached):
        ann.book.begin(ROOM, people[-1])
    ann.book.cancel(people[0].id[:32], differ=False)
    with pytest.raises(LimitReached, match="this person"):
        ann.book.begin(ROOM, people[1])
    ann.book.begin(ROOM, people[-1])
    monkeypatch.setattr(book, "MOST_VERIFIED", 0)
    ann.book.cancel(people[1].id[:32], differ=False)
    with pytest.raises(LimitReached):
        ann.book.begin(ROOM, people[1])
