import { describe, expect, it } from "vitest";
import { HUES, hue, initials } from "./avatar";
import { day, stamp, time } from "./clock";
import { isLoopback } from "./door";
import { shortcut } from "./keys";
import { messages } from "./messages";
import { randomHex } from "./random";
import { Tail } from "./scroll";

describe("avatar", () => {
  it.each([
    ["Ana", "A"],
    ["ana maria ferreira", "AF"],
    ["  ", "?"],
    ["🎉 party", "🎉P"],
    ["李 雷", "李雷"],
  ])("initials of %j are %j", (name, letters) => {
    expect(initials(name)).toBe(letters);
  });

  it("gives a person one colour, and uses all of them", () => {
    expect(hue("abc")).toBe(hue("abc"));
    expect(new Set(Array.from({ length: 200 }, (_, index) => hue(`p${index}`))).size).toBe(HUES);
  });
});

describe("clock", () => {
  const now = new Date(2026, 10, 22, 12).getTime();
  it("names days as people do", () => {
    expect(day(now, now)).toBe(messages.today);
    expect(day(new Date(2026, 10, 21, 1).getTime(), now)).toBe(messages.yesterday);
    expect(day(new Date(2024, 1, 2).getTime(), now)).toContain("2024");
  });

  it("says nothing for a time that no calendar holds", () => {
    expect([time(1e20), stamp(NaN), day(-1e20)]).toEqual(["", "", ""]);
  });
});

describe("keys", () => {
  const key = (name: string, more: object = {}) =>
    shortcut({ key: name, altKey: false, ctrlKey: false, metaKey: false, isComposing: false, ...more });
  it("have a meaning, or none", () => {
    expect(key("ArrowUp", { altKey: true })).toBe("above");
    expect(key("ArrowDown", { altKey: true })).toBe("below");
    expect(key("K", { ctrlKey: true })).toBe("find");
    expect(key("k", { metaKey: true })).toBe("find");
    expect(key("Escape")).toBe("back");
    expect(key("Escape", { isComposing: true })).toBeNull();
    expect(key("k")).toBeNull();
    expect(key("ArrowUp")).toBeNull();
  });
});

describe("scroll", () => {
  const list = (scrollTop: number, scrollHeight = 1000) => ({ scrollTop, scrollHeight, clientHeight: 200 });

  it("stays at the end while more comes", () => {
    const tail = new Tail();
    const it = list(0);
    tail.updated(it, "a");
    expect(it.scrollTop).toBe(1000);
    it.scrollHeight = 1100;
    tail.updated(it, "a");
    expect(it.scrollTop).toBe(1100);
  });

  it("leaves a reader further up alone, and keeps the lines in place when earlier ones come", () => {
    const tail = new Tail();
    const it = list(0);
    tail.updated(it, "b");
    it.scrollTop = 300;
    tail.scrolled(it);
    expect(tail.atEnd).toBe(false);
    it.scrollHeight = 1050;
    tail.updated(it, "b");
    expect(it.scrollTop).toBe(300);
    it.scrollHeight = 1550;
    tail.updated(it, "a");
    expect(it.scrollTop).toBe(800);
    tail.toEnd(it);
    expect(tail.atEnd).toBe(true);
  });
});

it("knows its own machine", () => {
  expect(["127.0.0.1", "127.1.2.3", "localhost", "[::1]"].every(isLoopback)).toBe(true);
  expect(["192.0.2.5", "127.evil.example", "localhost.example"].some(isLoopback)).toBe(false);
});

it("makes random hex digits", () => {
  expect(randomHex(16)).toMatch(/^[0-9a-f]{32}$/);
  expect(randomHex(16)).not.toBe(randomHex(16));
});
