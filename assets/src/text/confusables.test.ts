import { describe, expect, it } from "vitest";
import { PAIRS } from "./confusables";

describe("the data of look-alikes", () => {
  it("are pairs of code points, each source once", () => {
    const pairs = PAIRS.trim().split(/\s+/u);
    expect(pairs.every((pair) => /^[0-9a-f]+:[0-9a-f]+(\+[0-9a-f]+)*$/u.test(pair))).toBe(true);
    expect(new Set(pairs.map((pair) => pair.split(":")[0])).size).toBe(pairs.length);
  });
});
