import { expect, test, vi } from "vitest";
import { passage } from "../testing/passage";
import { FRESH, MOST, fragmentOf, isPassage, takePassage } from "./passage";

const AT = { pathname: "/", search: "?room=x" };

function take(hash: string, now = 1_000) {
  const replaceState = vi.fn();
  return { taken: takePassage({ ...AT, hash }, { replaceState }, now), replaceState };
}

test("a passage comes out of its fragment as it went in, and leaves the address at once", () => {
  const fragment = fragmentOf(passage());
  expect(fragment).toMatch(/^#m=[0-9A-Za-z_-]+$/u);
  const { taken, replaceState } = take(fragment);
  expect(taken).toEqual(passage());
  expect(replaceState).toHaveBeenCalledExactlyOnceWith(null, "", "/?room=x");
});

test("what does not fit stays behind from there on, in order, and is counted", () => {
  const post = (nonce: string, length: number) => ({ nonce, kind: "message" as const, body: { text: "x".repeat(length) }, at: 1 });
  const unsent = [post("a", 3_000), post("b", 4_000), post("c", 4_000), post("d", 4_000), post("e", 1)];
  const fragment = fragmentOf(passage({ unsent }));
  expect(fragment.length).toBeLessThanOrEqual(MOST);
  expect(take(fragment).taken).toMatchObject({ unsent: unsent.slice(0, 3), left: 2, draft: "half a s" });
  const long = fragmentOf(passage({ unsent, draft: "y".repeat(MOST) }));
  expect(take(long).taken).toMatchObject({ unsent: [], left: 6, draft: "" });
});

test("an old one counts no more, and one of a later time neither", () => {
  const fragment = fragmentOf(passage());
  expect(take(fragment, 1_000 + FRESH - 1).taken).not.toBeNull();
  expect(take(fragment, 1_000 + FRESH).taken).toBeNull();
  expect(take(fragmentOf(passage({ at: 10_000 }))).taken).toBeNull();
});

test.each(["", "#t=once", "#r=x&i=y"])("%j is none, and is left where it is", (hash) => {
  expect(take(hash)).toMatchObject({ taken: null });
  expect(take(hash).replaceState).not.toHaveBeenCalled();
});

test.each(["#m=", "#m=%7B%7D", "#m=e30", "#m=bm8", "#m=_-_-", `#m=${"A".repeat(MOST)}`, `${fragmentOf(passage())}&x=1`])(
  "%.20s is nothing, and leaves the address all the same",
  (hash) => {
    const { taken, replaceState } = take(hash);
    expect(taken).toBeNull();
    expect(replaceState).toHaveBeenCalledTimes(1);
  },
);

const base = passage();
test.each<[string, unknown]>([
  ["null", null],
  ["no room", { ...base, room: null }],
  ["a room of no id", { ...base, room: { id: "<b>", name: "x" } }],
  ["a room without a name", { ...base, room: { id: "r", name: "" } }],
  ["a secret that is none", { ...base, guest: { ...base.guest, secret: "short" } }],
  ["somebody with a key", { ...base, guest: { ...base.guest, id: "k".repeat(43) } }],
  ["a name of two lines", { ...base, guest: { ...base.guest, nick: "a\nb" } }],
  ["a seq below nothing", { ...base, seen: -1 }],
  ["a seq that is none", { ...base, seen: 1.5 }],
  ["a draft that is none", { ...base, draft: 5 }],
  ["an endless draft", { ...base, draft: "x".repeat(MOST + 1) }],
  ["an endless code", { ...base, code: "x".repeat(201) }],
  ["posts that are none", { ...base, unsent: "x" }],
  ["a rule", { ...base, unsent: [{ nonce: "n", kind: "rule", body: { text: "{}" }, at: 1 }] }],
  ["a post without a nonce", { ...base, unsent: [{ nonce: "", kind: "message", body: { text: "x" }, at: 1 }] }],
  ["a post with more", { ...base, unsent: [{ nonce: "n", kind: "message", body: { text: "x", author: "m" }, at: 1 }] }],
  ["a post of no body", { ...base, unsent: [{ nonce: "n", kind: "message", body: null, at: 1 }] }],
])("%s is no passage", (_, value) => {
  expect(isPassage(value)).toBe(false);
  expect(isPassage(base)).toBe(true);
});
