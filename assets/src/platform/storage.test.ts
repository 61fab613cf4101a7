import { afterEach, describe, expect, it, vi } from "vitest";
import { FakeStorage } from "../testing/storage";
import { LocalStore } from "./storage";

afterEach(() => vi.unstubAllGlobals());

describe("the browser's storage", () => {
  it("keeps values under keys that are this page's", () => {
    const storage = new FakeStorage();
    storage.setItem("another's", "1");
    const store = new LocalStore(storage);
    store.set("draft.a", { text: "hi" });
    store.set("draft.b", 2);
    expect(storage.getItem("lanchat.draft.b")).toBe("2");
    expect([store.get("draft.a"), store.get("draft.c"), store.keys("draft.")]).toEqual([{ text: "hi" }, null, ["draft.a", "draft.b"]]);
    store.remove("draft.a");
    expect([store.get("draft.a"), store.keys("")]).toEqual([null, ["draft.b"]]);
  });

  it("keeps something for one tab only as well", () => {
    const [all, tab] = [new FakeStorage(), new FakeStorage()];
    vi.stubGlobal("localStorage", all);
    vi.stubGlobal("sessionStorage", tab);
    LocalStore.ofTab().set("guest", 1);
    expect([all.length, tab.getItem("lanchat.guest"), new LocalStore().get("guest")]).toEqual([0, "1", null]);
  });

  it("has nothing to say about what cannot be read", () => {
    const storage = new FakeStorage();
    storage.setItem("lanchat.x", "{");
    expect(new LocalStore(storage).get("x")).toBeNull();
  });

  it("may be absent, forbidden or full", () => {
    const forbidden = new Proxy({} as Storage, {
      get: () => {
        throw new DOMException("no", "SecurityError");
      },
    });
    vi.stubGlobal("localStorage", undefined);
    for (const store of [new LocalStore(null), new LocalStore(forbidden), new LocalStore()]) {
      store.set("a", 1);
      store.remove("a");
      expect([store.get("a"), store.keys("")]).toEqual([null, []]);
    }
  });
});
