import { describe, expect, it, vi } from "vitest";
import { LocalStore } from "../platform/storage";
import { FakeStorage } from "../testing/storage";
import { Outbox } from "./outbox";

const texts = (outbox: Outbox, room = "r") => outbox.of(room).map(({ body }) => body.text);
const text = (said: string) => ({ kind: "message", body: { text: said } }) as const;

describe("outbox", () => {
  it("keeps posts in the order they were said, each under its own nonce", () => {
    const outbox = new Outbox(new LocalStore(null));
    const posts = ["one", "two", "three"].map((said) => outbox.enqueue("r", text(said), 1000));
    expect(texts(outbox)).toEqual(["one", "two", "three"]);
    expect(new Set(posts.map(({ nonce }) => nonce)).size).toBe(3);
    expect(posts.every(({ nonce }) => /^[0-9a-f]{32}$/.test(nonce))).toBe(true);
  });

  it("keeps the order when the clock goes back", () => {
    const store = new LocalStore(new FakeStorage());
    const outbox = new Outbox(store);
    outbox.enqueue("r", text("one"), 2000);
    outbox.enqueue("r", text("two"), 1000);
    expect(texts(new Outbox(store))).toEqual(["one", "two"]);
  });

  it("finds the order again, in whatever order the storage keeps", () => {
    const storage = new FakeStorage();
    const outbox = new Outbox(new LocalStore(storage));
    outbox.enqueue("r", text("one"), 1);
    outbox.enqueue("r", text("two"), 2);
    const key = storage.key(0)!;
    const first = storage.getItem(key)!;
    storage.removeItem(key);
    storage.setItem(key, first);
    expect(texts(new Outbox(new LocalStore(storage)))).toEqual(["one", "two"]);
  });

  it("lets a post go when its event came, and not before", () => {
    const outbox = new Outbox(new LocalStore(null));
    const { nonce } = outbox.enqueue("r", text("one"), 1);
    outbox.dequeue("another");
    expect(outbox.has(nonce)).toBe(true);
    outbox.dequeue(nonce);
    expect(outbox.has(nonce)).toBe(false);
  });

  it("survives a reload", () => {
    const store = new LocalStore(new FakeStorage());
    const before = new Outbox(store);
    const { nonce } = before.enqueue("r", text("one"), 1);
    before.enqueue("r", text("two"), 2);
    before.refuse("r", nonce, "The disk is full.", true);
    const after = new Outbox(store);
    expect(texts(after)).toEqual(["one", "two"]);
    expect(after.of("r")[0]).toMatchObject({ nonce, failure: "The disk is full.", retry: true });
    after.dequeue(nonce);
    expect(texts(new Outbox(store))).toEqual(["two"]);
  });

  it("does not overwrite what another tab keeps", () => {
    const store = new LocalStore(new FakeStorage());
    const [one, other] = [new Outbox(store), new Outbox(store)];
    one.enqueue("r", text("from one"), 1);
    other.enqueue("r", text("from the other"), 2);
    expect(texts(new Outbox(store))).toEqual(["from one", "from the other"]);
  });

  it("sends no refused post by itself, unless the refusal may be over", () => {
    const outbox = new Outbox(new LocalStore(null));
    const [never, later] = [outbox.enqueue("r", text("never"), 1), outbox.enqueue("r", text("later"), 2)];
    outbox.refuse("r", never.nonce, "Too long.", false);
    outbox.refuse("r", later.nonce, "The disk is full.", true);
    expect(outbox.waiting("r")).toEqual([]);
    outbox.reviveAll("r");
    expect(outbox.waiting("r").map(({ body }) => body.text)).toEqual(["later"]);
    outbox.revive(never.nonce);
    expect(outbox.waiting("r").map(({ body }) => body.text)).toEqual(["never", "later"]);
  });

  it("moves posts to the room that took the place of theirs, and a late refusal of the old one is no more", () => {
    const outbox = new Outbox(new LocalStore(null));
    const { nonce } = outbox.enqueue("r", text("one"), 1);
    outbox.move("r", "s");
    outbox.refuse("r", nonce, "There is no such room.", false);
    expect(texts(outbox)).toEqual([]);
    expect(outbox.waiting("s").map(({ body }) => body.text)).toEqual(["one"]);
  });

  it("knows what the node has on its disk, until that is refused, or in doubt at the next visit", () => {
    const store = new LocalStore(new FakeStorage());
    const outbox = new Outbox(store);
    const { nonce } = outbox.enqueue("r", text("one"), 1);
    const held = (of = outbox, room = "r") => of.of(room)[0]?.held;
    outbox.hold("s", nonce);
    expect(held()).toBe(false);
    outbox.hold("r", nonce);
    expect(held()).toBe(true);
    expect(outbox.waiting("r").map((post) => post.nonce)).toEqual([nonce]);
    expect(held(new Outbox(store))).toBe(false);
    outbox.refuse("r", nonce, "No.", false);
    expect(held()).toBe(false);
    outbox.hold("r", nonce);
    outbox.move("r", "s");
    expect(held(outbox, "s")).toBe(false);
  });

  it("gives up changes of messages when their history or their room is gone, and keeps what was said", () => {
    for (const gone of ["forgotten", "moved"]) {
      const outbox = new Outbox(new LocalStore(null));
      outbox.enqueue("r", { kind: "edit", body: { target: "n3", text: "other" } }, 1);
      outbox.enqueue("r", text("said"), 2);
      if (gone === "moved") outbox.move("r", "s");
      else outbox.giveUpChanges("r");
      expect(texts(outbox, gone === "moved" ? "s" : "r")).toEqual(["said"]);
    }
  });

  it("tells of every change, and of none when nothing changed", () => {
    const changed = vi.fn();
    const outbox = new Outbox(new LocalStore(null), changed);
    const { nonce } = outbox.enqueue("r", text("one"), 1);
    outbox.refuse("r", "another", "no", false);
    outbox.dequeue("another");
    expect(changed).toHaveBeenCalledTimes(1);
    outbox.dequeue(nonce);
    expect(changed).toHaveBeenCalledTimes(2);
  });

  it("ignores what it cannot read in the storage", () => {
    const storage = new FakeStorage();
    storage.setItem("lanchat.unsent.x", "{");
    storage.setItem("lanchat.unsent.y", '{"room":1}');
    storage.setItem("lanchat.unsent.z", "null");
    storage.setItem("lanchat.unsent.o", '{"room":"r","nonce":"o","text":"of an older page","at":1,"failure":""}');
    expect(new Outbox(new LocalStore(storage)).rooms.size).toBe(0);
  });

  it("works without a storage and with one that is full", () => {
    const full = new FakeStorage();
    full.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    for (const storage of [null, full]) {
      const outbox = new Outbox(new LocalStore(storage));
      outbox.enqueue("r", text("one"), 1);
      expect(texts(outbox)).toEqual(["one"]);
    }
  });

  it("takes over what was said at another node, in its order and once", () => {
    const store = new LocalStore(new FakeStorage());
    const outbox = new Outbox(store);
    outbox.enqueue("r", text("last"), 3_000);
    const brought = ["first", "second"].map((said, index) => ({ ...text(said), nonce: said, at: index }));
    outbox.receive("r", brought);
    outbox.receive("r", [...brought, { ...text("third"), nonce: "third", at: 2 }]);
    expect(texts(outbox)).toEqual(["first", "second", "third", "last"]);
    expect(texts(new Outbox(store))).toEqual(texts(outbox));
    expect(outbox.waiting("r")).toHaveLength(4);
  });
});
