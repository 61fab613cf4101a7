import { beforeEach, describe, expect, it } from "vitest";
import { Labels } from "../room/labels.svelte";
import { FakeNode } from "../testing/node";
import type { Comparison } from "../wire/protocol";
import { Comparisons, isOver } from "./comparisons.svelte";

const BEN = { id: "b".repeat(43), nick: "Ben" };
const comparison = (more: Partial<Comparison> = {}): Comparison => ({
  type: "comparison", transaction: "t", room: "r", person: BEN, state: "waiting", ...more,
});

let node: FakeNode;
let labels: Labels;
let guest: boolean;
let comparisons: Comparisons;
const states = (): string[] => comparisons.list.map(({ state }) => state);

beforeEach(() => {
  node = new FakeNode();
  labels = new Labels(() => "a".repeat(43));
  guest = false;
  comparisons = new Comparisons(node.requests.ask, labels, () => guest);
});

describe("comparing words", () => {
  it("is offered where both have a key, until it is done", () => {
    const visitor = { id: `g-${"0".repeat(32)}`, nick: "Gina" };
    expect([BEN, visitor].map((each) => comparisons.offered(each))).toEqual([true, false]);
    guest = true;
    expect(comparisons.offered(BEN)).toBe(false);
    guest = false;
    comparisons.receive({ type: "verified", people: [BEN.id] });
    expect(comparisons.offered(BEN)).toBe(false);
  });

  it("goes from asking to the verified mark", () => {
    comparisons.begin("r", BEN.id);
    expect(node.sent).toMatchObject([{ type: "compare", action: "begin", room: "r", person: BEN.id }]);
    node.answer("compare", comparison());
    const words = ["tiger", "maple"];
    comparisons.receive(comparison({ state: "words", words }));
    expect(comparisons.current).toMatchObject({ state: "words", words });
    comparisons.act("match", comparisons.current!);
    expect(node.sent.at(-1)).toMatchObject({ action: "match", transaction: "t" });
    node.answer("compare", comparison({ state: "confirmed", words }));
    comparisons.receive(comparison({ state: "verified", words }));
    comparisons.receive({ type: "verified", people: [BEN.id] });
    expect(states()).toEqual(["verified"]);
    expect(labels.of(BEN).verified).toBe(true);
    comparisons.dismiss(comparisons.current!);
    expect(comparisons.current).toBeUndefined();
  });

  it("shows who asks, and nothing more when they give it up or somebody else answered", () => {
    comparisons.receive(comparison({ state: "asked" }));
    expect(comparisons.current?.person).toEqual(BEN);
    comparisons.receive(comparison({ state: "ended", reason: "expired" }));
    expect(comparisons.list).toEqual([]);
    comparisons.receive(comparison({ state: "ended", reason: "failed", transaction: "never seen" }));
    comparisons.receive(comparison({ state: "verified", transaction: "another window's" }));
    expect(comparisons.list).toEqual([]);
  });

  it("warns when the words differ or a step was wrong", () => {
    for (const reason of ["differ", "failed"] as const) {
      comparisons.receive(comparison({ state: "words", words: ["tiger"] }));
      comparisons.receive(comparison({ state: "ended", reason }));
      expect(comparisons.current).toMatchObject({ state: "ended", reason });
      comparisons.dismiss(comparisons.current!);
    }
  });

  it("says nothing to who gives it up, and tells who waits", () => {
    comparisons.receive(comparison());
    comparisons.act("cancel", comparisons.current!);
    node.answer("compare", comparison({ state: "ended", reason: "declined" }));
    expect(comparisons.list).toEqual([]);
    comparisons.receive(comparison({ transaction: "u" }));
    comparisons.receive(comparison({ transaction: "u", state: "ended", reason: "declined" }));
    expect(states()).toEqual(["ended"]);
  });

  it("has one with each person", () => {
    comparisons.receive(comparison());
    comparisons.receive(comparison({ transaction: "u" }));
    expect(comparisons.list.map(({ transaction }) => transaction)).toEqual(["u"]);
  });

  it("says why nothing came of it", () => {
    comparisons.begin("r", "nobody");
    node.refuse("compare", "cannot_compare", "Not with them.");
    expect(comparisons.refusal).toBe("Not with them.");
  });

  it("keeps only how it ended when the connection is gone", () => {
    comparisons.receive(comparison());
    comparisons.receive(comparison({ transaction: "u", person: { id: "c".repeat(43), nick: "Cleo" }, state: "words" }));
    comparisons.receive(comparison({ transaction: "u", state: "ended", reason: "differ" }));
    expect(comparisons.list.map(isOver)).toEqual([false, true]);
    comparisons.disconnected();
    expect(comparisons.list.map(isOver)).toEqual([true]);
  });
});
