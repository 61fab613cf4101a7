import { expect, it } from "vitest";
import { compareWords } from "./comparewords";

it("has a sentence for each way in which a comparison ends without success", () => {
  const said = Object.values(compareWords.compareEnded).map((words) => words("Milo"));
  expect(new Set(said).size).toBe(3);
  expect(said.every((words) => words.includes("Milo"))).toBe(true);
});
