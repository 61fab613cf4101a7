import { describe, expect, it } from "vitest";
import cases from "../../../tests/cases/fold.json";
import { ANA, event } from "../testing/events";
import type { Event } from "../wire/protocol";
import { changed, Fold, reading, UNCHANGED } from "./fold";

const MESSAGE = event(7, { body: { text: "said" } });

function readings(changes: readonly Event[]) {
  const fold = new Fold();
  fold.take(changes);
  const { reactions, ...rest } = reading(MESSAGE, fold.of(MESSAGE.nonce));
  return { ...rest, reactions: reactions.map(({ emoji, authors }) => [emoji, authors.map(({ id }) => id)]) };
}

/** What a node sends with a page of the past: the newest of each kind, of reactions that of each author and emoji. */
function newestWords(events: readonly Event[]): Event[] {
  const key = ({ kind, author, body }: Event) =>
    [body.target, kind, ...(kind === "reaction" ? [author.id, body.emoji] : [])].join();
  return [...new Map(events.map((event) => [key(event), event])).values()];
}

/** All orders in which a few things can come. */
function orders<T>(things: readonly T[]): T[][] {
  if (things.length === 0) return [[]];
  return things.flatMap((first, at) => orders(things.toSpliced(at, 1)).map((rest) => [first, ...rest]));
}

describe("folding, by the cases in tests/cases", () => {
  it.each(cases)("$name", ({ changes, reads }) => {
    const events = changes.map(({ author, kind, ...rest }) =>
      event(rest.seq, { ...rest, kind: kind as Event["kind"], author: { id: author, nick: author } }),
    );
    for (const order of orders(events)) {
      expect(readings(order)).toEqual(reads);
      expect(readings([...order, ...order, ...order.slice(0, 1)])).toEqual(reads);
    }
    expect(readings(newestWords(events))).toEqual(reads);
  });
});

describe("fold", () => {
  const thumb = event(9, { author: ANA, kind: "reaction", body: { target: "n7", emoji: "👍" } });

  it("gives the same object as long as nothing changes", () => {
    const once = changed(UNCHANGED, thumb);
    expect(changed(once, thumb)).toBe(once);
    expect(changed(UNCHANGED, event(8))).toBe(UNCHANGED);
  });

  it("forgets what is about older messages", () => {
    const fold = new Fold();
    fold.take([thumb, { ...thumb, body: { target: "n8", emoji: "👍" } }]);
    fold.retain(new Set(["n8"]));
    expect(fold.of("n7")).toBe(UNCHANGED);
    expect(fold.of("n8").reactions.size).toBe(1);
  });
});
