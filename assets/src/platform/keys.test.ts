import { describe, expect, it } from "vitest";
import { action, BINDINGS, scopesOf, writes, type Scope } from "./keys";

const event = (key: string, more: object = {}) => ({
  key,
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  isComposing: false,
  ...more,
});
const does = (scope: Scope, key: string, more: object = {}) => action(event(key, more), [scope]);
const [alt, ctrl, meta, shift] = [{ altKey: true }, { ctrlKey: true }, { metaKey: true }, { shiftKey: true }];

describe("a key", () => {
  it("has a meaning in its scope, or none", () => {
    expect(does("page", "ArrowUp", alt)).toBe("above");
    expect(does("page", "ArrowDown", alt)).toBe("below");
    expect([does("page", "K", ctrl), does("page", "k", meta), does("page", "k")]).toEqual(["find", "find", null]);
    expect([does("page", "f", ctrl), does("page", "f", { ...ctrl, ...alt })]).toEqual(["search", null]);
    expect([does("page", "Escape"), does("page", "Escape", { isComposing: true })]).toEqual(["back", null]);
    expect([does("list", "ArrowUp"), does("blank", "ArrowUp"), does("page", "ArrowUp")]).toEqual(["earlier", "editLast", null]);
    expect([does("composer", "Enter"), does("composer", "Enter", shift)]).toEqual(["send", "newLine"]);
    expect([does("page", "PageUp"), does("page", "Home"), does("unwritten", "Home")]).toEqual(["pageUp", null, "start"]);
    expect(does("page", "End", ctrl)).toBe("end");
  });

  it("is found wherever a keyboard has its sign", () => {
    expect([does("away", "?", shift), does("away", "?"), does("page", "?", shift)]).toEqual(["shortcuts", "shortcuts", null]);
    expect([does("page", "/", ctrl), does("page", "/", { ...ctrl, ...shift })]).toEqual(["shortcuts", "shortcuts"]);
    expect(does("page", "k", { ...ctrl, ...shift })).toBeNull();
  });

  it("means one thing in each scope", () => {
    const all = BINDINGS.map(({ scope, keys }) => `${scope} ${keys}`);
    expect(new Set(all).size).toBe(all.length);
  });

  it("writes, or commands", () => {
    const typed = [event("a"), event("?", shift), event("€", { ...ctrl, ...alt }), event("😀"), event("Dead"), event("Process")];
    expect(typed.map(writes)).toEqual([true, true, true, true, true, true]);
    const not = [event("a", ctrl), event("a", meta), event("a", alt), event(" "), event("Tab"), event("F5"), event("a", { isComposing: true })];
    expect(not.map(writes)).toEqual(not.map(() => false));
  });
});

it("is known by what has the focus", () => {
  const element = (field: boolean, value?: string) => ({ matches: () => field, ...(value === undefined ? {} : { value }) });
  expect(scopesOf(null)).toEqual(["page", "unwritten", "away"]);
  expect(scopesOf(element(false))).toContain("away");
  expect(scopesOf(element(true, "soup"))).toEqual(["page"]);
  expect(scopesOf(element(true, ""))).toEqual(["page", "unwritten"]);
});
