import { beforeEach, describe, expect, it } from "vitest";
import { LocalStore } from "../platform/storage";
import { Labels } from "../room/labels.svelte";
import { ANA, event, info } from "../testing/events";
import { FakeNode } from "../testing/node";
import { FakeStorage } from "../testing/storage";
import type { Reply } from "../wire/protocol";
import { RoomRegistry } from "./rooms.svelte";

let node: FakeNode;
let rooms: RoomRegistry;
let viewed: string[];

/** The node lets us into the room that was asked for. */
const letIn = (id: string) => {
  node.answer("open", { type: "opened", room: info(id) });
  node.answer("join", { type: "joined", room: id, term: 1, top: 0, events: [] });
};
const enter = (id: string) => {
  rooms.select(id);
  letIn(id);
};

beforeEach(() => {
  node = new FakeNode();
  viewed = [];
  rooms = new RoomRegistry(new LocalStore(new FakeStorage()), {
    send: node.send,
    ask: node.requests.ask,
    labels: new Labels(() => ANA.id),
    me: () => ANA.id,
    visible: () => true,
    onView: (room) => viewed.push(room),
    wanted: "",
    ticket: null,
  });
  rooms.receive({ type: "rooms", rooms: [info("r"), info("s"), info("f", { kind: "found" })] });
  letIn("r");
});

describe("a reply", () => {
  it("that names a room is handed to that room, and to no other", () => {
    enter("s");
    expect(rooms.receive(event(1))).toBe(true);
    expect(["r", "s"].map((id) => rooms.joined.of(id)?.history.timeline.cursor)).toEqual([1, 0]);
  });

  it("about a room that we are not in, or about something else, is nobody's here", () => {
    const replies: Reply[] = [
      event(1, { room: "elsewhere" }),
      { type: "error", code: "gone", message: "Gone.", retry: false, room: "elsewhere" },
      { type: "error", code: "invalid_frame", message: "What?", retry: false },
      { type: "job", id: "j", kind: "export", state: "done" },
    ];
    expect(replies.map((reply) => rooms.receive(reply))).toEqual([false, false, false, false]);
  });

  it("that refuses a post finds it by its nonce", () => {
    const room = rooms.current!;
    room.post("one");
    const { nonce } = room.posts.unsent[0]!;
    expect(rooms.receive({ type: "error", code: "x", message: "No.", retry: false, room: "r", nonce })).toBe(true);
    expect(room.posts.unsent[0]?.failure).toBe("No.");
  });

  it("with the tops of all rooms reaches each of them", () => {
    rooms.receive({ type: "heartbeat", tops: { r: 3, elsewhere: 9 } });
    expect(node.last).toEqual({ type: "history", room: "r", after: 0, limit: 50 });
  });
});

describe("the room in view", () => {
  it("is told to who asks what was seen", () => {
    enter("s");
    rooms.markSeen();
    expect(viewed).toEqual(["r", "s", "s"]);
  });

  it("changes to the one that was asked for last, at the message that was asked for", () => {
    rooms.select("s", "n5");
    node.answer("open", { type: "opened", room: info("s") });
    expect([rooms.current?.id, rooms.current?.history.sought]).toEqual(["s", { nonce: "n5", seq: 0 }]);
  });

  it("can invite into the other rooms that this node keeps", () => {
    expect(rooms.others.map(({ id }) => id)).toEqual(["s"]);
    expect(rooms.invite("m", info("s"))).toBe(true);
    rooms.disconnected();
    expect(rooms.invite("m", info("s"))).toBe(false);
  });
});

describe("a room that is gone", () => {
  const gone = () => node.refuse("join", "no_such_room", "There is no such room.");

  it("in which nobody had spoken is looked for by its name, and we go on in the other one", () => {
    rooms.connected();
    gone();
    expect(node.last).toEqual({ type: "open", name: "Room r" });
    node.answer("open", { type: "opened", room: info("t", { name: "Room r" }) });
    expect([rooms.current?.id, rooms.joined.of("r")]).toEqual(["t", undefined]);
  });

  it("in which something was said stays, with the reason", () => {
    rooms.receive(event(1));
    rooms.connected();
    gone();
    expect([node.of("open").length, rooms.current?.refusal]).toEqual([1, "There is no such room."]);
  });

  it("and not in view is left alone", () => {
    enter("s");
    rooms.connected();
    gone();
    expect([node.of("open").length, rooms.joined.of("r")?.refusal]).toEqual([2, "There is no such room."]);
  });
});
