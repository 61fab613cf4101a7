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

/** Lay out the events of a room and then the posts that wait. */
export function rows(events: readonly Event[], unsent: readonly Unsent[], me: Author): Row[] {
  const taken = new Set<string>();
  const found: Row[] = [];
  const add = (nonce: string, author: Author, at: number, text: string, post: Unsent | null, seq: number): void => {
    const before = found.at(-1);
    const day = before === undefined || !sameDay(before.at, at);
    const head = day || before.author.id !== author.id || before.author.nick !== author.nick || apart(before.at, at);
    // Two events with one nonce are against the protocol, but a bad peer must not break the list.
    const key = taken.has(nonce) ? `${nonce}:${seq}` : nonce;
    taken.add(key);
    found.push({ key, author, at, text, head, day, unsent: post });
  };
  for (const { nonce, author, at, body, seq } of events) add(nonce, author, at, body.text, null, seq);
  unsent.forEach((post, index) => add(post.nonce, me, post.at, post.text, post, -index));
  return found;
}

function apart(before: number, at: number): boolean {
  return Math.abs(at - before) > GROUP;
}

function sameDay(one: number, other: number): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString();
}
