import { expect, it } from "vitest";
import { DISTANCES, LOOKS } from "./confusables";

it("has what each character looks like, each once and in order", () => {
  const [distances, looks] = [DISTANCES, LOOKS].map((column) => column.trim().split(/\s+/u)) as [string[], string[]];
  expect(distances.length).toBe(looks.length);
  expect(distances.every((distance) => /^[1-9a-f][0-9a-f]*$/u.test(distance))).toBe(true);
  expect(looks.every((points) => /^[0-9a-f]+(\+[0-9a-f]+)*$/u.test(points))).toBe(true);
});
