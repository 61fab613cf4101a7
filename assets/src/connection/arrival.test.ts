import { beforeEach, expect, test } from "vitest";
import { LocalStore } from "../platform/storage";
import { passage } from "../testing/passage";
import { FakeStorage } from "../testing/storage";
import { arrive, become, complete } from "./arrival";
import { fragmentOf } from "./passage";

let store: LocalStore;
let tab: LocalStore;
const NOW = 1_500;
const SECRET = passage().guest.secret;

function come(hash = fragmentOf(passage())) {
  return arrive({ location: { hash, pathname: "/", search: "" }, history: { replaceState: () => {} }, store, tab }, NOW);
}

beforeEach(() => {
  store = new LocalStore(new FakeStorage());
  tab = new LocalStore(new FakeStorage());
});

test("who just comes is who the browser is here", () => {
  expect(come("")).toEqual({ store, passage: null, doubtful: null });
  expect(tab.get("guest")).toBeNull();
});

test("who comes by a passage is that guest in this tab, and stays it when it is reloaded", () => {
  expect(come()).toEqual({ store: tab, passage: passage(), doubtful: null });
  expect(store.keys("")).toEqual([]);
  expect(tab.get("guest")).toEqual({ seed: "", secret: SECRET, nick: "Ana" });
  // What it brought is there as well until it was used.
  expect(come("")).toEqual({ store: tab, passage: passage(), doubtful: null });
  complete(tab);
  expect(come("")).toEqual({ store: tab, passage: null, doubtful: null });
  expect(come()).toMatchObject({ store: tab, passage: passage() });
});

test("who comes back to where they were a guest at first is who they were", () => {
  const own = { seed: "seed", secret: SECRET, nick: "Ana" };
  store.set("guest", own);
  tab.set("guest", { seed: "", secret: "x", nick: "y" });
  expect(come()).toEqual({ store, passage: passage(), doubtful: null });
  expect([store.get("guest"), tab.get("guest")]).toEqual([own, null]);
});

test("nobody becomes somebody else without being asked", () => {
  const own = { seed: "seed", secret: "other", nick: "Bea" };
  store.set("guest", own);
  expect(come()).toEqual({ store, passage: null, doubtful: passage() });
  expect([store.get("guest"), tab.get("guest")]).toEqual([own, null]);
  become(tab, passage());
  expect(come("")).toEqual({ store: tab, passage: passage(), doubtful: null });
  expect(store.get("guest")).toEqual(own);
  // Nor does a tab that has moved become another guest.
  const evil = passage({ guest: { ...passage().guest, secret: "e".repeat(32), nick: "Eve" } });
  expect(come(fragmentOf(evil))).toEqual({ store: tab, passage: null, doubtful: evil });
});

test("a browser that is let in as a window takes nothing from an address", () => {
  store.set("window", "bearer");
  expect(come()).toEqual({ store, passage: null, doubtful: null });
  tab.set("guest", { seed: "", secret: SECRET, nick: "Ana" });
  expect(come("")).toEqual({ store, passage: null, doubtful: null });
});

test("what lies in the storage and is no passage is none", () => {
  tab.set("guest", { seed: "", secret: SECRET, nick: "Ana" });
  tab.set("passage", { unsent: 1 });
  expect(come("")).toEqual({ store: tab, passage: null, doubtful: null });
});
