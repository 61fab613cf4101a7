import { describe, expect, it } from "vitest";
import { ANA, MILO, event } from "./fakes";
import { GROUP, rows } from "./rows";

const NOON = new Date(2026, 10, 22, 12).getTime();
const heads = (...ats: number[]) =>
  rows(
    ats.map((at, index) => event(index + 1, { at })),
    [],
    ANA,
  ).map(({ head }) => head);

describe("rows", () => {
  it("stand together when one author says them within five minutes", () => {
    expect(heads(NOON, NOON + GROUP, NOON + 2 * GROUP + 1)).toEqual([true, false, true]);
  });

  it("part when the author or the author's name changes", () => {
    const said = [MILO, ANA, ANA, { ...ANA, nick: "Anna" }].map((author, index) => event(index + 1, { author, at: NOON }));
    expect(rows(said, [], ANA).map(({ head }) => head)).toEqual([true, true, false, true]);
  });

  it("begin each day with its date", () => {
    const midnight = new Date(2026, 10, 23).getTime();
    const said = [midnight - 1, midnight, midnight + 1].map((at, index) => event(index + 1, { at }));
    expect(rows(said, [], ANA).map(({ day, head }) => [day, head])).toEqual([
      [true, true],
      [true, true],
      [false, false],
    ]);
  });

  it("end with what waits, under the key that its event will have", () => {
    const post = { room: "r", nonce: "mine", text: "hi", at: NOON, failure: "", retry: false };
    const [, pending] = rows([event(1, { at: NOON })], [post], ANA);
    expect(pending).toMatchObject({ key: "mine", author: ANA, unsent: post });
    const [, real] = rows([event(1, { at: NOON }), event(2, { nonce: "mine", author: ANA, at: NOON })], [], ANA);
    expect(real).toMatchObject({ key: "mine", unsent: null });
  });

  it("stay the same objects while nothing about them changes", () => {
    const said = [1, 2].map((seq) => event(seq, { at: NOON }));
    const before = rows(said, [], ANA);
    const now = rows([...said, event(3, { at: NOON })], [], ANA);
    expect(now.slice(0, 2).every((row, index) => row === before[index])).toBe(true);
    const [first, second] = rows(said.slice(1), [], ANA);
    expect(first).toMatchObject({ head: true, text: "text 2" });
    expect(second).toBeUndefined();
  });

  it("have keys of their own even when a peer repeats a nonce", () => {
    const said = [1, 2, 3].map((seq) => event(seq, { nonce: "same" }));
    expect(new Set(rows(said, [], ANA).map(({ key }) => key)).size).toBe(3);
  });
});
