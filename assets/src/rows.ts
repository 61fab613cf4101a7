import type { Unsent } from "./outbox";
import type { Author, Event } from "./wire";

/** One line of the conversation as it is shown. */
export interface Row {
  /** The nonce, so that a pending message and its event are the same line. */
  readonly key: string;
  readonly author: Author;
  readonly at: number;
  readonly text: string;
  /** Whether it begins a group and shows its author. */
  readonly head: boolean;
  /** Whether it begins another day than the line before. */
  readonly day: boolean;
  /** The post behind a line that is not confirmed yet. */
  readonly unsent: Unsent | null;
}

/** Messages of one author within this time stand together: milliseconds. */
export const GROUP = 5 * 60_000;

/** Lay out the events of a room and then the posts that wait. A line that did not change is the same object as before. */
export function rows(events: readonly Event[], unsent: readonly Unsent[], me: Author): Row[] {
  const taken = new Set<string>();
  const found: Row[] = [];
  for (const event of events) {
    const { nonce, author, at, body, seq } = event;
    // Two events with one nonce are against the protocol, but a bad peer must not break the list.
    const key = taken.has(nonce) ? `${nonce}:${seq}` : nonce;
    taken.add(key);
    const row = after(found.at(-1), { key, author, at, text: body.text, unsent: null });
    const known = laidOut.get(event);
    const same = known !== undefined && known.key === key && known.head === row.head && known.day === row.day;
    if (!same) laidOut.set(event, row);
    found.push(same ? known : row);
  }
  for (const post of unsent) {
    found.push(after(found.at(-1), { key: post.nonce, author: me, at: post.at, text: post.text, unsent: post }));
  }
  return found;
}

const laidOut = new WeakMap<Event, Row>();

function after(before: Row | undefined, line: Omit<Row, "head" | "day">): Row {
  const { author, at } = line;
  const day = before === undefined || !sameDay(before.at, at);
  const head = day || before.author.id !== author.id || before.author.nick !== author.nick || apart(before.at, at);
  return { ...line, head, day };
}

function apart(before: number, at: number): boolean {
  return Math.abs(at - before) > GROUP;
}

function sameDay(one: number, other: number): boolean {
  if (one === other) return true;
  const [before, now] = [new Date(one), new Date(other)];
  return before.getDate() === now.getDate() && Math.abs(other - one) < 2 * 86_400_000 && before.getMonth() === now.getMonth();
}
