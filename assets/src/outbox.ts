import type { Keep } from "./keep";
import { randomHex } from "./random";
import { MAX_NONCE } from "./wire";

/** A post that its author does not see confirmed yet. */
export interface Unsent {
  readonly room: string;
  readonly nonce: string;
  readonly text: string;
  /** When it was said, for show and for order: milliseconds since 1970, growing from post to post. */
  readonly at: number;
  /** The sentence of the refusal; empty while it is on its way. */
  readonly failure: string;
  /** Whether the same post may be accepted later. */
  readonly retry: boolean;
}

const KEY = "unsent.";

/**
 * Posts by nonce, in the order they were said, until their event comes.
 *
 * Each post is kept under a key of its own: two tabs share the storage, and neither may overwrite what the other keeps.
 */
export class Outbox {
  readonly #keep: Keep;
  readonly #changed: () => void;
  #entries: readonly Unsent[];

  constructor(keep: Keep, changed: () => void = () => {}) {
    this.#keep = keep;
    this.#changed = changed;
    const kept = keep.keys(KEY).map((key) => keep.get<Unsent>(key));
    this.#entries = kept.filter(isUnsent).sort((one, other) => one.at - other.at);
  }

  /** Every post of a room, in order. */
  of(room: string): readonly Unsent[] {
    return this.#entries.filter((entry) => entry.room === room);
  }

  /** The posts of a room that are to be sent. */
  waiting(room: string): readonly Unsent[] {
    return this.of(room).filter((entry) => entry.failure === "");
  }

  /** The rooms that a post waits for. */
  get rooms(): ReadonlySet<string> {
    return new Set(this.#entries.map((entry) => entry.room));
  }

  has(nonce: string): boolean {
    return this.#entries.some((entry) => entry.nonce === nonce);
  }

  add(room: string, text: string, now: number): Unsent {
    const last = this.#entries.at(-1)?.at ?? 0;
    const at = Math.max(now, last + 1);
    const entry: Unsent = { room, nonce: randomHex(16), text, at, failure: "", retry: false };
    this.#store(entry);
    this.#replace([...this.#entries, entry]);
    return entry;
  }

  /** The event came, or its author gave the post up: it is no longer ours to send. */
  settle(nonce: string): void {
    if (!this.has(nonce)) return;
    this.#keep.remove(KEY + nonce);
    this.#replace(this.#entries.filter((entry) => entry.nonce !== nonce));
  }

  /** The node refused a post in `room`; one that has moved on meanwhile is not concerned. */
  refuse(room: string, nonce: string, failure: string, retry: boolean): void {
    this.#update((entry) => (entry.nonce === nonce && entry.room === room ? { ...entry, failure, retry } : entry));
  }

  /** Address every post of a room to another one, which took its place. */
  move(from: string, to: string): void {
    this.#update((entry) => (entry.room === from ? { ...entry, room: to, failure: "", retry: false } : entry));
  }

  /** Take the failure from one post, so that it is sent again. */
  revive(nonce: string): void {
    this.#update((entry) => (entry.nonce === nonce ? { ...entry, failure: "", retry: false } : entry));
  }

  /** The same for each post of a room whose refusal may be over. */
  reviveAll(room: string): void {
    this.#update((entry) => (entry.room === room && entry.retry ? { ...entry, failure: "", retry: false } : entry));
  }

  #update(change: (entry: Unsent) => Unsent): void {
    const entries = this.#entries.map(change);
    const changed = entries.filter((entry, index) => entry !== this.#entries[index]);
    if (changed.length === 0) return;
    changed.forEach((entry) => this.#store(entry));
    this.#replace(entries);
  }

  #store(entry: Unsent): void {
    this.#keep.set(KEY + entry.nonce, entry);
  }

  #replace(entries: readonly Unsent[]): void {
    this.#entries = entries;
    this.#changed();
  }
}

function isUnsent(value: unknown): value is Unsent {
  const entry = value as Partial<Unsent> | null;
  return (
    typeof entry?.room === "string" &&
    typeof entry.text === "string" &&
    typeof entry.at === "number" &&
    typeof entry.failure === "string" &&
    typeof entry.nonce === "string" &&
    entry.nonce.length > 0 &&
    entry.nonce.length <= MAX_NONCE
  );
}
