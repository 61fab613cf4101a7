import { describe, expect, it } from "vitest";
import { HUES, hue, initials } from "./avatar";

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
