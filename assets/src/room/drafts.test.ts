import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LocalStore } from "../platform/storage";
import { FakeStorage } from "../testing/storage";
import { Drafts, PAUSE } from "./drafts";

let storage: FakeStorage;
const again = () => new Drafts(new LocalStore(storage));

beforeEach(() => {
  vi.useFakeTimers();
  storage = new FakeStorage();
});
afterEach(() => vi.useRealTimers());

describe("drafts", () => {
  it("are kept once nobody has typed for a moment, each room's apart", () => {
    const drafts = again();
    drafts.write("r", "one");
    vi.advanceTimersByTime(PAUSE - 1);
    drafts.write("r", "one two");
    drafts.write("s", "other");
    expect(storage.length).toBe(0);
    vi.advanceTimersByTime(PAUSE);
    expect([again().of("r"), again().of("s"), again().of("t")]).toEqual(["one two", "other", ""]);
  });

  it("are kept at once when the page goes", () => {
    const drafts = again();
    drafts.write("r", "one");
    expect(drafts.of("r")).toBe("one");
    drafts.flush();
    expect(again().of("r")).toBe("one");
  });

  it("leave nothing behind when they were said", () => {
    const drafts = again();
    drafts.write("r", "one");
    drafts.flush();
    drafts.write("r", "");
    drafts.flush();
    expect(storage.length).toBe(0);
  });

  it("that cannot be read are none", () => {
    storage.setItem("lanchat.draft.r", "{");
    storage.setItem("lanchat.draft.s", "[1]");
    expect([again().of("r"), again().of("s")]).toEqual(["", ""]);
  });
});
