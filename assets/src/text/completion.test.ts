import { beforeEach, describe, expect, it } from "vitest";
import { Completion } from "./completion.svelte";

const NICKS = ["Ana", "Ana Lund", "Milo", "Žofie"];
let completion: Completion;

/** Somebody typed this; the bar is the caret. */
function type(text: string) {
  const caret = text.includes("|") ? text.indexOf("|") : text.length;
  const typed = { text: text.replace("|", ""), caret };
  completion.typed(typed, NICKS);
  return typed;
}

function shown({ text, caret }: { text: string; caret: number }): string {
  return `${text.slice(0, caret)}|${text.slice(caret)}`;
}

beforeEach(() => {
  completion = new Completion();
});

describe("what is offered", () => {
  it.each([
    ["@", ["Ana", "Ana Lund", "Milo", "Žofie"]],
    ["@a", ["Ana", "Ana Lund"]],
    ["hi @ana l", ["Ana Lund"]],
    ["hi @ž| there", ["Žofie"]],
    ["(@mi", ["Milo"]],
    ["mail@mi", []],
    ["@mi\n", []],
    ["@milo", []],
    ["@milo and @an", ["Ana", "Ana Lund"]],
    ["@nobody", []],
    ["|@mi", []],
    ["plain", []],
    ["", []],
  ])("for %j", (text, choices) => {
    type(text);
    expect(completion.choices).toEqual(choices);
  });

  it("is never more than can be looked over", () => {
    completion.typed({ text: "@", caret: 1 }, Array.from({ length: 300 }, (_, index) => `Guest ${index}`));
    expect(completion.choices.length).toBe(6);
  });
});

describe("keys", () => {
  it("are let be when there is nothing to offer", () => {
    const typed = type("hello");
    for (const key of ["Enter", "Tab", "ArrowDown", "Escape", "x"]) expect(completion.pressed(key, typed)).toBe(false);
  });

  it("complete the first that fits", () => {
    const typed = type("hi @mi");
    expect(shown(completion.pressed("Enter", typed) as typeof typed)).toBe("hi @Milo |");
    expect(completion.open).toBe(false);
  });

  it("complete in the middle of a text", () => {
    const typed = type("hi @mi| there");
    expect(shown(completion.pressed("Tab", typed) as typeof typed)).toBe("hi @Milo| there");
  });

  it("walk the choices round", () => {
    const typed = type("@a");
    expect(completion.chosen).toBe(0);
    expect(completion.pressed("ArrowUp", typed)).toBe(true);
    expect(completion.chosen).toBe(1);
    completion.pressed("ArrowDown", typed);
    completion.pressed("ArrowDown", typed);
    expect(shown(completion.pressed("Enter", typed) as typeof typed)).toBe("@Ana Lund |");
  });

  it("send a sign alone, unless somebody chose", () => {
    const typed = type("@");
    expect(completion.pressed("Enter", typed)).toBe(false);
    completion.pressed("ArrowUp", typed);
    expect(completion.chosen).toBe(3);
    completion.pressed("ArrowDown", typed);
    expect(shown(completion.pressed("Enter", typed) as typeof typed)).toBe("@Ana |");
  });

  it("close it with Escape, for this sign", () => {
    const typed = type("@a");
    expect(completion.pressed("Escape", typed)).toBe(true);
    type("@an");
    expect(completion.open).toBe(false);
    type("@an, @m");
    expect(completion.open).toBe(true);
  });

  it("offer again in the next message", () => {
    const typed = type("@a");
    completion.pressed("Enter", typed);
    // The message was sent, and the field is empty.
    type("@");
    expect(completion.open).toBe(true);
    type("@a");
    expect(completion.open).toBe(true);
  });
});
