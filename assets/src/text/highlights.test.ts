import { describe, expect, it } from "vitest";
import { excerpt } from "./highlights";

const shown = (text: string, ...highlights: [number, number][]) =>
  excerpt(text, highlights).map(({ text, highlighted }) => (highlighted ? `[${text}]` : text)).join("");

describe("highlights", () => {
  it("are ranges of code points", () => expect(shown("🍲 soup 🍲", [2, 6])).toBe("🍲 [soup] 🍲"));

  it("may touch the ends and be many", () => expect(shown("one two", [0, 3], [4, 7])).toBe("[one] [two]"));

  it("may be none", () => expect(shown("one")).toBe("one"));

  it("beyond the text mark what there is", () => expect(shown("one", [1, 9], [12, 15])).toBe("o[ne]"));

  it("leave a long beginning out, and keep what stands just before them", () => {
    const found = shown(`${"a ".repeat(100)}soup`, [200, 204]);
    expect(found).toBe(`…${"a ".repeat(20)}[soup]`);
  });
});
