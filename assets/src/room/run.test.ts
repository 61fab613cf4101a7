import { describe, expect, it } from "vitest";
import { event, run } from "../testing/events";
import { Run } from "./run";

const span = ({ first, last, messages }: Run) => [first, last, messages.length];

describe("run", () => {
  it("grows at both ends, without doubling what overlaps", () => {
    const grown = Run.of(run(10, 12)).before(run(8, 11), 1).after(run(11, 14));
    expect(span(grown)).toEqual([8, 14, 7]);
    expect([grown.find("n8"), grown.find("n14")].map((found) => found?.seq)).toEqual([8, 14]);
    expect(grown.find("n7")).toBeUndefined();
  });

  it("never has a hole", () => {
    const it = Run.of(run(10, 12));
    expect(it.before(run(3, 8), 1)).toBe(it);
    expect(it.after(run(14, 15))).toBe(it);
  });

  it("takes the first events wherever they are", () => {
    expect(span(new Run().after(run(5, 6)))).toEqual([5, 6, 2]);
  });

  it("says whether there is more before it, and whether something was removed there", () => {
    const middle = Run.of(run(10, 12));
    expect([middle.earlier, middle.cut]).toEqual([true, false]);
    const removed = Run.of(run(10, 12), 10);
    expect([removed.earlier, removed.cut]).toEqual([false, true]);
    const all = Run.of(run(1, 3));
    expect([all.earlier, all.cut]).toEqual([false, false]);
    const empty = new Run();
    expect([empty.earlier, empty.cut]).toEqual([false, false]);
  });

  it("ends where a page before it is empty", () => {
    expect(Run.of(run(10, 12)).before([], 1).earlier).toBe(false);
  });

  it("keeps messages only, and spans what was done to them", () => {
    const edit = (seq: number) => event(seq, { kind: "edit", body: { target: "n10", text: "better" } });
    const it = Run.of([edit(9), ...run(10, 12), edit(13)]);
    expect([span(it), it.has(13), it.has(14)]).toEqual([[9, 13, 3], true, false]);
    expect(span(it.after([edit(14)]))).toEqual([9, 14, 3]);
    expect(span(it.before([edit(8)], 1))).toEqual([8, 13, 3]);
  });

  it("lets go of what lies at one end", () => {
    const it = Run.of(run(10, 20));
    expect([span(it.newest(3)), span(it.eldest(3))]).toEqual([
      [18, 20, 3],
      [10, 12, 3],
    ]);
    expect([it.newest(11), it.eldest(11)]).toEqual([it, it]);
    expect(it.newest(3).earlier).toBe(true);
  });

  it("goes on with a run that it overlaps", () => {
    expect(span(Run.of(run(10, 14)).joined(Run.of(run(12, 20))))).toEqual([10, 20, 11]);
  });
});
