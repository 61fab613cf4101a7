import { beforeEach, describe, expect, it } from "vitest";
import { FakeNode } from "../testing/node";
import type { Membership } from "../wire/protocol";
import { MyRooms } from "./mine.svelte";

let node: FakeNode;
let mine: MyRooms;
const of = (room: string, more: Partial<Membership> = {}): Membership => ({ room, read: 0, ...more });

beforeEach(() => {
  node = new FakeNode();
  mine = new MyRooms(node.requests.ask);
  mine.take({ type: "memberships", whole: true, rooms: [of("r", { unread: 5, mentions: 2 }), of("s")] });
});

describe("what the node says", () => {
  it("changes what it names and nothing else", () => {
    expect(mine.take({ type: "memberships", rooms: [of("s", { unread: 1 })] })).toEqual([]);
    expect([mine.unread("r"), mine.unread("s"), mine.mentions("r")]).toEqual([5, 1, 2]);
  });

  it("takes the place of everything where it is whole, and what is missing is gone", () => {
    expect(mine.take({ type: "memberships", whole: true, rooms: [of("s")] })).toEqual(["r"]);
    expect(mine.take({ type: "memberships", gone: ["s", "never"] })).toEqual(["s"]);
    expect(mine.ids).toEqual([]);
    expect(mine.unread("s")).toBe(0);
  });
});

it("knows nothing of what another node kept, and misses nothing there", () => {
  mine.keptBy("one");
  mine.take({ type: "memberships", whole: true, rooms: [of("r"), of("s")] });
  mine.keptBy("one");
  expect(mine.ids).toEqual(["r", "s"]);
  mine.keptBy("other");
  expect(mine.ids).toEqual([]);
  expect(mine.take({ type: "memberships", whole: true, rooms: [of("s")] })).toEqual([]);
});

describe("what we want to be told", () => {
  it("is everything, what mentions us, or nothing", () => {
    const told = (["all", "mentions", "nothing"] as const).map((notices) => {
      mine.take({ type: "memberships", rooms: [of("r", { unread: 5, mentions: 2, notices })] });
      return [mine.unread("r"), mine.mentions("r")];
    });
    expect(told).toEqual([[5, 2], [2, 2], [0, 0]]);
  });

  it("holds here at once, if the node can be told", () => {
    mine.prefer("s", { view: 7 });
    node.connected = false;
    mine.prefer("r", { view: 9 });
    expect([mine.of("s")?.view, mine.of("r")?.view]).toEqual([7, undefined]);
  });

  it("is said to the node, of rooms that we are in", () => {
    mine.prefer("r", { notices: "nothing" });
    mine.prefer("elsewhere", { favourite: true });
    mine.arrange(["s", "elsewhere", "r"]);
    mine.readAll();
    expect(node.of("prefer")).toEqual([{ type: "prefer", room: "r", notices: "nothing" }]);
    expect(node.of("arrange")).toEqual([{ type: "arrange", rooms: ["s", "r"] }]);
    expect(node.of("read_all")).toHaveLength(1);
  });
});

it("tells of a room in which there is more to read, of which we want to hear, and that does not call us", () => {
  const more: string[] = [];
  mine = new MyRooms(node.requests.ask, (room) => more.push(room));
  mine.take({ type: "memberships", whole: true, rooms: [of("r", { unread: 5 }), of("quiet", { notices: "mentions" })] });
  mine.take({ type: "memberships", rooms: [of("r", { unread: 5 }), of("quiet", { unread: 1, notices: "mentions" })] });
  mine.take({ type: "memberships", rooms: [of("r", { unread: 6, mentions: 1 })] });
  expect(more).toEqual([]);
  mine.take({ type: "memberships", rooms: [of("r", { unread: 7, mentions: 1 }), of("new", { unread: 1 })] });
  expect(more).toEqual(["r", "new"]);
});
