import { expect, test } from "vitest";
import { whereWords } from "./homewords";

const info = { id: "r", name: "tea", node: { id: "n", name: "desk" }, kind: "home", members: 0, top: 0, online: true } as const;

test("a room is at its home, or in a Redis, also where another machine leads there", () => {
  expect(whereWords(info)).toBe("This room has its home on desk.");
  expect(whereWords({ ...info, kind: "mirror", shared: true })).toBe("This room is in a Redis that several machines share.");
});
