import { beforeEach, describe, expect, it } from "vitest";
import type { Receipts } from "../wire/protocol";
import { ReadMarker, READ_PAUSE, RoomReceipts } from "./receipts";

const says = (id: string, kept: number, ...read: [number, number][]): Receipts => ({
  type: "receipts",
  room: "r",
  node: { id, name: id },
  kept,
  read,
});
const told = (...frames: Receipts[]) => frames.reduce((state, frame) => state.with(frame), new RoomReceipts());

describe("copies", () => {
  it("are at the home before anybody has said anything", () => {
    expect(new RoomReceipts().machines(1)).toBe(1);
    expect(told(says("home", 0)).machines(1)).toBe(1);
  });

  it("are counted on each node that keeps as much, and on no other", () => {
    const state = told(says("home", 0), says("one", 5), says("two", 4));
    expect([4, 5, 6].map((seq) => state.machines(seq))).toEqual([3, 2, 1]);
  });

  it("follow the newest word of a node, even when it has less than before", () => {
    expect(told(says("one", 5), says("one", 7)).machines(7)).toBe(2);
    expect(told(says("one", 5), says("one", 2)).machines(5)).toBe(1);
  });

  it("may come in a frame that leaves out what is nothing", () => {
    const state = told({ type: "receipts", room: "r", node: { id: "home", name: "home" } });
    expect([state.machines(1), state.readers(1)]).toEqual([1, 0]);
  });

  it("are told by another object, so that the page notices", () => {
    const before = new RoomReceipts();
    expect(before.with(says("one", 5))).not.toBe(before);
    expect(before.machines(5)).toBe(1);
  });
});

describe("readers", () => {
  it("are all who have come as far, on all nodes, without us", () => {
    const state = told(says("home", 0, [9, 2], [4, 1]), says("one", 9, [9, 1], [7, 3]));
    expect([10, 9, 7, 4].map((seq) => state.readers(seq))).toEqual([0, 2, 5, 6]);
  });

  it("are nobody when it can only be us", () => {
    expect(told(says("home", 0, [9, 1])).readers(9)).toBe(0);
  });

  it("are what each node said last", () => {
    expect(told(says("home", 0, [1, 3]), says("home", 0, [2, 3])).readers(2)).toBe(2);
  });
});

describe("marker", () => {
  let told: number[];
  let there: boolean;
  let marker: ReadMarker;

  beforeEach(() => {
    told = [];
    there = true;
    marker = new ReadMarker((seq) => {
      if (there) told.push(seq);
      return there;
    });
  });

  it("tells at once what is seen first, and then the last of each pause", () => {
    marker.advance(3, 10_000);
    marker.advance(4, 10_500);
    marker.advance(5, 11_000);
    marker.tick(9_999 + READ_PAUSE);
    expect(told).toEqual([3]);
    marker.tick(10_000 + READ_PAUSE);
    marker.tick(20_000 + READ_PAUSE);
    expect(told).toEqual([3, 5]);
  });

  it("tells what it has not told yet when somebody goes, and nothing that the node knows", () => {
    marker.begin(3);
    marker.advance(3, 10_000);
    marker.advance(4, 10_000);
    marker.advance(5, 10_001);
    marker.flush();
    marker.flush();
    expect(told).toEqual([4, 5]);
  });

  it("never goes back", () => {
    marker.advance(9, 10_000);
    marker.advance(2, 20_000);
    expect(told).toEqual([9]);
  });

  it("tells later what could not be told", () => {
    there = false;
    marker.advance(9, 10_000);
    there = true;
    marker.tick(10_001);
    expect(told).toEqual([9]);
  });

  it("tells again what the node may have forgotten, and nothing of another history", () => {
    marker.advance(9, 10_000);
    marker.reset();
    marker.tick(20_000);
    expect(told).toEqual([9, 9]);
    marker.forget();
    marker.tick(30_000);
    marker.advance(1, 30_000);
    expect(told).toEqual([9, 9, 1]);
  });
});
