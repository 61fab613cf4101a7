import { beforeEach, describe, expect, it } from "vitest";
import { event, info, run, MILO, ANA } from "./fakes";
import { Keep } from "./keep";
import { Outbox } from "./outbox";
import { Room } from "./room.svelte";
import type { Command, Event } from "./wire";

let sent: Command[];
let connected: boolean;
let outbox: Outbox;
let room: Room;

const joined = (events: Event[], top = events.at(-1)?.seq ?? 0) =>
  room.joined({ type: "joined", room: "r", term: 1, top, events });
const page = (events: Event[], asked: { before?: number; after?: number }) =>
  room.page({ type: "page", room: "r", events, ...asked });
const seqs = () => room.events.map(({ seq }) => seq);
const of = (type: Command["type"]) => sent.filter((command) => command.type === type);
const posts = () => of("post").map((command) => (command.type === "post" ? command.text : ""));

beforeEach(() => {
  sent = [];
  connected = true;
  outbox = new Outbox(new Keep(null), () => room.refreshUnsent());
  room = new Room(
    info("r"),
    (command) => {
      if (connected) sent.push(command);
      return connected;
    },
    outbox,
  );
  room.join();
});

describe("joining", () => {
  it("asks from the cursor and shows what came", () => {
    expect(sent).toEqual([{ type: "join", room: "r", since: 0 }]);
    joined(run(1, 3));
    expect(seqs()).toEqual([1, 2, 3]);
    expect(room.earlier).toBe(false);
  });

  it("says that earlier messages exist when the first is not the one after the cursor", () => {
    joined(run(51, 100));
    expect(seqs()[0]).toBe(51);
    expect(room.earlier).toBe(true);
  });

  it("goes on where it was when the connection comes back", () => {
    joined(run(1, 3));
    room.lost();
    room.join();
    expect(sent.at(-1)).toEqual({ type: "join", room: "r", since: 3 });
    joined(run(4, 5));
    expect(seqs()).toEqual([1, 2, 3, 4, 5]);
  });

  it("replaces what it has when too much happened meanwhile, and pages back from there", () => {
    joined(run(1, 3));
    room.lost();
    room.join();
    joined(run(51, 100));
    expect(seqs()).toEqual(run(51, 100).map(({ seq }) => seq));
    room.pageBack();
    expect(sent.at(-1)).toMatchObject({ type: "history", before: 51 });
    page(run(1, 50), { before: 51 });
    expect(seqs().length).toBe(100);
    expect(room.earlier).toBe(false);
  });

  it("forgets everything when it must start over", () => {
    joined(run(1, 3));
    room.startOver();
    expect(seqs()).toEqual([]);
    expect(sent.at(-1)).toEqual({ type: "join", room: "r", since: 0 });
    joined([event(1, { nonce: "other" })]);
    expect(seqs()).toEqual([1]);
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
    expect(room.apply(event(3))).toBe(true);
    expect(room.apply(event(3))).toBe(false);
    expect(room.apply(event(2))).toBe(false);
    expect(seqs()).toEqual([1, 2, 3]);
  });

  it("that are missing are asked for, once, and then follow in order", () => {
    joined(run(1, 2));
    room.apply(event(5));
    room.apply(event(6));
    expect(seqs()).toEqual([1, 2]);
    expect(of("history")).toEqual([{ type: "history", room: "r", after: 2, limit: 50 }]);
    page(run(3, 6), { after: 2 });
    expect(seqs()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(of("history").length).toBe(1);
  });

  it("that fill more than a page are asked for page by page", () => {
    joined(run(1, 2));
    room.heartbeat(80);
    page(run(3, 52), { after: 2 });
    expect(sent.at(-1)).toMatchObject({ type: "history", after: 52 });
    page(run(53, 80), { after: 52 });
    expect(of("history").length).toBe(2);
    expect(seqs().length).toBe(80);
  });

  it("lost at the end are found by the heartbeat", () => {
    joined(run(1, 2));
    room.heartbeat(2);
    expect(of("history")).toEqual([]);
    room.heartbeat(3);
    expect(of("history").length).toBe(1);
  });

  it("that the node does not have are not asked for again and again", () => {
    joined(run(1, 2));
    room.heartbeat(9);
    page([], { after: 2 });
    expect(of("history").length).toBe(1);
    room.heartbeat(9);
    expect(of("history").length).toBe(2);
  });

  it("are repaired after a cut in the middle of a repair", () => {
    joined(run(1, 2));
    room.heartbeat(4);
    room.lost();
    room.join();
    joined(run(3, 4));
    expect(seqs()).toEqual([1, 2, 3, 4]);
    room.apply(event(6));
    expect(of("history").length).toBe(2);
  });
});

describe("paging back", () => {
  it("asks once, and not while nothing is earlier", () => {
    joined(run(51, 60));
    room.pageBack();
    room.pageBack();
    expect(of("history").length).toBe(1);
    page(run(1, 50), { before: 51 });
    room.pageBack();
    expect(of("history").length).toBe(1);
  });

  it("ends when the node has nothing earlier", () => {
    joined(run(51, 60));
    room.pageBack();
    page([], { before: 51 });
    expect(room.earlier).toBe(false);
  });

  it("never leaves a hole in what is shown", () => {
    joined(run(51, 60));
    room.pageBack();
    page(run(10, 20), { before: 51 });
    expect(seqs()[0]).toBe(51);
  });
});

it("forgets what lies far above when nobody reads there, and can page back to it", () => {
  joined(run(1, 400));
  room.trim();
  expect(room.events.length).toBe(400);
  room.apply(event(401));
  room.trim();
  expect(seqs()).toEqual(run(202, 401).map(({ seq }) => seq));
  expect(room.earlier).toBe(true);
  room.pageBack();
  page(run(152, 201), { before: 202 });
  expect(seqs()[0]).toBe(152);
});

describe("saying", () => {
  it("shows the post at once and lets go of it with its event", () => {
    joined([]);
    room.say("  hello \n");
    const [post] = room.unsent;
    expect(post?.text).toBe("hello");
    expect(of("post")).toEqual([{ type: "post", room: "r", nonce: post?.nonce, text: "hello" }]);
    room.apply(event(1, { nonce: post!.nonce, author: ANA }));
    expect(room.unsent).toEqual([]);
    expect(seqs()).toEqual([1]);
  });

  it("says nothing when there is nothing to say", () => {
    joined([]);
    room.say(" \n ");
    expect(room.unsent).toEqual([]);
  });

  it("waits for the join and then sends in order", () => {
    room.say("one");
    room.say("two");
    expect(posts()).toEqual([]);
    joined([]);
    expect(posts()).toEqual(["one", "two"]);
  });

  it("sends again after a cut, under the same nonce", () => {
    joined([]);
    room.say("one");
    room.lost();
    connected = false;
    room.say("two");
    connected = true;
    room.join();
    joined([]);
    expect(posts()).toEqual(["one", "one", "two"]);
    expect(new Set(of("post").map((command) => (command.type === "post" ? command.nonce : ""))).size).toBe(2);
  });

  it("lets go of a post whose event it had already handled", () => {
    joined([]);
    room.say("one");
    const nonce = room.unsent[0]!.nonce;
    room.lost();
    room.join();
    // The event lies among those that the join left out; the node answers the repeated nonce with it.
    joined(run(51, 60));
    room.apply(event(7, { nonce }));
    expect(room.unsent).toEqual([]);
    expect(seqs()[0]).toBe(51);
  });

  it("keeps a refused post with its reason until it is retried or given up", () => {
    joined([]);
    room.say("one");
    const nonce = room.unsent[0]!.nonce;
    outbox.refuse("r", nonce, "The disk is full.", true);
    expect(room.unsent[0]?.failure).toBe("The disk is full.");
    room.retry(nonce);
    expect(posts()).toEqual(["one", "one"]);
    expect(room.unsent[0]?.failure).toBe("");
    room.discard(nonce);
    expect(room.unsent).toEqual([]);
  });

  it("sends by itself what was refused for a while, when the connection or the home comes back", () => {
    joined([]);
    room.say("one");
    const nonce = room.unsent[0]!.nonce;
    outbox.refuse("r", nonce, "The home is away.", true);
    room.inform(info("r", { online: false }));
    expect(posts()).toEqual(["one"]);
    room.inform(info("r", { online: true }));
    expect(posts()).toEqual(["one", "one"]);
    outbox.refuse("r", nonce, "Too long.", false);
    room.lost();
    room.join();
    joined([]);
    expect(posts()).toEqual(["one", "one"]);
  });
});

describe("people", () => {
  const node = (id: string) => ({ id, name: `node ${id}` });

  it("are those of the newest word of each node, everybody once", () => {
    room.hearPresence({ type: "presence", room: "r", node: node("1"), members: [MILO, ANA] }, 0);
    room.hearPresence({ type: "presence", room: "r", node: node("2"), members: [ANA] }, 0);
    expect(room.members.map(({ author }) => author.nick)).toEqual(["Ana", "Milo"]);
    expect(room.members[0]?.nodes).toEqual(["node 1", "node 2"]);
    room.hearPresence({ type: "presence", room: "r", node: node("1"), members: [] }, 1);
    expect(room.members.map(({ author }) => author.nick)).toEqual(["Ana"]);
  });

  it("are gone when their node was silent for 25 seconds", () => {
    room.hearPresence({ type: "presence", room: "r", node: node("1"), members: [MILO] }, 0);
    room.tick(24_999);
    expect(room.members.length).toBe(1);
    room.tick(25_000);
    expect(room.members.length).toBe(0);
  });

  it("write for five seconds unless they repeat it, or until they spoke", () => {
    joined([]);
    room.hearTyping(MILO, 0);
    room.hearTyping(ANA, 3000);
    room.tick(5000);
    expect(room.typists).toEqual([ANA]);
    room.apply(event(1, { author: ANA }));
    expect(room.typists).toEqual([]);
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
