import { expect, it } from "vitest";
import { searchWords } from "./searchwords";

it("counts what was found, and says that there is more", () => {
  expect([searchWords.found(1, false), searchWords.found(50, true)]).toEqual(["1 message found", "50 or more messages found"]);
});
