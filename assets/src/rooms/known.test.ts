import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { learn } from "../text/looks.svelte";
import { info } from "../testing/events";
import type { Membership } from "../wire/protocol";
import { KnownRooms } from "./known.svelte";

let known: KnownRooms;

beforeAll(learn);

beforeEach(() => {
  known = new KnownRooms();
  known.replace([info("f", { kind: "found" }), info("m", { kind: "mirror" }), info("h"), info("i")]);
});

describe("the list of rooms", () => {
  it("stands in three groups", () => {
    const { here, elsewhere, network } = known.groups;
    expect([here, elsewhere, network].map((infos) => infos.map(({ id }) => id))).toEqual([["h", "i"], ["m"], ["f"]]);
    expect(known.kept.map(({ id }) => id)).toEqual(["m", "h", "i"]);
  });

  it("has a room that was opened just now once, until the node's next list", () => {
    known.add(info("n"));
    known.add(info("n"));
    expect(known.infos.filter(({ id }) => id === "n").length).toBe(1);
    known.replace([info("h")]);
    expect(known.infos.map(({ id }) => id)).toEqual(["h"]);
  });

  it("knows another room of a name in which people spoke, for one in which they did as well", () => {
    const mine = info("m", { name: "Tea", top: 1 });
    const other = info("f", { name: "Tea", kind: "found", top: 2 });
    known.replace([mine, info("g", { name: "Tea", kind: "found", top: 0 }), other]);
    expect(known.namesake(mine)?.id).toBe("f");
    for (const change of [{ shared: true }, { top: 0 }, { door: "invite" }, { name: "Yard" }] as const) {
      expect(known.namesake({ ...mine, ...change })).toBeUndefined();
    }
    known.replace([mine, { ...other, door: "invite" }]);
    expect(known.namesake(mine)).toBeUndefined();
  });

  it("tells rooms of names that look alike apart, and never merges them", () => {
    const [one, other, third] = ["Tea", "Теа", "Kitchen"].map((name, index) => info(`${index}123456789`, { name }));
    known.replace([one!, other!, third!]);
    expect(known.infos.map((room) => known.title(room))).toEqual(["Tea ·012345", "Теа ·112345", "Kitchen"]);
    known.replace([one!, third!]);
    expect(known.title(one!)).toBe("Tea");
  });

  it("knows another room of a name that looks the same", () => {
    known.replace([info("t", { name: "Tea" })]);
    expect([known.twinOf("Теа"), known.twinOf("tea "), known.twinOf("Tea", "t"), known.twinOf("Team")]).toEqual(["Tea", "Tea", "", ""]);
  });

  it("says how many rooms were too many for a list", () => {
    expect(known.more).toBe(0);
    known.replace([info("h")], 5000);
    expect(known.more).toBe(5000);
    known.replace([info("h")]);
    expect(known.more).toBe(0);
  });

  it("is walked round and round, in the order of the groups", () => {
    const from = (id: string | undefined, step: 1 | -1) => known.beside(id, step)?.id;
    expect([from("h", 1), from("i", 1), from("f", 1), from("h", -1)]).toEqual(["i", "m", "h", "f"]);
    expect(from(undefined, 1)).toBe("h");
    expect(new KnownRooms().beside("h", 1)).toBeUndefined();
  });

  it("begins with the last room, else where most people are of those that this node keeps", () => {
    known.replace([info("a"), info("b", { members: 7 }), info("m", { kind: "mirror", members: 9 }), info("f", { kind: "found", members: 99 })]);
    const first = (last: string | null, ...declined: string[]) => known.first(last, new Set(declined))?.id;
    expect([first("a"), first("gone"), first(null, "m"), first("m", "m", "b", "a")]).toEqual(["a", "m", "b", undefined]);
  });

  it("begins where most was said, of rooms where as many are", () => {
    known.replace([info("accident"), info("lounge", { top: 40 }), info("hall", { top: 3 })]);
    expect(known.first(null, new Set())?.id).toBe("lounge");
  });

  it("begins with the first of several that are as busy, and never with a found one", () => {
    const first = (last: string | null, ...declined: string[]) => known.first(last, new Set(declined))?.id;
    expect([first("m"), first(null, "m"), first("m", "h", "i", "m")]).toEqual(["m", "h", undefined]);
  });
});

describe("the order of the rooms", () => {
  const mine = new Map<string, Membership>();
  const ids = () => known.order.map(({ id }) => id);

  beforeEach(() => {
    mine.clear();
    for (const room of ["a", "b", "c", "m"]) mine.set(room, { room, read: 0 });
    known = new KnownRooms({ of: (id) => mine.get(id) });
    known.replace([info("x"), info("a"), info("b"), info("c"), info("m", { kind: "mirror" })]);
  });

  it("is that in which we put them, before those where we are not", () => {
    expect(ids()).toEqual(["a", "b", "c", "x", "m"]);
    mine.set("c", { room: "c", read: 0, place: 1 });
    known.replace([...known.infos]);
    expect(ids()).toEqual(["c", "a", "b", "x", "m"]);
  });

  it("has what we like best first", () => {
    mine.set("m", { room: "m", read: 0, favourite: true });
    known.replace([...known.infos]);
    expect(known.groups.favourites.map(({ id }) => id)).toEqual(["m"]);
    expect(known.groups.elsewhere).toEqual([]);
    expect(ids()).toEqual(["m", "a", "b", "c", "x"]);
  });

  it("changes by one place within a group, and never beyond it", () => {
    expect(known.moved("b", 1)).toEqual(["a", "c", "b", "x", "m"]);
    expect(known.moved("b", -1)).toEqual(["b", "a", "c", "x", "m"]);
    expect([known.moved("a", -1), known.moved("c", 1), known.moved("m", 1), known.moved("gone", 1)]).toEqual([null, null, null, null]);
  });
});
