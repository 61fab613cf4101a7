import { describe, expect, it } from "vitest";
import { run } from "../testing/events";
import { Run } from "./run";

const span = ({ first, last, events }: Run) => [first, last, events.length];

describe("run", () => {
  it("grows at both ends, without doubling what overlaps", () => {
    const grown = new Run(run(10, 12)).before(run(8, 11), 1).after(run(11, 14));
    expect(span(grown)).toEqual([8, 14, 7]);
    expect([grown.find("n8"), grown.find("n14")].map((found) => found?.seq)).toEqual([8, 14]);
    expect(grown.find("n7")).toBeUndefined();
  });

  it("never has a hole", () => {
    const it = new Run(run(10, 12));
    expect(it.before(run(3, 8), 1)).toBe(it);
    expect(it.after(run(14, 15))).toBe(it);
  });

  it("takes the first events wherever they are", () => {
    expect(span(new Run().after(run(5, 6)))).toEqual([5, 6, 2]);
  });

  it("says whether there is more before it, and whether something was removed there", () => {
    const middle = new Run(run(10, 12));
    expect([middle.earlier, middle.cut]).toEqual([true, false]);
    const removed = new Run(run(10, 12), 10);
    expect([removed.earlier, removed.cut]).toEqual([false, true]);
    const all = new Run(run(1, 3));
    expect([all.earlier, all.cut]).toEqual([false, false]);
    const empty = new Run();
    expect([empty.earlier, empty.cut]).toEqual([false, false]);
  });

  it("ends where a page before it is empty", () => {
    expect(new Run(run(10, 12)).before([], 1).earlier).toBe(false);
  });
});
