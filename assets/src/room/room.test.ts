import { beforeEach, describe, expect, it, vi } from "vitest";
import { ANA, MILO, event, info, run } from "../testing/events";
import { FakeRoom } from "../testing/node";
import type { Event } from "../wire/protocol";
import { Drafts } from "./drafts";
import type { Room } from "./room.svelte";
import { PAUSE } from "./search.svelte";

let node: FakeRoom;
let room: Room;

const joined = (events: Event[], top = events.at(-1)?.seq ?? 0) =>
  node.answer("join", { type: "joined", room: "r", term: 1, top, events });
const posts = () => node.of("post").map(({ text }) => text);
const shown = () => room.history.timeline.shown;
const seqs = () => shown().messages.map(({ seq }) => seq);
const back = (events: Event[]) => node.answer("history", { type: "page", room: "r", events });

beforeEach(() => {
  node = new FakeRoom();
  room = node.room;
  room.join();
});

describe("without those who decide", () => {
  it("goes on here when asked to, and says why when the node does not", () => {
    joined([]);
    room.unite("other");
    expect(node.last).toMatchObject({ type: "unite", room: "r", into: "other" });
    room.continueHere();
    expect(node.last).toMatchObject({ type: "continue", room: "r" });
    node.refuse("continue", "still_home", "The room can be written in.");
    expect(room.refusal).toBe("The room can be written in.");
  });

  it("notes that the room went on without the others, until that is over", () => {
    room.update(info("r", { alone: true }));
    expect(room.wentOn).toBe(true);
    room.wentOn = false;
    room.update(info("r", { alone: true }));
    expect(room.wentOn).toBe(false);
    room.update(info("r"));
    room.update(info("r", { alone: true }));
    room.update(info("r"));
    expect(room.wentOn).toBe(false);
  });
});

describe("joining", () => {
  it("asks from the cursor and shows what came", () => {
    expect(node.of("join")).toEqual([{ type: "join", room: "r", since: 0 }]);
    joined(run(1, 3));
    expect(seqs()).toEqual([1, 2, 3]);
    expect(shown().earlier).toBe(false);
  });

  it("says that earlier messages exist when the first is not the one after the cursor", () => {
    joined(run(51, 100));
    expect(seqs()[0]).toBe(51);
    expect(shown().earlier).toBe(true);
  });

  it("goes on where it was when the connection comes back", () => {
    joined(run(1, 3));
    room.disconnected();
    room.join();
    expect(node.last).toEqual({ type: "join", room: "r", since: 3, last: { nonce: "n3", at: 3 } });
    joined(run(4, 5));
    expect(seqs()).toEqual([1, 2, 3, 4, 5]);
  });

  it("replaces what it has when too much happened meanwhile, and pages back from there", () => {
    joined(run(1, 3));
    room.disconnected();
    room.join();
    joined(run(51, 100));
    expect(seqs()).toEqual(run(51, 100).map(({ seq }) => seq));
    room.history.pageBack();
    expect(node.last).toMatchObject({ type: "history", before: 51 });
    back(run(26, 50));
    room.history.pageBack();
    back(run(1, 25));
    expect(seqs().length).toBe(100);
    expect(shown().earlier).toBe(false);
  });

  it("forgets everything when it must start over", () => {
    joined(run(1, 3));
    room.receive({ type: "start_over", room: "r", top: 0 });
    expect(seqs()).toEqual([]);
    expect(node.last).toEqual({ type: "join", room: "r", since: 0 });
    joined([event(1, { nonce: "other" })]);
    expect(seqs()).toEqual([1]);
  });

  it("keeps what was said and gives up what it changed when it must start over, and says so until that is noted", () => {
    joined(run(1, 3));
    room.disconnected();
    room.post("still to be said");
    room.posts.edit("n2", "of another history");
    expect(room.replaced).toBe(false);
    room.receive({ type: "start_over", room: "r", top: 0 });
    expect([room.replaced, room.joined]).toEqual([true, false]);
    joined(run(1, 2));
    expect(posts()).toEqual(["still to be said"]);
    expect(room.replaced).toBe(true);
  });

  it("knows that nothing is gone where two parts of the room have met", () => {
    joined(run(1, 3));
    room.receive({ type: "start_over", room: "r", top: 5, joined: true });
    room.receive({ type: "start_over", room: "r", top: 5 });
    expect([room.replaced, room.joined]).toEqual([true, true]);
    room.replaced = false;
    room.receive({ type: "start_over", room: "r", top: 5 });
    expect([room.replaced, room.joined]).toEqual([true, false]);
  });

  it("does not name the last event when it is not here", () => {
    joined([]);
    room.join();
    expect(node.last).toEqual({ type: "join", room: "r", since: 0 });
  });

  it("shows why it may not enter", () => {
    node.refuse("join", "no_such_room", "There is no such room.");
    expect([room.refusal, node.gone]).toEqual(["There is no such room.", ["r"]]);
    room.join();
    expect(room.refusal).toBe("");
  });
});

describe("what comes while nobody looks", () => {
  it("is who writes, but not we ourselves", () => {
    room.receive({ type: "typing", room: "r", author: ANA });
    room.receive({ type: "typing", room: "r", author: MILO });
    expect(room.people.typists).toEqual([MILO]);
    room.receive(event(1, { author: MILO }));
    expect(room.people.typists).toEqual([]);
  });
});

it("takes what waits to a home that has come back", () => {
  joined([]);
  room.update(info("r", { online: false }));
  room.post("one");
  room.update(info("r", { online: true }));
  expect(posts()).toEqual(["one", "one"]);
});

it("says why it cannot go on, unless it goes on", () => {
  const error = { type: "error", code: "journal_damaged", message: "Damaged.", retry: false, room: "r" } as const;
  joined([]);
  room.receive(error);
  expect(room.refusal).toBe("");
  room.disconnected();
  room.receive(error);
  expect(room.refusal).toBe("Damaged.");
});

describe("searching", () => {
  it("asks in the room", () => {
    joined(run(1, 2));
    vi.useFakeTimers();
    room.search.text = "soup";
    vi.advanceTimersByTime(PAUSE);
    vi.useRealTimers();
    expect(node.last).toEqual({ type: "search", room: "r", text: "soup", limit: 50 });
    node.answer("search", { type: "found", room: "r", hits: [] });
    expect(room.search.state).toBe("answered");
  });
});

it("keeps what is written and not said", () => {
  room.draft = "half a sen";
  expect(new Drafts(node.store).of("r")).toBe("");
  node.drafts.flush();
  expect(new Drafts(node.store).of("r")).toBe("half a sen");
});

describe("receipts", () => {
  const reads = () => node.of("read").map((command) => (command.type === "read" ? command.seq : 0));
  const receipts = (kept: number, ...read: [number, number][]) =>
    room.receive({ type: "receipts", room: "r", node: { id: "n2", name: "Desk" }, kept, read });

  it("are told for what is in view at the live end, every two seconds, and never back", () => {
    joined(run(1, 5));
    [1, 3, 5, 2].forEach((seq, index) => room.markRead(seq, 10_000 + index));
    room.tick(12_000);
    room.tick(14_000);
    expect(reads()).toEqual([1, 5]);
  });

  it("are told once the node has let us in, and again after it was away", () => {
    room.markRead(5, 10_000);
    expect(reads()).toEqual([]);
    joined(run(1, 5));
    room.tick(10_001);
    room.disconnected();
    room.tick(20_000);
    expect(reads()).toEqual([5]);
    room.join();
    joined(run(1, 5));
    room.tick(20_001);
    expect(reads()).toEqual([5, 5]);
  });

  it("say nothing of a part that was jumped to", () => {
    joined(run(151, 200));
    room.history.jump("n20");
    node.answer("history", { type: "page", room: "r", events: run(10, 30) });
    room.markRead(30, 10_000);
    room.history.toLive();
    room.tick(20_000);
    expect(reads()).toEqual([]);
  });

  it("of others say where a message is and who has read it, and mean nothing in another history", () => {
    joined(run(1, 5));
    room.markRead(5, 10_000);
    receipts(5, [5, 3]);
    expect([room.receipts.machines(5), room.receipts.readers(5)]).toEqual([2, 2]);
    room.receive({ type: "start_over", room: "r", top: 0 });
    joined(run(1, 2));
    room.markRead(2, 20_000);
    expect([room.receipts.machines(1), room.receipts.readers(1)]).toEqual([1, 0]);
    expect(reads()).toEqual([5, 2]);
  });
});

describe("what is unread", () => {
  const read = () => node.of("read");

  beforeEach(() => joined(run(1, 10)));

  it("is where the room opens, and stays marked while it is read", () => {
    room.begin({ read: 4, unread: 6, view: 2 });
    expect([room.firstUnread, room.openAt, room.caughtUp]).toEqual([5, 5, false]);
    room.markRead(7, 0);
    expect([room.firstUnread, room.caughtUp, read()]).toEqual([5, false, [{ type: "read", room: "r", seq: 7 }]]);
    room.markRead(10, 0);
    expect(room.caughtUp).toBe(true);
  });

  it("is nothing: then the room opens where somebody was", () => {
    room.begin({ read: 10, unread: 0, view: 2 });
    expect([room.firstUnread, room.openAt]).toEqual([0, 2]);
    room.begin();
    expect(room.openAt).toBe(0);
  });

  it("can be unread again from a message on, until somebody comes back", () => {
    room.begin({ read: 10 });
    room.markUnread(6);
    room.markRead(10, 0);
    expect(read()).toEqual([{ type: "read", room: "r", seq: 5, back: true }]);
    expect([room.firstUnread, room.caughtUp]).toEqual([6, false]);
    room.begin({ read: 5, unread: 5 });
    room.markRead(10, 0);
    expect(read().at(-1)).toEqual({ type: "read", room: "r", seq: 10 });
  });

  it("is nothing more once everything counts as read", () => {
    room.begin({ read: 4, unread: 6 });
    room.catchUp();
    expect([room.firstUnread, room.caughtUp]).toEqual([0, true]);
  });

  it("is read where it was jumped to only when nothing unread lies before", () => {
    room.begin({ read: 4, unread: 100 });
    room.history.jump("far");
    node.answer("history", { type: "page", room: "r", events: run(50, 60) });
    room.markRead(55, 0);
    expect(read()).toEqual([]);
    room.markRead(50, 0);
    expect(read()).toEqual([]);
  });
});

describe("a room that is over", () => {
  it.each([
    ["room_deleted", "deleted"],
    ["no_such_room", "forgotten"],
  ])("says why: %s", (code, over) => {
    joined([]);
    room.receive({ type: "error", code, message: "Gone.", retry: false, room: "r" });
    expect([room.over, room.entered, room.refusal]).toEqual([over, false, ""]);
    room.join();
    expect(room.over).toBe("");
  });

  it("is told so as well when it was deleted while we were away", () => {
    room.join();
    node.refuse("join", "room_deleted", "The owner has deleted it.");
    expect(room.over).toBe("deleted");
  });
});
