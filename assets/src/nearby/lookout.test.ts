import { beforeEach, describe, expect, it, test } from "vitest";
import { info } from "../testing/events";
import { FakeNode } from "../testing/node";
import type { Diagnosis, Finding } from "../wire/protocol";
import { ALONE, isNobodyFound, Lookout } from "./lookout.svelte";

const FINDING: Finding = { cause: "port_closed", sentence: "Closed.", remedy: "Open it:", commands: ["ufw"], button: "" };
const diagnosis = (...findings: Finding[]): Diagnosis => ({ type: "diagnosis", findings, tried: ["Asked."] });

let node: FakeNode;
let lookout: Lookout;

beforeEach(() => {
  node = new FakeNode();
  lookout = new Lookout(node.requests.ask);
});

test.each([
  [[], true],
  [[info("r")], true],
  [[info("r", { members: 2 })], false],
  [[info("r"), info("s", { members: 1 })], false],
  [[info("r"), info("s", { members: 0 })], true],
  [[info("m", { kind: "mirror", members: 0 })], false],
  [[info("m", { kind: "mirror", members: 3, online: false })], true],
  [[info("f", { kind: "found", members: 0 })], false],
])("of %j nobody is found: %s", (infos, alone) => {
  expect(isNobodyFound(infos, (room) => room === "r")).toBe(alone);
});

describe("being alone", () => {
  it("is looked into after a while, once", () => {
    lookout.tick(1_000, true, "a");
    lookout.tick(1_000 + ALONE - 1, true, "a");
    expect(node.sent).toEqual([]);
    lookout.tick(1_000 + ALONE, true, "a");
    lookout.tick(1_000 + ALONE + 1_000, true, "a");
    expect(node.of("diagnose").length).toBe(1);
    expect(lookout.examining).toBe(true);
    node.answer("diagnose", diagnosis(FINDING));
    expect([lookout.examining, lookout.diagnosis?.findings]).toEqual([false, [FINDING]]);
    lookout.tick(9e9, true, "a");
    expect(node.of("diagnose").length).toBe(1);
  });

  it("is over when somebody comes, and begins anew when they go", () => {
    lookout.tick(0, true, "a");
    lookout.tick(ALONE, true, "a");
    node.answer("diagnose", diagnosis(FINDING));
    lookout.tick(ALONE + 1, false, "a");
    expect([lookout.alone, lookout.diagnosis]).toEqual([false, null]);
    lookout.tick(2 * ALONE, true, "a");
    lookout.tick(3 * ALONE - 1, true, "a");
    expect(node.of("diagnose").length).toBe(1);
    lookout.tick(3 * ALONE, true, "a");
    expect(node.of("diagnose").length).toBe(2);
  });

  it("is looked into anew when the computer is in another network", () => {
    lookout.tick(0, true, "a");
    lookout.tick(ALONE, true, "a");
    node.answer("diagnose", diagnosis(FINDING));
    lookout.tick(ALONE + 1, true, "b");
    expect(lookout.diagnosis).toBeNull();
    lookout.tick(2 * ALONE + 1, true, "b");
    expect(node.of("diagnose").length).toBe(2);
  });

  it("is looked into when somebody asks, and after a cut again", () => {
    lookout.look();
    node.requests.lost();
    expect(lookout.examining).toBe(false);
    lookout.look();
    node.refuse("diagnose", "too_many_searches", "Later.");
    expect([lookout.examining, lookout.problem]).toEqual([false, "Later."]);
    lookout.tick(9e9, true, "");
    lookout.tick(9e9 + 1, true, "");
    expect(node.of("diagnose").length).toBe(2);
  });

  it("is not asked about while there is no connection", () => {
    node.connected = false;
    lookout.look();
    expect(lookout.examining).toBe(false);
  });

  it("is helped by keys of one's own", () => {
    lookout.renew();
    node.refuse("renew", "data_dir_unusable", "No.");
    expect([lookout.renewed, lookout.problem]).toEqual([false, "No."]);
    lookout.renew();
    node.answer("renew", { type: "done" });
    expect([lookout.renewed, lookout.problem]).toEqual([true, ""]);
  });
});
