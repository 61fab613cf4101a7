import { describe, expect, it } from "vitest";
import { MAX_EMOJI } from "../wire/protocol";
import { firstCharacter, OFFERED } from "./emoji";

describe("emoji", () => {
  it.each([
    ["👍👍", "👍"],
    [" 👩‍👩‍👧 hi", "👩‍👩‍👧"],
    ["🇩🇪🇫🇷", "🇩🇪"],
    ["ok", "o"],
    ["  ", ""],
  ])("the first character of %j is %j", (text, first) => expect(firstCharacter(text)).toBe(first));

  it("that are offered are one character each, and short enough", () => {
    expect(OFFERED.every((emoji) => firstCharacter(emoji) === emoji && emoji.length <= MAX_EMOJI)).toBe(true);
  });
});
