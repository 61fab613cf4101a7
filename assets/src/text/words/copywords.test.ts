import { expect, it } from "vitest";
import { copyWords } from "./copywords";

it("tells a copy that is forgotten from a room that ends with it", () => {
  expect(copyWords.forgetCopy("studio")).toContain("goes on at studio");
  expect(copyWords.forgetHome).toContain("nobody can say anything in it any more");
});
