import { describe, expect, it } from "vitest";
import cases from "../../../tests/cases/crowd.json";
import { alike, keys, lookalikes, mixesScripts } from "./looks";

describe("names", () => {
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
