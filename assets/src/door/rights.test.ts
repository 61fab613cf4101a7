import { expect, test } from "vitest";
import { LocalStore } from "../platform/storage";
import { FakeStorage } from "../testing/storage";
import { Rights } from "./rights";

test("the invitation into a room is kept, and nothing takes its place", () => {
  const store = new LocalStore(new FakeStorage());
  new Rights(store).keep("r", "code");
  new Rights(store).keep("r", "");
  expect([new Rights(store).of("r"), new Rights(store).of("other")]).toEqual(["code", ""]);
  store.set("right.r", { code: 1 });
  expect(new Rights(store).of("r")).toBe("");
});
