import { beforeEach, describe, expect, it } from "vitest";
import { Bookmark, READ_PAUSE, Reached } from "./receipts";
import type { Receipts } from "../wire/protocol";

const says = (id: string, kept: number, ...read: [number, number][]): Receipts => ({
  type: "receipts",
  room: "r",
  node: { id, name: id },
  kept,
  read,
});
const heard = (...frames: Receipts[]) => frames.reduce((reached, frame) => reached.hear(frame), new Reached());

describe("copies", () => {
  it("are at the home before anybody has said anything", () => {
    expect(new Reached().machines(1)).toBe(1);
    expect(heard(says("home", 0)).machines(1)).toBe(1);
  });

  it("are counted on each node that keeps as much, and on no other", () => {
    const reached = heard(says("home", 0), says("one", 5), says("two", 4));
    expect([4, 5, 6].map((seq) => reached.machines(seq))).toEqual([3, 2, 1]);
  });

  it("follow the newest word of a node, even when it has less than before", () => {
    expect(heard(says("one", 5), says("one", 7)).machines(7)).toBe(2);
    expect(heard(says("one", 5), says("one", 2)).machines(5)).toBe(1);
  });

  it("may come in a frame that leaves out what is nothing", () => {
    const reached = heard({ type: "receipts", room: "r", node: { id: "home", name: "home" } });
    expect([reached.machines(1), reached.readers(1)]).toEqual([1, 0]);
  });

  it("are told by another object, so that the page notices", () => {
    const before = new Reached();
    expect(before.hear(says("one", 5))).not.toBe(before);
    expect(before.machines(5)).toBe(1);
  });
});

describe("readers", () => {
  it("are all who have come as far, on all nodes, without us", () => {
    const reached = heard(says("home", 0, [9, 2], [4, 1]), says("one", 9, [9, 1], [7, 3]));
    expect([10, 9, 7, 4].map((seq) => reached.readers(seq))).toEqual([0, 2, 5, 6]);
  });

  it("are nobody when it can only be us", () => {
    expect(heard(says("home", 0, [9, 1])).readers(9)).toBe(0);
  });

  it("are what each node said last", () => {
    expect(heard(says("home", 0, [1, 3]), says("home", 0, [2, 3])).readers(2)).toBe(2);
  });
});

describe("bookmark", () => {
  let told: number[];
  let there: boolean;
  let bookmark: Bookmark;

  beforeEach(() => {
    told = [];
    there = true;
    bookmark = new Bookmark((seq) => {
      if (there) told.push(seq);
      return there;
    });
  });

  it("tells at once what is seen first, and then the last of each pause", () => {
    bookmark.see(3, 10_000);
    bookmark.see(4, 10_500);
    bookmark.see(5, 11_000);
    bookmark.tick(9_999 + READ_PAUSE);
    expect(told).toEqual([3]);
    bookmark.tick(10_000 + READ_PAUSE);
    bookmark.tick(20_000 + READ_PAUSE);
    expect(told).toEqual([3, 5]);
  });

  it("never goes back", () => {
    bookmark.see(9, 10_000);
    bookmark.see(2, 20_000);
    expect(told).toEqual([9]);
  });

  it("tells later what could not be told", () => {
    there = false;
    bookmark.see(9, 10_000);
    there = true;
    bookmark.tick(10_001);
    expect(told).toEqual([9]);
  });

  it("tells again what the node may have forgotten, and nothing of another history", () => {
    bookmark.see(9, 10_000);
    bookmark.lost();
    bookmark.tick(20_000);
    expect(told).toEqual([9, 9]);
    bookmark.forget();
    bookmark.tick(30_000);
    bookmark.see(1, 30_000);
    expect(told).toEqual([9, 9, 1]);
  });
});
