import { beforeEach, describe, expect, it } from "vitest";
import { info } from "../testing/events";
import { KnownRooms } from "./known.svelte";

let known: KnownRooms;

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

  it("tells rooms of names that look alike apart, and never merges them", () => {
    const [one, other, third] = ["Tea", "Теа", "Kitchen"].map((name, index) => info(`${index}123456789`, { name }));
    known.replace([one!, other!, third!]);
    expect(known.infos.map((room) => known.title(room))).toEqual(["Tea ·012345", "Теа ·112345", "Kitchen"]);
    known.replace([one!, third!]);
    expect(known.title(one!)).toBe("Tea");
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

  it("begins with the last room, else with one of this node, else with a mirror, and never with a found one", () => {
    const first = (last: string | null, ...declined: string[]) => known.first(last, new Set(declined))?.id;
    expect([first("m"), first("gone"), first(null, "h", "i"), first("m", "h", "i", "m")]).toEqual(["m", "h", "m", undefined]);
  });
});
