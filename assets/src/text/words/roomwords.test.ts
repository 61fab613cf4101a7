import { expect, it } from "vitest";
import { roomWords } from "./roomwords";

it("counts in words", () => {
  expect([roomWords.mentions(1), roomWords.mentions(3)]).toEqual(["1 message mentions you", "3 messages mention you"]);
  expect([roomWords.found(1), roomWords.found(0)]).toEqual(["1 match", "0 matches"]);
});

it("names a room in what is asked about it", () => {
  expect(roomWords.create("gen")).toBe("Create “gen”");
  expect(roomWords.near("general")).toContain("general");
});
