import { beforeEach, describe, expect, it } from "vitest";
import { event, run } from "../testing/events";
import type { Event, Page } from "../wire/protocol";
import { reading } from "./fold";
import { Timeline } from "./timeline.svelte";

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
    timeline.pageBack(page(run(1, 10)), 11);
    expect(span()).toEqual([1, 30]);
    timeline.toLive();
    expect(span()).toEqual([51, 61]);
  });

  it("is one run again when the part has reached the live end", () => {
    timeline.jump(page(run(41, 48)));
    timeline.pageOn(page(run(49, 55)), 48);
    expect([span(), timeline.part]).toEqual([[41, 60], null]);
  });

  it("finds an event by its nonce in what is here", () => {
    timeline.jump(page(run(11, 20)));
    expect([timeline.show("n15"), timeline.show("n30"), timeline.part === null]).toEqual([true, false, false]);
    expect([timeline.show("n55"), timeline.part === null]).toEqual([true, true]);
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
    timeline.trim();
    expect([timeline.shown.first, text(1), text(500)]).toEqual([303, "text 1", "edited by 502"]);
  });
});
