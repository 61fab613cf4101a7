import { describe, expect, it } from "vitest";
import { ANA, MILO, event } from "../testing/events";
import type { Event } from "../wire/protocol";
import { Fold } from "./fold";
import type { Unsent } from "./outbox";
import { GROUP, rows as laidOut } from "./rows";

const NOON = new Date(2026, 10, 22, 12).getTime();
const rows = (events: Event[], unsent: Unsent[] = [], fold = new Fold()) => laidOut(events, fold, unsent, ANA);
const heads = (...ats: number[]) =>
  rows(ats.map((at, index) => event(index + 1, { at }))).map(({ head }) => head);

const unsent = (nonce: string, kind: Event["kind"], body: Event["body"], failure = ""): Unsent => ({
  room: "r",
  nonce,
  kind,
  body,
  at: NOON,
  failure,
  retry: false,
  held: false,
});
const folded = (...events: Event[]) => {
  const fold = new Fold();
  fold.take(events);
  return fold;
};

describe("rows", () => {
  it("stand together when one author says them within five minutes", () => {
    expect(heads(NOON, NOON + GROUP, NOON + 2 * GROUP + 1)).toEqual([true, false, true]);
  });

  it("say which were said while apart", () => {
    expect(rows([event(1), event(2, { apart: true })]).map(({ apart }) => apart)).toEqual([undefined, true]);
  });

  it("part when the author or the author's name changes", () => {
    const said = [MILO, ANA, ANA, { ...ANA, nick: "Anna" }].map((author, index) => event(index + 1, { author, at: NOON }));
    expect(rows(said).map(({ head }) => head)).toEqual([true, true, false, true]);
  });

  it("say what a rule did, between the messages around it", () => {
    const lock = event(2, { at: NOON, kind: "rule", body: { text: '{"change":"locked"}' } });
    const unknown = event(3, { at: NOON, kind: "rule", body: { text: "{" } });
    const found = rows([event(1, { at: NOON }), lock, unknown, event(4, { at: NOON })]);
    expect(found.map(({ seq, rule, head }) => [seq, rule?.change, head])).toEqual([
      [1, undefined, true],
      [2, "locked", false],
      [4, undefined, true],
    ]);
  });

  it("begin each day with its date", () => {
    const midnight = new Date(2026, 10, 23).getTime();
    const said = [midnight - 1, midnight, midnight + 1].map((at, index) => event(index + 1, { at }));
    expect(rows(said).map(({ day, head }) => [day, head])).toEqual([
      [true, true],
      [true, true],
      [false, false],
    ]);
  });

  it("end with what waits, under the key that its event will have", () => {
    const post = unsent("mine", "message", { text: "hi" });
    const [, pending] = rows([event(1, { at: NOON })], [post]);
    expect(pending).toMatchObject({ key: "mine", author: ANA, unsent: [post] });
    const [, real] = rows([event(1, { at: NOON }), event(2, { nonce: "mine", author: ANA, at: NOON })]);
    expect(real).toMatchObject({ key: "mine", unsent: [] });
  });

  it("stay the same objects while nothing about them changes", () => {
    const said = [1, 2].map((seq) => event(seq, { at: NOON }));
    const before = rows(said);
    const now = rows([...said, event(3, { at: NOON })]);
    expect(now.slice(0, 2).every((row, index) => row === before[index])).toBe(true);
    const [first, second] = rows(said.slice(1));
    expect(first).toMatchObject({ head: true, text: "text 2" });
    expect(second).toBeUndefined();
  });

  it("have keys of their own even when a peer repeats a nonce", () => {
    const said = [1, 2, 3].map((seq) => event(seq, { nonce: "same" }));
    expect(new Set(rows(said).map(({ key }) => key)).size).toBe(3);
  });

  it("are messages only: changes are folded in, and an unknown kind is passed over", () => {
    const edit = event(2, { kind: "edit", body: { target: "n1", text: "better" } });
    const pin = event(3, { kind: "pin" as Event["kind"], body: { target: "n1" } });
    const found = rows([event(1), edit, pin, event(4)], [], folded(edit, pin));
    expect(found.map(({ seq, text, edited }) => [seq, text, edited])).toEqual([
      [1, "better", true],
      [4, "text 4", false],
    ]);
  });

  it("become other objects when something about them changes, and only those", () => {
    const said = [event(1, { at: NOON }), event(2, { at: NOON })];
    const fold = new Fold();
    const before = rows(said, [], fold);
    fold.take([event(3, { kind: "deletion", body: { target: "n1" } })]);
    const now = rows(said, [], fold);
    expect(now[0]).toMatchObject({ deleted: true, text: "" });
    expect(now[1]).toBe(before[1]);
  });

  it("show my changes before they are confirmed, and undo those that were refused", () => {
    const said = [event(1, { at: NOON })];
    const edit = unsent("e", "edit", { target: "n1", text: "better" });
    const thumb = unsent("t", "reaction", { target: "n1", emoji: "👍" });
    const [shown] = rows(said, [edit, thumb]);
    expect(shown).toMatchObject({ text: "better", edited: true, unsent: [edit, thumb] });
    expect(shown?.reactions).toEqual([{ emoji: "👍", authors: [ANA] }]);
    const refused = { ...edit, failure: "That is not yours." };
    const [undone] = rows(said, [refused]);
    expect(undone).toMatchObject({ text: "text 1", edited: false, unsent: [refused], reactions: [] });
    expect(rows(said)[0]).toMatchObject({ text: "text 1", unsent: [] });
  });

  it("show the last of my changes that wait", () => {
    const [on, off] = [false, true].map((off, index) =>
      unsent(String(index), "reaction", { target: "n1", emoji: "👍", off }),
    );
    expect(rows([event(1)], [on!, off!])[0]?.reactions).toEqual([]);
  });
});

describe("what is new", () => {
  const said = [1, 2, 3, 4].map((seq) => event(seq, { at: NOON, author: seq === 2 ? ANA : MILO }));
  const marked = (firstUnread: number) => laidOut(said, new Fold(), [], ANA, firstUnread).map(({ fresh }) => fresh);

  it("begins at the first message of others that was unread, which shows its author again", () => {
    expect(marked(4)).toEqual([false, false, false, true]);
    expect(laidOut(said, new Fold(), [], ANA, 4).at(-1)?.head).toBe(true);
    expect(marked(2)).toEqual([false, false, true, false]);
  });

  it("begins nowhere when nothing was, or only ours is", () => {
    expect(marked(0)).toEqual([false, false, false, false]);
    expect(marked(5)).toEqual([false, false, false, false]);
  });
});
