import { beforeEach, describe, expect, it, vi } from "vitest";
import { ANA, MILO, event, info, run } from "../testing/events";
import { FakeStorage } from "../testing/storage";
import { Drafts } from "./drafts";
import { reading } from "./fold";
import { LocalStore } from "../platform/storage";
import { Outbox } from "./outbox";
import { Room } from "./room.svelte";
import { PAUSE } from "./search.svelte";
import { FAR, type Command, type Event, type Page } from "../wire/protocol";

let sent: Command[];
let connected: boolean;
let outbox: Outbox;
let store: LocalStore;
let drafts: Drafts;
let room: Room;

const joined = (events: Event[], top = events.at(-1)?.seq ?? 0) =>
  room.receive({ type: "joined", room: "r", term: 1, top, events });
const page = (events: Event[], asked: { before?: number; after?: number; around?: number }, more: Partial<Page> = {}) =>
  room.receive({ type: "page", room: "r", events, ...asked, ...more });
const seqs = () => shown().events.map(({ seq }) => seq);
const of = (type: Command["type"]) => sent.filter((command) => command.type === type);
const shown = () => room.history.timeline.shown;
const posts = () => of("post").map((command) => (command.type === "post" ? command.text : ""));

beforeEach(() => {
  sent = [];
  connected = true;
  store = new LocalStore(new FakeStorage());
  drafts = new Drafts(store);
  outbox = new Outbox(store, () => room.posts.refresh());
  room = new Room(info("r"), {
    send: (command) => {
      if (connected) sent.push(command);
      return connected;
    },
    outbox,
    drafts,
    me: () => ANA.id,
    watching: () => true,
  });
  room.join();
});

describe("joining", () => {
  it("asks from the cursor and shows what came", () => {
    expect(sent).toEqual([{ type: "join", room: "r", since: 0 }]);
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
    expect(sent.at(-1)).toEqual({ type: "join", room: "r", since: 3, last: { nonce: "n3", at: 3 } });
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
    expect(sent.at(-1)).toMatchObject({ type: "history", before: 51 });
    page(run(1, 50), { before: 51 });
    expect(seqs().length).toBe(100);
    expect(shown().earlier).toBe(false);
  });

  it("forgets everything when it must start over", () => {
    joined(run(1, 3));
    room.receive({ type: "start_over", room: "r", top: 0 });
    expect(seqs()).toEqual([]);
    expect(sent.at(-1)).toEqual({ type: "join", room: "r", since: 0 });
    joined([event(1, { nonce: "other" })]);
    expect(seqs()).toEqual([1]);
  });

  it("keeps what was said and gives up what it changed when it must start over, and says so until that is noted", () => {
    joined(run(1, 3));
    room.disconnected();
    room.post("still to be said");
    room.posts.edit(2, "of another history");
    expect(room.replaced).toBe(false);
    room.receive({ type: "start_over", room: "r", top: 0 });
    expect(room.replaced).toBe(true);
    joined(run(1, 2));
    expect(posts()).toEqual(["still to be said"]);
    expect(room.replaced).toBe(true);
  });

  it("does not name the last event when it is not here", () => {
    joined([]);
    room.join();
    expect(sent.at(-1)).toEqual({ type: "join", room: "r", since: 0 });
  });

  it("shows why it may not enter", () => {
    room.refused({ type: "error", code: "no_such_room", message: "There is no such room.", retry: false, room: "r" });
    expect(room.refusal).toBe("There is no such room.");
    room.join();
    expect(room.refusal).toBe("");
  });
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
    expect(of("history")).toEqual([{ type: "history", room: "r", after: 2, limit: 50 }]);
    page(run(3, 6), { after: 2 });
    expect(seqs()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(of("history").length).toBe(1);
  });

  it("that fill more than a page are asked for page by page", () => {
    joined(run(1, 2));
    room.history.heartbeat(80);
    page(run(3, 52), { after: 2 });
    expect(sent.at(-1)).toMatchObject({ type: "history", after: 52 });
    page(run(53, 80), { after: 52 });
    expect(of("history").length).toBe(2);
    expect(seqs().length).toBe(80);
  });

  it("lost at the end are found by the heartbeat", () => {
    joined(run(1, 2));
    room.history.heartbeat(2);
    expect(of("history")).toEqual([]);
    room.history.heartbeat(3);
    expect(of("history").length).toBe(1);
  });

  it("that the node does not have are not asked for again and again", () => {
    joined(run(1, 2));
    room.history.heartbeat(9);
    page([], { after: 2 });
    expect(of("history").length).toBe(1);
    room.history.heartbeat(9);
    expect(of("history").length).toBe(2);
  });

  it("are repaired after a cut in the middle of a repair", () => {
    joined(run(1, 2));
    room.history.heartbeat(4);
    room.disconnected();
    room.join();
    joined(run(3, 4));
    expect(seqs()).toEqual([1, 2, 3, 4]);
    room.history.apply(event(6));
    expect(of("history").length).toBe(2);
  });
});

describe("a top far away", () => {
  it("is joined again, because nobody wants to see all that lies between", () => {
    joined(run(1, 2));
    room.history.heartbeat(FAR + 3);
    expect(sent.at(-1)).toEqual({ type: "join", room: "r", since: 2, last: { nonce: "n2", at: 2 } });
    joined(run(FAR - 46, FAR + 3));
    expect(seqs().at(-1)).toBe(FAR + 3);
    expect(shown().earlier).toBe(true);
    expect([of("join").length, of("history").length]).toEqual([2, 0]);
  });

  it("begins behind what is asked for as a hole", () => {
    joined(run(1, 2));
    room.history.heartbeat(FAR + 2);
    expect(sent.at(-1)).toMatchObject({ type: "history", after: 2 });
  });
});

describe("what is not kept any more", () => {
  it("is said at the top instead of paging on for ever", () => {
    room.receive({ type: "joined", room: "r", term: 1, top: 60, events: run(51, 60), oldest: 41 });
    expect([shown().earlier, shown().cut]).toEqual([true, false]);
    room.history.pageBack();
    page(run(41, 50), { before: 51 }, { oldest: 41 });
    expect([shown().earlier, shown().cut]).toEqual([false, true]);
    room.history.pageBack();
    expect(of("history").length).toBe(1);
  });

  it("is said to who was in the room, and is no other history", () => {
    joined(run(1, 2));
    room.receive({ type: "joined", room: "r", term: 1, top: 60, events: run(41, 60), oldest: 41 });
    expect(seqs()).toEqual(run(41, 60).map(({ seq }) => seq));
    expect([shown().cut, room.replaced]).toEqual([true, false]);
    expect(room.history.apply(event(61))).toBe(true);
    expect(of("history").length).toBe(0);
  });

  it("is no hole after the cursor", () => {
    joined(run(1, 2));
    room.history.heartbeat(60);
    page(run(41, 60), { after: 2 }, { oldest: 41 });
    expect(seqs()).toEqual(run(41, 60).map(({ seq }) => seq));
    expect(shown().cut).toBe(true);
    expect(room.history.apply(event(61))).toBe(true);
  });

  it("differs from a page that has a hole", () => {
    joined(run(1, 2));
    room.history.heartbeat(60);
    page(run(41, 60), { after: 2 });
    expect(seqs()).toEqual([1, 2]);
  });
});

describe("changes", () => {
  const edit = (seq: number, target: number, text: string) => event(seq, { kind: "edit", body: { target, text } });
  const thumb = (seq: number, target: number, off = false) =>
    event(seq, { kind: "reaction", body: { target, emoji: "👍", off } });
  const reads = (seq: number) => {
    const message = shown().events.find((known) => known.seq === seq);
    const { text, reactions } = reading(message ?? event(seq), room.history.timeline.fold.of(seq));
    return [text, reactions.length];
  };

  it("count for the cursor and change their message", () => {
    joined(run(1, 2));
    expect(room.history.apply(edit(3, 1, "better"))).toBe(true);
    room.history.apply(thumb(4, 1));
    expect(reads(1)).toEqual(["better", 1]);
    expect(room.history.timeline.cursor).toBe(4);
  });

  it("that came later than their page are folded in, and move no cursor", () => {
    room.receive({ type: "joined", room: "r", term: 1, top: 60, events: run(51, 60) });
    page(run(1, 50), { before: 51 }, { later: [edit(70, 7, "better")] });
    expect(reads(7)).toEqual(["better", 0]);
    expect(room.history.timeline.cursor).toBe(60);
  });

  it("are kept until their message comes", () => {
    joined(run(51, 60));
    room.history.apply(edit(61, 7, "better"));
    room.history.pageBack();
    page(run(1, 50), { before: 51 });
    expect(reads(7)).toEqual(["better", 0]);
  });

  it("of a kind that is not known count for the cursor and show nothing", () => {
    joined(run(1, 2));
    room.history.apply(event(3, { kind: "pin" as Event["kind"], body: { target: 1 } }));
    expect(room.history.timeline.cursor).toBe(3);
    expect(reads(1)).toEqual(["text 1", 0]);
  });

  it("of a page of the past that were undone later do not come back", () => {
    joined(run(951, 1000));
    room.history.jump(20);
    // The reaction of 70 was taken back by 500, so the page of its message names neither.
    page(run(1, 60), { around: 20 });
    room.history.pageOn();
    page([...run(61, 69), thumb(70, 20), ...run(71, 110)], { after: 60 });
    expect(reads(20)).toEqual(["text 20", 0]);
  });

  it("of mine are sent like messages, and settled by their events", () => {
    joined(run(1, 2));
    room.posts.edit(1, " better ");
    room.posts.react(1, "👍", false);
    room.posts.react(1, "👍", true);
    room.posts.erase(2);
    const sentPosts = of("post").map((post) => ({ ...post, nonce: "" }));
    const common = { type: "post", room: "r", nonce: "" };
    expect(sentPosts).toEqual([
      { ...common, kind: "edit", target: 1, text: "better" },
      { ...common, kind: "reaction", target: 1, emoji: "👍" },
      { ...common, kind: "reaction", target: 1, emoji: "👍", off: true },
      { ...common, kind: "deletion", target: 2 },
    ]);
    room.posts.unsent.forEach(({ nonce, kind, body }, index) => room.history.apply(event(3 + index, { nonce, kind, body })));
    expect(room.posts.unsent).toEqual([]);
  });

  it("of nothing into nothing are not sent", () => {
    joined(run(1, 2));
    room.posts.edit(1, " ");
    room.posts.react(1, " ", false);
    expect(of("post")).toEqual([]);
  });
});

describe("jumping", () => {
  it("to what is here asks nothing", () => {
    joined(run(1, 60));
    room.history.jump(3);
    expect([of("history").length, room.history.sought?.seq, room.history.timeline.part]).toEqual([0, 3, null]);
  });

  it("shows a part of the past, and goes back to the live end without losing anything", () => {
    joined(run(951, 1000));
    room.history.jump(500);
    expect(sent.at(-1)).toEqual({ type: "history", room: "r", around: 500, limit: 50 });
    page(run(475, 524), { around: 500 });
    expect([shown().first, shown().last]).toEqual([475, 524]);
    room.history.apply(event(1001));
    expect(room.history.timeline.cursor).toBe(1001);
    room.history.toLive();
    expect([shown().first, shown().last]).toEqual([951, 1001]);
  });

  it("pages in both directions, until the part has reached the live end", () => {
    joined(run(951, 1000));
    room.history.jump(900);
    page(run(880, 920), { around: 900 });
    room.history.pageBack();
    expect(sent.at(-1)).toMatchObject({ before: 880 });
    page(run(830, 879), { before: 880 });
    room.history.pageOn();
    expect(sent.at(-1)).toMatchObject({ after: 920 });
    page(run(921, 970), { after: 920 });
    expect([shown().first, shown().last, room.history.timeline.part]).toEqual([830, 1000, null]);
    room.history.pageOn();
    expect(of("history").length).toBe(3);
  });

  it("passes over a page that was asked for what is not shown any more", () => {
    joined(run(951, 1000));
    room.history.pageBack();
    room.history.jump(500);
    page(run(475, 524), { around: 500 });
    page(run(901, 950), { before: 951 });
    expect([shown().first, shown().earlier]).toEqual([475, true]);
    room.history.toLive();
    expect(shown().first).toBe(901);
  });

  it("that was given up does not come after all", () => {
    joined(run(951, 1000));
    room.history.jump(500);
    room.history.toLive();
    page(run(475, 524), { around: 500 });
    expect(shown().last).toBe(1000);
  });

  it("repairs the live end while a part is shown", () => {
    joined(run(951, 1000));
    room.history.jump(500);
    page(run(475, 524), { around: 500 });
    room.history.heartbeat(1002);
    page(run(1001, 1002), { after: 1000 });
    expect([shown().last, room.history.timeline.cursor]).toEqual([524, 1002]);
  });

  it("waits for the join, and is asked again after a cut", () => {
    room.history.jump(500);
    expect(of("history")).toEqual([]);
    joined(run(951, 1000));
    expect(of("history").length).toBe(1);
    room.disconnected();
    room.join();
    joined([], 1000);
    expect(of("history").length).toBe(2);
    page(run(475, 524), { around: 500 });
    room.disconnected();
    room.join();
    joined([], 1000);
    expect(of("history").length).toBe(2);
    expect(shown().first).toBe(475);
  });

  it("ends when I say something", () => {
    joined(run(951, 1000));
    room.history.jump(500);
    page(run(475, 524), { around: 500 });
    room.post("here");
    expect(shown().last).toBe(1000);
  });
});

describe("searching", () => {
  it("asks in the room, and takes its refusal for itself", () => {
    joined(run(1, 2));
    vi.useFakeTimers();
    room.search.text = "soup";
    vi.advanceTimersByTime(PAUSE);
    vi.useRealTimers();
    expect(sent.at(-1)).toEqual({ type: "search", room: "r", text: "soup", limit: 50 });
    room.refused({ type: "error", code: "journal_damaged", message: "The database is damaged.", retry: false, room: "r" });
    expect([room.search.refusal, room.refusal]).toEqual(["The database is damaged.", ""]);
  });
});

it("keeps what is written and not said", () => {
  room.draft = "half a sen";
  expect(new Drafts(store).of("r")).toBe("");
  drafts.flush();
  expect(new Drafts(store).of("r")).toBe("half a sen");
});

describe("paging back", () => {
  it("asks once, and not while nothing is earlier", () => {
    joined(run(51, 60));
    room.history.pageBack();
    room.history.pageBack();
    expect(of("history").length).toBe(1);
    page(run(1, 50), { before: 51 });
    room.history.pageBack();
    expect(of("history").length).toBe(1);
  });

  it("ends when the node has nothing earlier", () => {
    joined(run(51, 60));
    room.history.pageBack();
    page([], { before: 51 });
    expect(shown().earlier).toBe(false);
  });

  it("never leaves a hole in what is shown", () => {
    joined(run(51, 60));
    room.history.pageBack();
    page(run(10, 20), { before: 51 });
    expect(seqs()[0]).toBe(51);
  });
});

it("forgets what lies far above when nobody reads there, and can page back to it", () => {
  joined(run(1, 400));
  room.history.trim();
  expect(room.history.timeline.live.events.length).toBe(400);
  room.history.apply(event(401));
  room.history.trim();
  expect(seqs()).toEqual(run(202, 401).map(({ seq }) => seq));
  expect(shown().earlier).toBe(true);
  room.history.pageBack();
  page(run(152, 201), { before: 202 });
  expect(seqs()[0]).toBe(152);
});

describe("saying", () => {
  it("shows the post at once and lets go of it with its event", () => {
    joined([]);
    room.post("  hello \n");
    const [post] = room.posts.unsent;
    expect(post?.body.text).toBe("hello");
    expect(of("post")).toEqual([{ type: "post", room: "r", nonce: post?.nonce, text: "hello" }]);
    room.history.apply(event(1, { nonce: post!.nonce, author: ANA }));
    expect(room.posts.unsent).toEqual([]);
    expect(seqs()).toEqual([1]);
  });

  it("says nothing when there is nothing to say", () => {
    joined([]);
    room.post(" \n ");
    expect(room.posts.unsent).toEqual([]);
  });

  it("waits for the join and then sends in order", () => {
    room.post("one");
    room.post("two");
    expect(posts()).toEqual([]);
    joined([]);
    expect(posts()).toEqual(["one", "two"]);
  });

  it("sends again after a cut, under the same nonce", () => {
    joined([]);
    room.post("one");
    room.disconnected();
    connected = false;
    room.post("two");
    connected = true;
    room.join();
    joined([]);
    expect(posts()).toEqual(["one", "one", "two"]);
    expect(new Set(of("post").map((command) => (command.type === "post" ? command.nonce : ""))).size).toBe(2);
  });

  it("lets go of a post whose event it had already handled", () => {
    joined([]);
    room.post("one");
    const nonce = room.posts.unsent[0]!.nonce;
    room.disconnected();
    room.join();
    // The event lies among those that the join left out; the node answers the repeated nonce with it.
    joined(run(51, 60));
    room.history.apply(event(7, { nonce }));
    expect(room.posts.unsent).toEqual([]);
    expect(seqs()[0]).toBe(51);
  });

  it("keeps a refused post with its reason until it is retried or given up", () => {
    joined([]);
    room.post("one");
    const nonce = room.posts.unsent[0]!.nonce;
    outbox.refuse("r", nonce, "The disk is full.", true);
    expect(room.posts.unsent[0]?.failure).toBe("The disk is full.");
    room.posts.retry(nonce);
    expect(posts()).toEqual(["one", "one"]);
    expect(room.posts.unsent[0]?.failure).toBe("");
    room.posts.discard(nonce);
    expect(room.posts.unsent).toEqual([]);
  });

  it("sends by itself what was refused for a while, when the connection or the home comes back", () => {
    joined([]);
    room.post("one");
    const nonce = room.posts.unsent[0]!.nonce;
    outbox.refuse("r", nonce, "The home is away.", true);
    room.update(info("r", { online: false }));
    expect(posts()).toEqual(["one"]);
    room.update(info("r", { online: true }));
    expect(posts()).toEqual(["one", "one"]);
    outbox.refuse("r", nonce, "Too long.", false);
    room.disconnected();
    room.join();
    joined([]);
    expect(posts()).toEqual(["one", "one"]);
  });
});

describe("people", () => {
  const node = (id: string) => ({ id, name: `node ${id}` });

  it("are those of the newest word of each node, everybody once", () => {
    room.people.onPresence({ type: "presence", room: "r", node: node("1"), members: [MILO, ANA] }, 0);
    room.people.onPresence({ type: "presence", room: "r", node: node("2"), members: [ANA] }, 0);
    expect(room.people.members.map(({ author }) => author.nick)).toEqual(["Ana", "Milo"]);
    expect(room.people.members[0]?.nodes).toEqual(["node 1", "node 2"]);
    room.people.onPresence({ type: "presence", room: "r", node: node("1"), members: [] }, 1);
    expect(room.people.members.map(({ author }) => author.nick)).toEqual(["Ana"]);
  });

  it("are gone when their node was silent for 25 seconds", () => {
    room.people.onPresence({ type: "presence", room: "r", node: node("1"), members: [MILO] }, 0);
    room.tick(24_999);
    expect(room.people.members.length).toBe(1);
    room.tick(25_000);
    expect(room.people.members.length).toBe(0);
  });

  it("write for five seconds unless they repeat it, or until they spoke", () => {
    joined([]);
    room.people.onTyping(MILO, 0);
    room.people.onTyping(ANA, 3000);
    room.tick(5000);
    expect(room.people.typists).toEqual([ANA]);
    room.receive(event(1, { author: ANA }));
    expect(room.people.typists).toEqual([]);
  });

  it("hear at most every two seconds that we write", () => {
    joined([]);
    room.draft = " ";
    room.typing(5_000);
    expect(of("typing").length).toBe(0);
    room.draft = "I am";
    [10_000, 10_500, 11_999, 12_000].forEach((now) => room.typing(now));
    expect(of("typing").length).toBe(2);
  });
});

describe("receipts", () => {
  const reads = () => of("read").map((command) => (command.type === "read" ? command.seq : 0));
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
    room.history.jump(20);
    page(run(10, 30), { around: 20 });
    room.markRead(30, 10_000);
    room.history.toLive();
    room.tick(20_000);
    expect(reads()).toEqual([]);
  });

  it("of others say where a message is and who has read it, and mean nothing in another history", () => {
    joined(run(1, 5));
    room.markRead(5, 10_000);
    receipts(5, [5, 3]);
    expect([room.readState.machines(5), room.readState.readers(5)]).toEqual([2, 2]);
    room.receive({ type: "start_over", room: "r", top: 0 });
    joined(run(1, 2));
    room.markRead(2, 20_000);
    expect([room.readState.machines(1), room.readState.readers(1)]).toEqual([1, 0]);
    expect(reads()).toEqual([5, 2]);
  });
});
