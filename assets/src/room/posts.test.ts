import { beforeEach, describe, expect, it } from "vitest";
import { ANA, event, info, run } from "../testing/events";
import { FakeRoom } from "../testing/node";
import type { Event } from "../wire/protocol";
import type { Room } from "./room.svelte";

let node: FakeRoom;
let room: Room;

const joined = (events: Event[], top = events.at(-1)?.seq ?? 0) =>
  node.answer("join", { type: "joined", room: "r", term: 1, top, events });
const posts = () => node.of("post").map(({ text }) => text);
const seqs = () => room.history.timeline.shown.messages.map(({ seq }) => seq);

beforeEach(() => {
  node = new FakeRoom();
  room = node.room;
  room.join();
});

describe("saying", () => {
  it("shows the post at once and lets go of it with its event", () => {
    joined([]);
    room.post("  hello \n");
    const [post] = room.posts.unsent;
    expect(post?.body.text).toBe("hello");
    expect(node.of("post")).toEqual([{ type: "post", room: "r", nonce: post?.nonce, text: "hello" }]);
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
    node.connected = false;
    room.post("two");
    node.connected = true;
    room.join();
    joined([]);
    expect(posts()).toEqual(["one", "one", "two"]);
    expect(new Set(node.of("post").map((command) => (command.type === "post" ? command.nonce : ""))).size).toBe(2);
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
    node.outbox.refuse("r", nonce, "The disk is full.", true);
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
    node.outbox.refuse("r", nonce, "The home is away.", true);
    room.update(info("r", { online: false }));
    expect(posts()).toEqual(["one"]);
    room.update(info("r", { online: true }));
    expect(posts()).toEqual(["one", "one"]);
    node.outbox.refuse("r", nonce, "Too long.", false);
    room.disconnected();
    room.join();
    joined([]);
    expect(posts()).toEqual(["one", "one"]);
  });
});

describe("changes", () => {
  it("of messages are sent like messages, and settled by their events", () => {
    joined(run(1, 2));
    room.posts.edit("n1", " better ");
    room.posts.react("n1", "👍", false);
    room.posts.react("n1", "👍", true);
    room.posts.erase("n2");
    const sentPosts = node.of("post").map((post) => ({ ...post, nonce: "" }));
    const common = { type: "post", room: "r", nonce: "" };
    expect(sentPosts).toEqual([
      { ...common, kind: "edit", target: "n1", text: "better" },
      { ...common, kind: "reaction", target: "n1", emoji: "👍" },
      { ...common, kind: "reaction", target: "n1", emoji: "👍", off: true },
      { ...common, kind: "deletion", target: "n2" },
    ]);
    room.posts.unsent.forEach(({ nonce, kind, body }, index) => room.history.apply(event(3 + index, { nonce, kind, body })));
    expect(room.posts.unsent).toEqual([]);
  });

  it("of nothing into nothing are not sent", () => {
    joined(run(1, 2));
    room.posts.edit("n1", " ");
    room.posts.react("n1", " ", false);
    expect(node.of("post")).toEqual([]);
  });
});
