import { describe, expect, it } from "vitest";
import { shortcut } from "./keys";

describe("keys", () => {
  const key = (name: string, more: object = {}) =>
    shortcut({ key: name, altKey: false, ctrlKey: false, metaKey: false, isComposing: false, ...more });
  it("have a meaning, or none", () => {
    expect(key("ArrowUp", { altKey: true })).toBe("above");
    expect(key("ArrowDown", { altKey: true })).toBe("below");
    expect(key("K", { ctrlKey: true })).toBe("find");
    expect(key("k", { metaKey: true })).toBe("find");
    expect(key("f", { ctrlKey: true })).toBe("search");
    expect(key("Escape")).toBe("back");
    expect(key("Escape", { isComposing: true })).toBeNull();
    expect(key("k")).toBeNull();
    expect(key("ArrowUp")).toBeNull();
  });
});
