import { beforeEach, describe, expect, it } from "vitest";
import { event, run } from "../testing/events";
import type { Event, Page } from "../wire/protocol";
import { reading } from "./fold";
import { PAGE } from "../wire/protocol";
import { Timeline, WINDOW } from "./timeline.svelte";

let timeline: Timeline;

const joined = (events: Event[]) => timeline.joined({ type: "joined", room: "r", term: 1, top: 0, events });
const page = (events: Event[], more: Partial<Page> = {}): Page => ({ type: "page", room: "r", events, ...more });
const span = () => [timeline.shown.first, timeline.shown.last];
const edit = (seq: number, target: string) => event(seq, { kind: "edit", body: { target, text: `edited by ${seq}` } });
const text = (seq: number) => reading(event(seq), timeline.fold.of(`n${seq}`)).text;

beforeEach(() => {
  timeline = new Timeline();
  joined(run(51, 60));
});

describe("a timeline", () => {
  it("begins where a join says, and knows its last event again", () => {
    expect([span(), timeline.cursor, timeline.mark]).toEqual([[51, 60], 60, { nonce: "n60", at: 60 }]);
    joined(run(91, 99));
    expect([span(), timeline.cursor]).toEqual([[91, 99], 99]);
  });

  it("takes the page after its cursor, and no page that leaves a hole there", () => {
    timeline.repair(page(run(63, 64)));
    expect(timeline.cursor).toBe(60);
    timeline.repair(page(run(61, 64)));
    expect(timeline.cursor).toBe(64);
    timeline.repair(page(run(81, 82), { oldest: 81 }));
    expect([timeline.cursor, timeline.shown.cut]).toEqual([82, true]);
  });

  it("grows upwards where the page was asked for", () => {
    timeline.pageBack(page(run(41, 50)), 51);
    timeline.pageBack(page(run(31, 40)), 51);
    expect(span()).toEqual([41, 60]);
  });

  it("shows what was jumped to in place of the live end, which goes on", () => {
    timeline.jump(page(run(11, 20)));
    timeline.take([event(61)]);
    expect([span(), timeline.cursor]).toEqual([[11, 20], 61]);
    timeline.pageOn(page(run(21, 30)), 20);
    timeline.pageOn(page(run(31, 40)), 20);
    timeline.pageOn(page(run(31, 40)), 30);
    timeline.pageBack(page(run(1, 10)), 11);
    expect(span()).toEqual([1, 40]);
    timeline.toLive();
    expect(span()).toEqual([51, 61]);
  });

  it("is one run again when the part has reached the live end", () => {
    timeline.jump(page(run(41, 48)));
    expect(timeline.reach()).toBe(false);
    timeline.pageOn(page(run(49, 55)), 48);
    expect([timeline.reach(), span(), timeline.part]).toEqual([true, [41, 60], null]);
    expect(timeline.reach()).toBe(false);
  });

  it("finds an event by its nonce in what is here", () => {
    timeline.jump(page(run(11, 20)));
    const show = (nonce: string) => timeline.show((run) => run.find(nonce) !== undefined);
    expect([show("n15"), show("n30"), timeline.part === null]).toEqual([true, false, false]);
    expect([show("n55"), timeline.part === null]).toEqual([true, true]);
  });

  it("folds in what came later than a page, and not what a page of the past says about older messages", () => {
    timeline.pageBack(page(run(41, 50), { later: [edit(58, "n45")] }), 51);
    timeline.jump(page([...run(11, 19), edit(20, "n11")]));
    timeline.pageOn(page([...run(21, 29), edit(30, "n11")]), 20);
    expect([text(45), text(11)]).toEqual(["edited by 58", "edited by 20"]);
  });

  it("forgets what lies far above, with its changes, and what is below stays", () => {
    timeline.begin();
    joined([...run(1, 500), edit(501, "n1"), edit(502, "n500")]);
    timeline.take([event(503)]);
    expect([span(), text(1), text(500)]).toEqual([[501 - WINDOW, 503], "text 1", "edited by 502"]);
  });
});

describe("a long history", () => {
  const size = () => timeline.shown.messages.length;
  const back = (pages: number) => {
    for (let page_ = 0; page_ < pages; page_ += 1) {
      const { first } = timeline.shown;
      timeline.pageBack(page(run(Math.max(1, first - PAGE), first - 1)), first);
    }
  };

  beforeEach(() => {
    timeline.begin();
    joined(run(4951, 5000));
  });

  it("is paged through both ways in a window of one size", () => {
    timeline.following = false;
    const sizes = new Set<number>();
    for (let turn = 0; turn < 20; turn += 1) {
      back(1);
      sizes.add(size());
    }
    expect([Math.max(...sizes), span()]).toEqual([WINDOW, [3951, 3950 + WINDOW]]);
    for (let turn = 0; timeline.part !== null && turn < 30; turn += 1) {
      const { last } = timeline.shown;
      if (!timeline.reach()) timeline.pageOn(page(run(last + 1, last + PAGE)), last);
      sizes.add(size());
    }
    expect([Math.max(...sizes), span(), timeline.part]).toEqual([WINDOW, [5001 - WINDOW, 5000], null]);
  });

  it("moves on under whoever is at the end", () => {
    let most = 0;
    for (let seq = 5001; seq <= 5500; seq += 1) {
      timeline.take([event(seq)]);
      most = Math.max(most, size());
    }
    expect([most, timeline.shown.last, timeline.part]).toEqual([WINDOW + PAGE, 5500, null]);
  });

  it("stands still under whoever reads further up, and goes on where they read on", () => {
    back(1);
    timeline.following = false;
    for (let seq = 5001; seq <= 9000; seq += 1) timeline.take([event(seq)]);
    expect([span(), timeline.live.messages.length, timeline.cursor]).toEqual([[4901, 4900 + WINDOW + PAGE], WINDOW, 9000]);
    expect(timeline.reach()).toBe(false);
    timeline.toLive();
    expect([span(), timeline.following]).toEqual([[9001 - WINDOW, 9000], true]);
  });

  it("keeps what is looked at when the part meets a live end that went on", () => {
    back(1);
    timeline.following = false;
    for (let seq = 5001; seq <= 5200; seq += 1) timeline.take([event(seq)]);
    for (let { last } = timeline.shown; timeline.reach(); { last } = timeline.shown) {
      expect([timeline.shown.has(last), timeline.shown.has(last - PAGE)]).toEqual([true, true]);
    }
    expect([timeline.part, timeline.shown.last]).toEqual([null, 5200]);
  });

  it("shows more on a tall screen", () => {
    timeline.widen(2 * WINDOW);
    back(20);
    expect(size()).toBe(2 * WINDOW);
    expect(timeline.full).toBe(true);
  });
});
