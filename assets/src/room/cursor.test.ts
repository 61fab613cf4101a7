import { describe, expect, it } from "vitest";
import cases from "../../../tests/cases/cursor.json";
import { Cursor } from "./cursor";

describe("cursor, by the cases that the node's tests share", () => {
  it.each(cases)("$name", ({ seq, steps }) => {
    const cursor = new Cursor(seq);
    for (const step of steps) {
      expect(cursor.admit(step.first, step.last)).toBe(step.admission);
      expect(cursor.seq).toBe(step.seq);
    }
  });

  it("takes one event as a run of one", () => {
    const cursor = new Cursor();
    expect(cursor.admit(1)).toBe("next");
    expect(cursor.seq).toBe(1);
  });
});
