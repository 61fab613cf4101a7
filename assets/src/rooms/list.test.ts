import { beforeEach, describe, expect, it } from "vitest";
import { info } from "../testing/events";
import { RoomList } from "./list.svelte";

let list: RoomList;

beforeEach(() => {
  list = new RoomList();
  list.replace([info("f", { kind: "found" }), info("m", { kind: "mirror" }), info("h"), info("i")]);
});

describe("the list of rooms", () => {
  it("stands in three groups", () => {
    const { here, elsewhere, network } = list.groups;
    expect([here, elsewhere, network].map((infos) => infos.map(({ id }) => id))).toEqual([["h", "i"], ["m"], ["f"]]);
    expect(list.kept.map(({ id }) => id)).toEqual(["m", "h", "i"]);
  });

  it("has a room that was opened just now once, until the node's next list", () => {
    list.add(info("n"));
    list.add(info("n"));
    expect(list.infos.filter(({ id }) => id === "n").length).toBe(1);
    list.replace([info("h")]);
    expect(list.infos.map(({ id }) => id)).toEqual(["h"]);
  });

  it("is walked round and round, in the order of the groups", () => {
    const from = (id: string | undefined, step: 1 | -1) => list.beside(id, step)?.id;
    expect([from("h", 1), from("i", 1), from("f", 1), from("h", -1)]).toEqual(["i", "m", "h", "f"]);
    expect(from(undefined, 1)).toBe("h");
    expect(new RoomList().beside("h", 1)).toBeUndefined();
  });

  it("begins with the last room, else with one of this node, else with a mirror, and never with a found one", () => {
    const first = (last: string | null, ...declined: string[]) => list.first(last, new Set(declined))?.id;
    expect([first("m"), first("gone"), first(null, "h", "i"), first("m", "h", "i", "m")]).toEqual(["m", "h", "m", undefined]);
  });
});
