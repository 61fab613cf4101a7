import { ruleOf, type Rule } from "../door/rule";
import type { Author, Event } from "../wire/protocol";
import { changed, reading, UNCHANGED, type Changes, type Fold, type Reading } from "./fold";
import type { Unsent } from "./outbox";

/** One line of the conversation as it is shown: a message as it reads now. */
export interface Row extends Reading {
  /** The nonce, so that a pending message and its event are the same line. */
  readonly key: string;
  /** The message's own name, that changes of it give. */
  readonly nonce: string;
  /** The message's number; 0 as long as it has none. */
  readonly seq: number;
  readonly author: Author;
  readonly at: number;
  /** Whether it was said where its author could not reach the others; then `at` is not the order. */
  readonly apart?: boolean;
  /** Whether it begins a group and shows its author. */
  readonly head: boolean;
  /** Whether it begins another day than the line before. */
  readonly day: boolean;
  /** What holds from here on, when this line is no message but a rule; null when it is a message. */
  readonly rule: Rule | null;
  /** Whether it is the first one that was unread when the room was opened. */
  readonly fresh: boolean;
  /** Posts about this line that are not confirmed yet: the message itself, or changes of it. */
  readonly unsent: readonly Unsent[];
}

/** Messages of one author within this time stand together: milliseconds. */
export const GROUP = 5 * 60_000;
/** Above every seq: what is not confirmed is folded in last. */
const LAST = 2 ** 52;
const NOTHING: readonly Unsent[] = [];

/**
 * Lay out the messages of a room and then those that wait. A line that did not change is the same object as before.
 *
 * @param firstUnread the seq from which on messages of others are new; 0 when none is.
 */
export function rows(events: readonly Event[], fold: Fold, unsent: readonly Unsent[], me: Author, firstUnread = 0): Row[] {
  const fresh = freshOf(events, me, firstUnread);
  const taken = new Set<string>();
  const waiting = byTarget(unsent);
  const found: Row[] = [];
  for (const event of events) {
    // Edits and the like are folded into their messages, and a later version's kinds mean nothing here.
    if (event.kind !== "message" && ruleOf(event) === null) continue;
    const { nonce, seq } = event;
    // Two events with one nonce are against the protocol, but a bad peer must not break the list.
    const key = taken.has(nonce) ? `${nonce}:${seq}` : nonce;
    taken.add(key);
    found.push(line(event, key, found.at(-1), fold.of(nonce), waiting.get(nonce) ?? NOTHING, me, event === fresh));
  }
  for (const post of unsent) {
    if (post.kind !== "message") continue;
    const event = asEvent(post, me);
    const place = placed(found.at(-1), event, false);
    found.push({ ...reading(event, UNCHANGED), ...place, key: post.nonce, nonce: post.nonce, seq: 0, author: me, at: post.at, rule: null, unsent: [post] });
  }
  return found;
}

type Place = Pick<Row, "head" | "day" | "fresh">;

/** The first message of others from a seq on. */
function freshOf(events: readonly Event[], me: Author, firstUnread: number): Event | undefined {
  if (firstUnread === 0) return undefined;
  return events.find(({ kind, seq, author }) => kind === "message" && seq >= firstUnread && author.id !== me.id);
}

interface LaidOut {
  readonly row: Row;
  readonly changes: Changes;
}
const laidOut = new WeakMap<Event, LaidOut>();

function line(
  event: Event,
  key: string,
  before: Row | undefined,
  changes: Changes,
  unsent: readonly Unsent[],
  me: Author,
  isFresh: boolean,
): Row {
  const { nonce, seq, author, at } = event;
  const { head, day, fresh } = placed(before, event, isFresh);
  const known = laidOut.get(event);
  if (known !== undefined && known.changes === changes && unsent.length + known.row.unsent.length === 0) {
    const { row } = known;
    if (row.key === key && row.head === head && row.day === day && row.fresh === fresh) return row;
  }
  const now = unsent
    .filter(({ failure }) => failure === "")
    .reduce((folded, post, index) => changed(folded, asEvent(post, me, index)), changes);
  const row = {
    ...reading(event, now),
    ...{ key, nonce, seq, author, at, head, day, fresh, rule: ruleOf(event), unsent },
    ...(event.apart === true && { apart: true }),
  };
  laidOut.set(event, { row, changes });
  return row;
}

function byTarget(unsent: readonly Unsent[]): Map<string, Unsent[]> {
  const found = new Map<string, Unsent[]>();
  for (const post of unsent) {
    const { target } = post.body;
    if (target !== undefined) found.set(target, [...(found.get(target) ?? []), post]);
  }
  return found;
}

/** A post as the event that it will be. */
function asEvent({ room, nonce, at, kind, body }: Unsent, author: Author, index = 0): Event {
  return { type: "event", room, seq: LAST + index, term: 0, nonce, author, at, kind, body };
}

function placed(before: Row | undefined, { author, at }: Pick<Event, "author" | "at">, fresh: boolean): Place {
  const day = before === undefined || !sameDay(before.at, at);
  const same = before?.rule === null && before.author.id === author.id && before.author.nick === author.nick;
  const head = day || fresh || !same || apart(before.at, at);
  return { head, day, fresh };
}

function apart(before: number, at: number): boolean {
  return Math.abs(at - before) > GROUP;
}

function sameDay(one: number, other: number): boolean {
  if (one === other) return true;
  const [before, now] = [new Date(one), new Date(other)];
  return before.getDate() === now.getDate() && Math.abs(other - one) < 2 * 86_400_000 && before.getMonth() === now.getMonth();
}
