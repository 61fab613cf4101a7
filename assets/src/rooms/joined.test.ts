import { beforeEach, describe, expect, it } from "vitest";
import { LocalStore } from "../platform/storage";
import { Labels } from "../room/labels.svelte";
import { ANA, info } from "../testing/events";
import { FakeNode } from "../testing/node";
import { FakeStorage } from "../testing/storage";
import { JoinedRooms } from "./joined.svelte";

let node: FakeNode;
let store: LocalStore;
let joined: JoinedRooms;

function again(): JoinedRooms {
  const { send, requests } = node;
  const nobody = { labels: new Labels(() => ANA.id), me: () => ANA.id, onGone: () => {} };
  return new JoinedRooms(store, { send, ask: requests.ask, ...nobody });
}

beforeEach(() => {
  node = new FakeNode();
  store = new LocalStore(new FakeStorage());
  joined = again();
});

describe("joined rooms", () => {
  it("are each there once, and found by id and by name", () => {
    const room = joined.add(info("r", { name: "Tea" }));
    expect(joined.add(info("r"))).toBe(room);
    expect([joined.of("r"), joined.named("Tea"), joined.of("s"), joined.named("r")]).toEqual([room, room, undefined, undefined]);
  });

  it("are entered again when posts of an earlier visit wait for them", () => {
    joined.add(info("r")).post("left behind");
    const next = again();
    next.enterWaiting([info("r"), info("s")]);
    expect([next.of("r")?.posts.unsent.length, next.of("s")]).toEqual([1, undefined]);
    expect(node.of("join").map(({ room }) => room)).toEqual(["r"]);
  });

  it("show that a post was refused, wherever it was posted", () => {
    const room = joined.add(info("r"));
    room.post("one");
    const { nonce } = room.posts.unsent[0]!;
    joined.refusePost({ type: "error", code: "too_long", message: "Too long.", retry: false, room: "r", nonce });
    expect(room.posts.unsent[0]?.failure).toBe("Too long.");
  });

  it("move with what was not sent and what was not finished", () => {
    const old = joined.add(info("r"));
    old.post("first");
    old.draft = "second";
    const room = joined.move("r", info("t"));
    expect([joined.of("r"), room?.draft, room?.posts.unsent.map(({ body }) => body.text)]).toEqual([undefined, "second", ["first"]]);
    expect([joined.move("r", info("t")), joined.move("t", info("t"))]).toEqual([null, null]);
  });

  it("keep the draft of the room that they move to", () => {
    joined.add(info("r")).draft = "of the old room";
    joined.add(info("t")).draft = "of the new one";
    expect(joined.move("r", info("t"))?.draft).toBe("of the new one");
  });
});
