import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { event } from "../testing/events";
import { PAUSE, RoomSearch } from "./search.svelte";
import type { Hit } from "../wire/protocol";

let asked: object[];
let connected: boolean;
let search: RoomSearch;

const hits = (first: number, count: number): Hit[] =>
  Array.from({ length: count }, (_, index) => ({ event: event(first - index), marks: [[0, 4]] }));
const found = (text: string, list: Hit[], before?: number) =>
  search.receive({ type: "found", room: "r", text, hits: list, ...(before === undefined ? {} : { before }) });
const seqs = () => search.hits.map((hit) => hit.event.seq);
function type(text: string): void {
  search.text = text;
  vi.advanceTimersByTime(PAUSE);
}

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  connected = true;
  search = new RoomSearch((what) => {
    if (connected) asked.push(what);
    return connected;
  });
});
afterEach(() => vi.useRealTimers());

describe("search", () => {
  it("asks once nobody has typed for a moment, and not for nothing", () => {
    search.text = "so";
    vi.advanceTimersByTime(PAUSE - 1);
    type("soup");
    expect(asked).toEqual([{ text: "soup", limit: 50 }]);
    type("  ");
    expect(asked.length).toBe(1);
    expect(search.state).toBe("idle");
  });

  it("passes over the answer to a text that was changed meanwhile", () => {
    type("so");
    type("soup");
    found("so", hits(9, 2));
    expect([search.state, seqs()]).toEqual(["asking", []]);
    found("soup", hits(9, 1));
    expect([search.state, seqs(), search.more]).toEqual(["answered", [9], false]);
  });

  it("pages on with the oldest hit, once, until there is no more", () => {
    type("soup");
    search.older();
    found("soup", hits(200, 50));
    search.older();
    search.older();
    expect(asked.slice(1)).toEqual([{ text: "soup", before: 151, limit: 50 }]);
    found("soup", hits(150, 3), 151);
    search.older();
    expect([seqs().length, search.more, asked.length]).toEqual([53, false, 2]);
  });

  it("walks through the hits and fetches more near their end", () => {
    type("soup");
    search.walk(1);
    expect(search.chosen).toBe(-1);
    found("soup", hits(200, 50));
    search.walk(-1);
    expect(search.chosen).toBe(0);
    for (let step = 0; step < 60; step += 1) search.walk(1);
    expect([search.chosen, asked.length]).toEqual([49, 2]);
  });

  it("says why the node refused, and is over it with the next text", () => {
    expect(search.refused("Nothing was asked.")).toBe(false);
    type("soup");
    expect(search.refused("The database is damaged.")).toBe(true);
    expect([search.state, search.refusal]).toEqual(["refused", "The database is damaged."]);
    type("soups");
    expect([search.state, search.refusal]).toEqual(["asking", ""]);
  });

  it("asks again what a cut left without an answer", () => {
    type("soup");
    search.disconnected();
    expect(search.state).toBe("cut");
    search.resume();
    expect([search.state, asked.length]).toEqual(["asking", 2]);
    found("soup", hits(9, 1));
    search.disconnected();
    search.resume();
    expect([search.state, asked.length]).toEqual(["answered", 2]);
    connected = false;
    type("soups");
    expect(search.state).toBe("cut");
  });
});
