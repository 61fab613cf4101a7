import { expect, it } from "vitest";
import type { Looked } from "../../wire/protocol";
import { outcome } from "./lookwords";

const looked = (asked: number, ...names: string[]): Looked => ({
  type: "looked",
  asked,
  nodes: names.map((name) => ({ id: name, name })),
});

it("says what a look has come to", () => {
  expect(outcome(looked(1022), "")).toBe("Searched 1,022 addresses of this network: nobody.");
  expect(outcome(looked(253, "ann"), "")).toBe("Searched 253 addresses of this network: found ann. Its rooms are in the list.");
  expect(outcome(looked(2, "ann", "cleo"), "")).toContain("found ann, cleo. Their rooms");
  expect(outcome(looked(0), "")).toContain("no network that can be searched");
  expect(outcome(looked(1, "ann"), "192.0.2.9")).toBe("ann answers at 192.0.2.9. Its rooms are in the list.");
});
