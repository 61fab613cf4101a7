import { expect, it } from "vitest";
import { aloneWords } from "./alonewords";

it("says after how long a room goes on by itself", () => {
  expect([0, 10, 60, 90, 300].map(aloneWords.kinds)).toEqual([
    "Wait for them",
    "Go on after 10 s",
    "Go on after 1 min",
    "Go on after 90 s",
    "Go on after 5 min",
  ]);
  expect(aloneWords.goesOn(30)).toBe("After 30 s the room goes on by itself.");
});
