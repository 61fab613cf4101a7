import { expect, it } from "vitest";
import { randomHex } from "./random";

it("makes random hex digits", () => {
  expect(randomHex(16)).toMatch(/^[0-9a-f]{32}$/);
  expect(randomHex(16)).not.toBe(randomHex(16));
});
