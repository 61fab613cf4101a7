import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { event } from "../testing/events";
import { FakeNode } from "../testing/node";
import type { Hit } from "../wire/protocol";
import { PAUSE, RoomSearch } from "./search.svelte";

let node: FakeNode;
let search: RoomSearch;

const hits = (first: number, count: number): Hit[] =>
  Array.from({ length: count }, (_, index) => ({ event: event(first - index), marks: [[0, 4]] }));
const found = (list: Hit[], index = -1) =>
  node.answer("search", { type: "found", room: "r", hits: list, more: list.length === 50 }, index);
const asked = () => node.of("search").map(({ text, before, limit }) => [text, before, limit]);
const seqs = () => search.hits.map((hit) => hit.event.seq);
function type(text: string): void {
  search.text = text;
  vi.advanceTimersByTime(PAUSE);
}

beforeEach(() => {
  vi.useFakeTimers();
  node = new FakeNode();
  search = new RoomSearch((query, outcome) => node.requests.ask({ type: "search", room: "r", ...query }, outcome));
});
afterEach(() => vi.useRealTimers());

describe("search", () => {
  it("asks once nobody has typed for a moment, and not for nothing", () => {
    search.text = "so";
    vi.advanceTimersByTime(PAUSE - 1);
    type("soup");
    expect(asked()).toEqual([["soup", undefined, 50]]);
    type("  ");
    expect(asked().length).toBe(1);
    expect(search.state).toBe("idle");
  });

  it("passes over the answer to a text that was changed meanwhile", () => {
    type("so");
    type("soup");
    found(hits(9, 2), 0);
    expect([search.state, seqs()]).toEqual(["asking", []]);
    found(hits(9, 1));
    expect([search.state, seqs(), search.more]).toEqual(["answered", [9], false]);
  });

  it("pages on with the oldest hit, once, until there is no more", () => {
    type("soup");
    search.older();
    found(hits(200, 50));
    search.older();
    search.older();
    expect(asked().slice(1)).toEqual([["soup", 151, 50]]);
    found(hits(150, 3));
    search.older();
    expect([seqs().length, search.more, asked().length]).toEqual([53, false, 2]);
  });

  it("walks through the hits and fetches more near their end", () => {
    type("soup");
    search.walk(1);
    expect(search.chosen).toBe(-1);
    found(hits(200, 50));
    search.walk(-1);
    expect(search.chosen).toBe(0);
    for (let step = 0; step < 60; step += 1) search.walk(1);
    expect([search.chosen, asked().length]).toEqual([49, 2]);
  });

  it("says why the node refused, and is over it with the next text", () => {
    type("soup");
    node.refuse("search", "journal_damaged", "The database is damaged.");
    expect([search.state, search.refusal]).toEqual(["refused", "The database is damaged."]);
    type("soups");
    expect([search.state, search.refusal]).toEqual(["asking", ""]);
  });

  it("asks again what a cut left without an answer", () => {
    type("soup");
    node.requests.lost();
    expect(search.state).toBe("cut");
    search.resume();
    expect([search.state, asked().length]).toEqual(["asking", 2]);
    found(hits(9, 1));
    node.requests.lost();
    search.resume();
    expect([search.state, asked().length]).toEqual(["answered", 2]);
    node.connected = false;
    type("soups");
    expect(search.state).toBe("cut");
  });

  it("pages again what a cut, or a refusal, left without an answer", () => {
    type("soup");
    found(hits(200, 50));
    search.older();
    node.requests.lost();
    expect([search.state, search.paging]).toEqual(["answered", false]);
    search.older();
    found(hits(150, 3));
    expect([seqs().length, asked().length]).toEqual([53, 3]);
  });

  it("passes over everything that was asked before it was cleared", () => {
    type("soup");
    search.clear();
    found(hits(9, 1));
    expect([search.state, seqs()]).toEqual(["idle", []]);
  });
});
