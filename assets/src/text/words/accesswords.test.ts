import { expect, it } from "vitest";
import { accessWords } from "./accesswords";

it("says how long slow mode keeps one waiting, and what an invitation is for", () => {
  expect([0, 30, 120].map(accessWords.slowKinds)).toEqual(["Off", "One message in 30 s", "One message in 2 min"]);
  expect(accessWords.ticket(true, "12:00")).toBe("For one, until 12:00");
});
