import { expect, it } from "vitest";
import { arrivalWords } from "./arrivalwords";

it("says what to do whatever the reason is", () => {
  for (const code of ["unauthorised", "unsupported_version", "signed_out", "other"]) {
    expect(arrivalWords.refusedHint[code]).toMatch(/Lanchat/u);
  }
});

it("says that nothing is lost while nobody answers", () => {
  expect(arrivalWords.nodeAway).toMatch(/safe/u);
});
