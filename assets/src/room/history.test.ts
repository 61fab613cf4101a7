import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { event, run } from "../testing/events";
import { FakeRoom } from "../testing/node";
import { FAR, type Event, type Page } from "../wire/protocol";
import { reading } from "./fold";
import type { Room } from "./room.svelte";

let node: FakeRoom;
let room: Room;

const joined = (events: Event[], top = events.at(-1)?.seq ?? 0) =>
  node.answer("join", { type: "joined", room: "r", term: 1, top, events });
const page = (events: Event[], more: Partial<Page> = {}, index = -1) => {
  node.answer("history", { type: "page", room: "r", events, ...more }, index);
  vi.runAllTimers();
};
const shown = () => room.history.timeline.shown;
const seqs = () => shown().messages.map(({ seq }) => seq);

afterEach(() => {
  vi.useRealTimers();
});
beforeEach(() => {
  vi.useFakeTimers();
  node = new FakeRoom();
  room = node.room;
  room.join();
});

describe("events", () => {
  it("come in order, each once", () => {
    joined(run(1, 2));
    expect(room.history.apply(event(3))).toBe(true);
    expect(room.history.apply(event(3))).toBe(false);
    expect(room.history.apply(event(2))).toBe(false);
    expect(seqs()).toEqual([1, 2, 3]);
  });

  it("that are missing are asked for, once, and then follow in order", () => {
    joined(run(1, 2));
    room.history.apply(event(5));
    room.history.apply(event(6));
    expect(seqs()).toEqual([1, 2]);
    expect(node.of("history")).toEqual([{ type: "history", room: "r", after: 2, limit: 50 }]);
    page(run(3, 6));
    expect(seqs()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(node.of("history").length).toBe(1);
  });

  it("that fill more than a page are asked for page by page", () => {
    joined(run(1, 2));
    room.history.heartbeat(80);
    page(run(3, 52));
    expect(node.last).toMatchObject({ type: "history", after: 52 });
    page(run(53, 80));
    expect(node.of("history").length).toBe(2);
    expect(seqs().length).toBe(80);
  });

  it("lost at the end are found by the heartbeat", () => {
    joined(run(1, 2));
    room.history.heartbeat(2);
    expect(node.of("history")).toEqual([]);
    room.history.heartbeat(3);
    expect(node.of("history").length).toBe(1);
  });

  it("that the node does not have are not asked for again and again", () => {
    joined(run(1, 2));
    room.history.heartbeat(9);
    page([]);
    expect(node.of("history").length).toBe(1);
    room.history.heartbeat(9);
    expect(node.of("history").length).toBe(2);
  });

  it("are repaired after a cut in the middle of a repair", () => {
    joined(run(1, 2));
    room.history.heartbeat(4);
    room.disconnected();
    room.join();
    joined(run(3, 4));
    expect(seqs()).toEqual([1, 2, 3, 4]);
    room.history.apply(event(6));
    expect(node.of("history").length).toBe(2);
  });
});

describe("a top far away", () => {
  it("is joined again, because nobody wants to see all that lies between", () => {
    joined(run(1, 2));
    room.history.heartbeat(FAR + 3);
    expect(node.last).toEqual({ type: "join", room: "r", since: 2, last: { nonce: "n2", at: 2 } });
    joined(run(FAR - 46, FAR + 3));
    expect(seqs().at(-1)).toBe(FAR + 3);
    expect(shown().earlier).toBe(true);
    expect([node.of("join").length, node.of("history").length]).toEqual([2, 0]);
  });

  it("begins behind what is asked for as a hole", () => {
    joined(run(1, 2));
    room.history.heartbeat(FAR + 2);
    expect(node.last).toMatchObject({ type: "history", after: 2 });
  });
});

describe("what is not kept any more", () => {
  it("is said at the top instead of paging on for ever", () => {
    room.receive({ type: "joined", room: "r", term: 1, top: 60, events: run(51, 60), oldest: 41 });
    expect([shown().earlier, shown().cut]).toEqual([true, false]);
    room.history.pageBack();
    page(run(41, 50), { oldest: 41 });
    expect([shown().earlier, shown().cut]).toEqual([false, true]);
    room.history.pageBack();
    expect(node.of("history").length).toBe(1);
  });

  it("is said to who was in the room, and is no other history", () => {
    joined(run(1, 2));
    room.receive({ type: "joined", room: "r", term: 1, top: 60, events: run(41, 60), oldest: 41 });
    expect(seqs()).toEqual(run(41, 60).map(({ seq }) => seq));
    expect([shown().cut, room.replaced]).toEqual([true, false]);
    expect(room.history.apply(event(61))).toBe(true);
    expect(node.of("history").length).toBe(0);
  });

  it("is no hole after the cursor", () => {
    joined(run(1, 2));
    room.history.heartbeat(60);
    page(run(41, 60), { oldest: 41 });
    expect(seqs()).toEqual(run(41, 60).map(({ seq }) => seq));
    expect(shown().cut).toBe(true);
    expect(room.history.apply(event(61))).toBe(true);
  });

  it("differs from a page that has a hole", () => {
    joined(run(1, 2));
    room.history.heartbeat(60);
    page(run(41, 60));
    expect(seqs()).toEqual([1, 2]);
  });
});

describe("changes", () => {
  const edit = (seq: number, target: string, text: string) => event(seq, { kind: "edit", body: { target, text } });
  const thumb = (seq: number, target: string, off = false) =>
    event(seq, { kind: "reaction", body: { target, emoji: "👍", off } });
  const reads = (seq: number) => {
    const message = shown().messages.find((known) => known.seq === seq);
    const { text, reactions } = reading(message ?? event(seq), room.history.timeline.fold.of(`n${seq}`));
    return [text, reactions.length];
  };

  it("count for the cursor and change their message", () => {
    joined(run(1, 2));
    expect(room.history.apply(edit(3, "n1", "better"))).toBe(true);
    room.history.apply(thumb(4, "n1"));
    expect(reads(1)).toEqual(["better", 1]);
    expect(room.history.timeline.cursor).toBe(4);
  });

  it("that came later than their page are folded in, and move no cursor", () => {
    room.receive({ type: "joined", room: "r", term: 1, top: 60, events: run(51, 60) });
    room.history.pageBack();
    page(run(1, 50), { later: [edit(70, "n7", "better")] });
    expect(reads(7)).toEqual(["better", 0]);
    expect(room.history.timeline.cursor).toBe(60);
  });

  it("are kept until their message comes", () => {
    joined(run(51, 60));
    room.history.apply(edit(61, "n7", "better"));
    room.history.pageBack();
    page(run(1, 50));
    expect(reads(7)).toEqual(["better", 0]);
  });

  it("of a kind that is not known count for the cursor and show nothing", () => {
    joined(run(1, 2));
    room.history.apply(event(3, { kind: "pin" as Event["kind"], body: { target: "n1" } }));
    expect(room.history.timeline.cursor).toBe(3);
    expect(reads(1)).toEqual(["text 1", 0]);
  });

  it("of a page of the past that were undone later do not come back", () => {
    joined(run(951, 1000));
    room.history.jump("n20");
    // The reaction of 70 was taken back by 500, so the page of its message names neither.
    page(run(1, 60));
    room.history.pageOn();
    page([...run(61, 69), thumb(70, "n20"), ...run(71, 110)]);
    expect(reads(20)).toEqual(["text 20", 0]);
  });
});

describe("jumping", () => {
  it("to what is here asks nothing", () => {
    joined(run(1, 60));
    room.history.jump("n3");
    expect([node.of("history").length, room.history.sought?.nonce, room.history.timeline.part]).toEqual([0, "n3", null]);
  });

  it("shows a part of the past, and goes back to the live end without losing anything", () => {
    joined(run(951, 1000));
    room.history.jump("n500");
    expect(node.last).toEqual({ type: "history", room: "r", around: "n500", limit: 30 });
    page(run(475, 524));
    expect([shown().first, shown().last]).toEqual([475, 524]);
    room.history.apply(event(1001));
    expect(room.history.timeline.cursor).toBe(1001);
    room.history.toLive();
    expect([shown().first, shown().last]).toEqual([951, 1001]);
  });

  it("pages in both directions, until the part has reached the live end", () => {
    joined(run(951, 1000));
    room.history.jump("n900");
    page(run(880, 920));
    room.history.pageBack();
    expect(node.last).toMatchObject({ before: 880 });
    page(run(830, 879));
    room.history.pageOn();
    expect(node.last).toMatchObject({ after: 920 });
    page(run(921, 970));
    expect([shown().first, shown().last]).toEqual([830, 970]);
    room.history.pageOn();
    expect([shown().last, room.history.timeline.part]).toEqual([1000, null]);
    room.history.pageOn();
    expect(node.of("history").length).toBe(3);
  });

  it("passes over a page that was asked for what is not shown any more", () => {
    joined(run(951, 1000));
    room.history.pageBack();
    room.history.jump("n500");
    page(run(475, 524));
    page(run(901, 950), {}, 0);
    expect([shown().first, shown().earlier]).toEqual([475, true]);
    room.history.toLive();
    expect(shown().first).toBe(951);
  });

  it("that was given up does not come after all", () => {
    joined(run(951, 1000));
    room.history.jump("n500");
    room.history.toLive();
    page(run(475, 524));
    expect(shown().last).toBe(1000);
  });

  it("repairs the live end while a part is shown", () => {
    joined(run(951, 1000));
    room.history.jump("n500");
    page(run(475, 524));
    room.history.heartbeat(1002);
    page(run(1001, 1002));
    expect([shown().last, room.history.timeline.cursor]).toEqual([524, 1002]);
  });

  it("waits for the join, and is asked again after a cut", () => {
    room.history.jump("n500");
    expect(node.of("history")).toEqual([]);
    joined(run(951, 1000));
    expect(node.of("history").length).toBe(1);
    room.disconnected();
    room.join();
    joined([], 1000);
    expect(node.of("history").length).toBe(2);
    page(run(475, 524));
    room.disconnected();
    room.join();
    joined([], 1000);
    expect(node.of("history").length).toBe(2);
    expect(shown().first).toBe(475);
  });

  it("ends when I say something", () => {
    joined(run(951, 1000));
    room.history.jump("n500");
    page(run(475, 524));
    room.post("here");
    expect(shown().last).toBe(1000);
  });

  it("to a message that the room does not have is given up, with the reason", () => {
    joined(run(951, 1000));
    room.history.jump("n500");
    node.refuse("history", "no_such_message", "There is no such message.");
    expect([room.history.refusal, room.history.sought, shown().last]).toEqual(["There is no such message.", null, 1000]);
    room.history.jump("n960");
    expect(room.history.refusal).toBe("");
  });

  it("to another message makes the refusal of the first one meaningless", () => {
    joined(run(951, 1000));
    room.history.jump("n500");
    room.history.jump("n600");
    node.refuse("history", "no_such_message", "There is no such message.", 0);
    page(run(575, 624));
    expect([room.history.refusal, shown().first]).toEqual(["", 575]);
  });
});

describe("what was asked", () => {
  it("before a new join means nothing after it", () => {
    joined(run(1, 2));
    room.history.heartbeat(60);
    room.receive({ type: "start_over", room: "r", top: 2 });
    page(run(41, 60), { oldest: 41 });
    expect([seqs(), room.history.timeline.cursor]).toEqual([[], 0]);
    joined(run(1, 2));
    room.history.heartbeat(3);
    page([event(3)]);
    expect(seqs()).toEqual([1, 2, 3]);
  });

  it("and refused can be asked again", () => {
    joined(run(51, 60));
    room.history.pageBack();
    node.refuse("history", "journal_failed", "The disk is full.");
    room.history.pageBack();
    page(run(1, 50));
    room.history.heartbeat(61);
    node.refuse("history", "journal_failed", "The disk is full.");
    room.history.heartbeat(61);
    page([event(61)]);
    expect([shown().first, shown().last, node.of("history").length]).toEqual([1, 61, 4]);
  });
});

describe("paging", () => {
  const answer = (events: Event[]) => node.answer("history", { type: "page", room: "r", events });

  it("shows a page piece by piece, so that no picture of the screen waits for all of it", () => {
    joined(run(951, 1000));
    room.history.pageBack();
    answer(run(891, 950));
    const firsts = [shown().first];
    for (let picture = 0; picture < 3; picture += 1) {
      vi.advanceTimersToNextTimer();
      firsts.push(shown().first);
    }
    expect([firsts, room.history.paging]).toEqual([[926, 901, 891, 891], false]);
  });

  it("gives up the rest of a page when somebody jumped, or the connection is gone", () => {
    joined(run(951, 1000));
    room.history.pageBack();
    answer(run(901, 950));
    room.history.jump("n500");
    page(run(485, 514));
    expect([shown().first, shown().last]).toEqual([485, 514]);
    room.history.pageOn();
    answer(run(515, 564));
    room.disconnected();
    vi.runAllTimers();
    expect([shown().last, room.history.paging]).toEqual([539, false]);
  });
});

describe("paging back", () => {
  it("asks once, and not while nothing is earlier", () => {
    joined(run(51, 60));
    room.history.pageBack();
    room.history.pageBack();
    expect(node.of("history").length).toBe(1);
    page(run(1, 50));
    room.history.pageBack();
    expect(node.of("history").length).toBe(1);
  });

  it("ends when the node has nothing earlier", () => {
    joined(run(51, 60));
    room.history.pageBack();
    page([]);
    expect(shown().earlier).toBe(false);
  });

  it("never leaves a hole in what is shown", () => {
    joined(run(51, 60));
    room.history.pageBack();
    page(run(10, 20));
    expect(seqs()[0]).toBe(51);
  });
});

describe("opening", () => {
  it("at what is here asks nothing", () => {
    joined(run(1, 60));
    room.history.openAt(20);
    expect([node.of("history").length, room.history.sought]).toEqual([0, { nonce: "", seq: 20 }]);
  });

  it("far back asks for the page around it, with what was read before it", () => {
    joined(run(5951, 6000));
    room.history.openAt(1000);
    expect(node.last).toMatchObject({ type: "history", after: 984, limit: 30 });
    page(run(975, 1024));
    expect([shown().first, shown().last, room.history.sought?.seq]).toEqual([975, 1024, 1000]);
  });

  it("behind the end is opening at the end", () => {
    joined(run(51, 60));
    room.history.openAt(99);
    page([]);
    expect([room.history.sought, shown().last]).toEqual([null, 60]);
  });

  it("at the start shows the first that is kept", () => {
    room.receive({ type: "joined", room: "r", term: 1, top: 600, events: run(551, 600), oldest: 101 });
    room.history.toStart();
    expect(node.last).toMatchObject({ after: 85 });
    page(run(101, 150), { oldest: 101 });
    expect([shown().first, shown().earlier, shown().cut]).toEqual([101, false, true]);
  });
});
