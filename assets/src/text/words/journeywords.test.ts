import { expect, test } from "vitest";
import { journeyWords } from "./journeywords";

test("what stays behind is counted", () => {
  expect([journeyWords.left(1), journeyWords.left(3)].map((words) => words.split(" ").slice(0, 4).join(" "))).toEqual([
    "One text did not",
    "3 texts did not",
  ]);
  expect(journeyWords.through("kitchen")).toBe("You are now connected through kitchen.");
});
