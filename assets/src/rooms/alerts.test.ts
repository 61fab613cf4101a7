import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Allowed } from "../platform/outside";
import { LocalStore } from "../platform/storage";
import { FakeNode } from "../testing/node";
import { FakeStorage } from "../testing/storage";
import { Alerter, untilMorning } from "./alerts.svelte";

let node: FakeNode;
let store: LocalStore;
let allowed: Allowed;
let answer: Allowed;
let present: boolean;
let done: string[];
let alerts: Alerter;

const telling = (title: string) => ({ title, text: "", tag: title, follow: () => {} });

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  node = new FakeNode();
  store = new LocalStore(new FakeStorage());
  [allowed, answer, present, done] = ["granted", "granted", false, []];
  alerts = new Alerter({
    store,
    ask: node.requests.ask,
    present: () => present,
    outside: {
      allowed: () => allowed,
      ask: () => Promise.resolve((allowed = answer)),
      tell: ({ title }) => done.push(title),
      badge: (count) => done.push(`badge ${count}`),
      chime: () => done.push("chime"),
    },
  });
});

afterEach(() => vi.useRealTimers());

describe("what is for the person", () => {
  it("is heard, and told outside when they look elsewhere", () => {
    alerts.call(telling("Milo"));
    present = true;
    alerts.call(telling("Ana"));
    expect(done).toEqual(["chime", "Milo", "chime"]);
  });

  it("is not heard by who wants no sound", () => {
    alerts.receive({ type: "alerts", quiet: 0, sound: false });
    alerts.call(telling("Milo"));
    expect(done).toEqual(["Milo"]);
  });

  it("is told to nobody who wants quiet, until its end by whoever's clock", () => {
    alerts.receive({ type: "alerts", quiet: 60, sound: true });
    alerts.call(telling("Milo"));
    alerts.more("r", telling("general"));
    alerts.tick(1_059_999);
    expect([alerts.quiet, done]).toEqual([true, []]);
    alerts.tick(1_060_000);
    alerts.call(telling("Milo"));
    expect([alerts.quiet, done]).toEqual([false, ["chime", "Milo"]]);
    alerts.receive({ type: "alerts", quiet: -1, sound: true });
    alerts.tick(1e15);
    expect(alerts.quiet).toBe(true);
    alerts.connected();
    expect([alerts.quiet, alerts.sound]).toEqual([false, true]);
  });
});

it("tells of a room once until somebody looks into it, and silently", () => {
  alerts.more("r", telling("general"));
  alerts.more("r", telling("general"));
  alerts.seen("r");
  alerts.more("r", telling("general"));
  expect(done).toEqual(["general", "general"]);
});

describe("whether the page may tell", () => {
  it("is asked the first time that it would have been of use, once in this browser", async () => {
    allowed = "default";
    alerts.more("r", telling("general"));
    expect(alerts.asking).toBe(false);
    alerts.call(telling("Milo"));
    expect([alerts.asking, alerts.refused]).toEqual([true, false]);
    await alerts.allow();
    expect([alerts.asking, alerts.refused, alerts.allowed]).toEqual([false, false, "granted"]);
  });

  it("is not asked again by who said not now", () => {
    allowed = "default";
    alerts.call(telling("Milo"));
    alerts.notNow();
    alerts.call(telling("Milo"));
    expect(alerts.asking).toBe(false);
  });

  it("is said once when the browser does not allow it", async () => {
    [allowed, answer] = ["default", "denied"];
    alerts.call(telling("Milo"));
    await alerts.allow();
    expect(alerts.refused).toBe(true);
    alerts.refused = false;
    alerts.call(telling("Milo"));
    expect(alerts.refused).toBe(false);
    store.remove("alerts");
    alerts.call(telling("Milo"));
    expect(alerts.refused).toBe(true);
  });
});

it("says to the node what the person wants, and shows what the node says", () => {
  alerts.hush(3600);
  alerts.hush("for good");
  alerts.hush(0);
  alerts.setSound(false);
  alerts.setSound(true);
  expect(node.sent.map((command) => ({ ...command, ref: 0 }))).toEqual([
    { type: "alert", quiet: 3600, ref: 0 },
    { type: "alert", quiet: -1, ref: 0 },
    { type: "alert", quiet: 0, ref: 0 },
    { type: "alert", sound: false, ref: 0 },
    { type: "alert", sound: true, ref: 0 },
  ]);
  alerts.badge(4);
  expect(done).toEqual(["chime", "badge 4"]);
});

it("knows when tomorrow begins", () => {
  expect(untilMorning(new Date(2026, 0, 31, 23, 0))).toBe(9 * 3600);
  expect(untilMorning(new Date(2026, 0, 31, 7, 0))).toBe(25 * 3600);
});
