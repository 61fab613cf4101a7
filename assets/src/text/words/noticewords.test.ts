import { expect, it } from "vitest";
import { noticeWords } from "./noticewords";

it("says how much is new, and where", () => {
  expect([noticeWords.more("Tea", 1), noticeWords.more("Tea", 3)]).toEqual(["New in Tea", "3 new in Tea"]);
});

it("says what to do when it is not allowed", () => {
  expect(noticeWords.refused).toMatch(/allow/u);
});
