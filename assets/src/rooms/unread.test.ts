import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { event, info } from "../testing/events";
import { FakeRoom } from "../testing/node";
import { KnownRooms } from "./known.svelte";
import { MyRooms } from "./mine.svelte";
import { SETTLED, UnreadRooms } from "./unread.svelte";

let node: FakeRoom;
let mine: MyRooms;
let unread: UnreadRooms;
let looking: boolean;

beforeEach(() => {
  vi.useFakeTimers();
  node = new FakeRoom();
  looking = true;
  mine = new MyRooms(node.requests.ask);
  const known = new KnownRooms(mine);
  known.replace(["r", "s", "t"].map((id) => info(id)));
  const rooms = [{ room: "r", read: 0, unread: 1, mentions: 1 }, { room: "t", read: 0, unread: 4 }];
  mine.take({ type: "memberships", rooms });
  unread = new UnreadRooms(mine, known, () => (looking ? node.room : null));
  node.room.join();
  node.answer("join", { type: "joined", room: "r", term: 1, top: 1, events: [event(1)] });
});

afterEach(() => vi.useRealTimers());

describe("what is unread", () => {
  it("is what the node counts in all rooms together", () => {
    expect([unread.of("r"), unread.mentions("r"), unread.of("s"), unread.total]).toEqual([1, 1, 0, 5]);
  });

  it("is not what somebody has just read before their eyes, as long as they look", () => {
    node.room.markRead(1);
    expect([unread.of("r"), unread.mentions("r"), unread.total]).toEqual([0, 0, 4]);
    looking = false;
    expect(unread.total).toBe(5);
  });

  it("settles a moment later, however often it changes meanwhile", () => {
    unread.settle();
    expect(unread.settled).toBe(0);
    vi.advanceTimersByTime(SETTLED - 1);
    node.room.markRead(1);
    unread.settle();
    vi.advanceTimersByTime(1);
    expect(unread.settled).toBe(4);
  });

  it("leads from room to room in both directions", () => {
    expect([unread.next("r", 1)?.id, unread.next("t", -1)?.id, unread.next("s", -1)?.id]).toEqual(["t", "r", "t"]);
    mine.take({ type: "memberships", gone: ["r", "t"] });
    expect(unread.next("r", 1)).toBeUndefined();
  });
});
