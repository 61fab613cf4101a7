import { beforeEach, describe, expect, it } from "vitest";
import { LocalStore } from "../platform/storage";
import { Labels } from "../room/labels.svelte";
import { ANA, event, info } from "../testing/events";
import { FakeNode } from "../testing/node";
import { FakeStorage } from "../testing/storage";
import type { Membership, Reply } from "../wire/protocol";
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

describe("what is unread", () => {
  const told = (room: string, unread: number, more: Partial<Membership> = {}) =>
    rooms.receive({ type: "memberships", rooms: [{ room, read: 0, unread, ...more }] });

  it("is where a room opens, and what was jumped to goes before it", () => {
    told("s", 3, { read: 4 });
    enter("s");
    expect([rooms.current?.firstUnread, rooms.current?.openAt]).toEqual([5, 5]);
    rooms.select("r");
    rooms.select("s", "n9");
    expect([rooms.current?.firstUnread, rooms.current?.openAt]).toEqual([5, 0]);
  });

  it("is where the next one leads, round and round, and nowhere when nothing is", () => {
    rooms.receive({ type: "rooms", rooms: [info("r"), info("s"), info("t"), info("u")] });
    told("s", 2, { notices: "nothing" });
    expect(rooms.nextUnread(1)).toBe(false);
    told("u", 1);
    told("t", 1);
    expect(rooms.nextUnread(1)).toBe(true);
    letIn("t");
    expect(rooms.current?.id).toBe("t");
    rooms.nextUnread(-1);
    letIn("u");
    expect(rooms.current?.id).toBe("u");
  });

  it("is nothing after everything was caught up with", () => {
    told("r", 3);
    rooms.current?.begin({ read: 0, unread: 3 });
    rooms.catchUp();
    expect([node.of("read_all").length, rooms.current?.firstUnread]).toEqual([1, 0]);
  });
});

describe("where somebody was in a room", () => {
  it("is remembered by the node when they go elsewhere or away, if it has changed", () => {
    rooms.receive({ type: "memberships", whole: true, rooms: [{ room: "r", read: 9, view: 2 }, { room: "s", read: 0 }] });
    rooms.current!.view = 7;
    rooms.save();
    expect(node.of("prefer")).toEqual([{ type: "prefer", room: "r", view: 7 }]);
    rooms.current!.view = 2;
    enter("s");
    rooms.save();
    expect(node.of("prefer").map(({ view }) => view)).toEqual([7, 2]);
    rooms.select("r");
    expect(rooms.current?.openAt).toBe(2);
  });

  it("counts before what the node has not been told yet to be read", () => {
    rooms.receive({ type: "memberships", whole: true, rooms: [{ room: "r", read: 0, unread: 1, view: 0 }] });
    rooms.receive(event(1));
    rooms.current!.markRead(1, 0);
    rooms.receive(event(2));
    rooms.current!.markRead(2, 1);
    rooms.current!.view = 1;
    enter("s");
    expect(node.of("read").map(({ seq }) => seq)).toEqual([1, 2]);
    rooms.select("r");
    expect([rooms.current?.firstUnread, rooms.current?.openAt]).toEqual([0, 1]);
  });
});

describe("leaving", () => {
  const leaves = () => node.of("leave");

  beforeEach(() => {
    rooms.receive({ type: "memberships", whole: true, rooms: [{ room: "r", read: 0 }, { room: "s", read: 0 }] });
  });

  it("for good goes on in another room", () => {
    enter("s");
    rooms.leave("s");
    expect(leaves()).toEqual([{ type: "leave", room: "s", for_good: true }]);
    node.answer("leave", { type: "done" });
    expect([rooms.joined.of("s"), rooms.current?.id]).toEqual([undefined, "r"]);
  });

  it("in another window is told here, and nothing more comes until somebody comes back", () => {
    rooms.receive({ type: "memberships", gone: ["r"] });
    expect([rooms.current?.over, leaves()]).toEqual(["left", [{ type: "leave", room: "r" }]]);
    rooms.connected();
    expect(node.of("join").length).toBe(1);
    rooms.select("r");
    expect([rooms.current?.over, node.of("join").length]).toEqual(["", 2]);
  });

  it("is nothing new about a room that its owner has deleted", () => {
    rooms.receive({ type: "error", code: "room_deleted", message: "Deleted.", retry: false, room: "r" });
    rooms.receive({ type: "memberships", whole: true, rooms: [{ room: "s", read: 0 }] });
    expect([rooms.current?.over, leaves()]).toEqual(["deleted", []]);
    rooms.connected();
    expect(node.of("join").length).toBe(1);
  });
});
