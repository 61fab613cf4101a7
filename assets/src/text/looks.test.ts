import { beforeAll, describe, expect, it } from "vitest";
import cases from "../../../tests/cases/crowd.json";
import { DISTANCES, LOOKS } from "./confusables";
import { alike, isUnsure, keys, learn, lookalikes, looks, mixesScripts } from "./looks.svelte";

describe("before the table of all characters is here", () => {
  it("what ASCII looks like is known, as the table has it", () => {
    const before = looks() as ReadonlyMap<string, string>;
    const [distances, shown] = [DISTANCES, LOOKS].map((column) => column.trim().split(/\s+/u)) as [string[], string[]];
    let point = 0;
    const all = distances.map((distance, index) => {
      point += Number.parseInt(distance, 16);
      const letters = shown[index]!.split("+").map((digits) => Number.parseInt(digits, 16));
      return [String.fromCodePoint(point), String.fromCodePoint(...letters)] as const;
    });
    expect(new Map(before)).toEqual(new Map(all.filter(([letter]) => letter < "\x7f")));
    expect(alike("Iana", "lana")).toBe(true);
  });

  it("every other name is doubted", () => {
    const named = ["general", "Küche"].map((name, index) => ({ id: String(index), name }));
    expect(lookalikes(named)).toEqual(new Set(["1"]));
    expect(named.map(({ name }) => isUnsure(name))).toEqual([false, true]);
  });
});

describe("names", () => {
  beforeAll(learn);

  it("are not doubted any more", () => expect(isUnsure("Küche")).toBe(false));

  it.each(cases.alike)("%s looks like %s", (one, other) => {
    expect(alike(one, other)).toBe(true);
    expect(alike(other, one)).toBe(true);
  });

  it.each(cases.apart)("%s does not look like %s", (one, other) => {
    expect(alike(one, other)).toBe(false);
  });

  it.each(cases.mixed)("%s mixes scripts", (name) => expect(mixesScripts(name)).toBe(true));

  it.each(cases.single)("%s does not mix scripts", (name) => expect(mixesScripts(name)).toBe(false));

  it("that look alike are found by their ids", () => {
    const named = ["general", "gеneral", "Kitchen", "GENERAL"].map((name, index) => ({ id: String(index), name }));
    expect(lookalikes(named)).toEqual(new Set(["0", "1", "3"]));
  });

  it("have one key or two", () => {
    expect(keys("Iana")).toEqual(["lana", "iana"]);
    expect(keys("")).toEqual([""]);
  });
});
