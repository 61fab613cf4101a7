import { randomHex } from "../platform/random";
import type { LocalStore } from "../platform/storage";
import type { Body, Event } from "../wire/protocol";
import { MAX_NONCE } from "../wire/protocol";

/** What a post says or changes. */
export interface Content {
  readonly kind: Event["kind"];
  readonly body: Body;
}

/** A post that its author does not see confirmed yet. */
export interface Unsent extends Content {
  readonly room: string;
  readonly nonce: string;
  /** When it was said, for show and for order: milliseconds since 1970, growing from post to post. */
  readonly at: number;
  /** The sentence of the refusal; empty while it is on its way. */
  readonly failure: string;
  /** Whether the same post may be accepted later. */
  readonly retry: boolean;
  /** Whether it is on the node's disk and waits for the room's home. */
  readonly held: boolean;
}

const KEY = "unsent.";

/**
 * Posts by nonce, in the order they were said, until their event comes.
 *
 * Each post is kept under a key of its own: two tabs share the storage, and neither may overwrite what the other keeps.
 */
export class Outbox {
  readonly #store: LocalStore;
  readonly #changed: () => void;
  #entries: readonly Unsent[];

  constructor(store: LocalStore, changed: () => void = () => {}) {
    this.#store = store;
    this.#changed = changed;
    const kept = store.keys(KEY).map((key) => store.get<Unsent>(key));
    // What the node held at an earlier visit, it says again when it is asked.
    const entries = kept.filter(isUnsent).map((entry) => ({ ...entry, held: false }));
    this.#entries = entries.sort((one, other) => one.at - other.at);
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

  enqueue(room: string, { kind, body }: Content, now: number): Unsent {
    const last = this.#entries.at(-1)?.at ?? 0;
    const at = Math.max(now, last + 1);
    const entry: Unsent = { room, nonce: randomHex(16), kind, body, at, failure: "", retry: false, held: false };
    this.#keep(entry);
    this.#replace([...this.#entries, entry]);
    return entry;
  }

  /** Take over what was said at another node, in its order: the nonces say whether it has come already. */
  receive(room: string, posts: readonly Pick<Unsent, "nonce" | "kind" | "body" | "at">[]): void {
    const fresh = posts
      .filter(({ nonce }) => !this.has(nonce))
      .map(({ nonce, kind, body, at }) => ({ room, nonce, kind, body, at, failure: "", retry: false, held: false }));
    fresh.forEach((entry) => this.#keep(entry));
    this.#replace([...this.#entries, ...fresh].sort((one, other) => one.at - other.at));
  }

  /** The event came, or its author gave the post up: it is no longer ours to send. */
  dequeue(nonce: string): void {
    if (!this.has(nonce)) return;
    this.#store.remove(KEY + nonce);
    this.#replace(this.#entries.filter((entry) => entry.nonce !== nonce));
  }

  /** The node refused a post in `room`; one that has moved on meanwhile is not concerned. */
  refuse(room: string, nonce: string, failure: string, retry: boolean): void {
    this.#change(room, nonce, { failure, retry, held: false });
  }

  /** The node has a post in `room` on its disk. */
  hold(room: string, nonce: string): void {
    this.#change(room, nonce, { failure: "", retry: false, held: true });
  }

  /** Give up everything that was to be said in a room: it is gone. */
  giveUp(room: string): void {
    this.of(room).forEach(({ nonce }) => this.dequeue(nonce));
  }

  /** Give up what changes messages of a room: its history is not the one that they were seen in. */
  giveUpChanges(room: string): void {
    this.of(room)
      .filter(({ kind }) => kind !== "message")
      .forEach(({ nonce }) => this.dequeue(nonce));
  }

  /** Address every message of a room to another one, which took its place. */
  move(from: string, to: string): void {
    this.giveUpChanges(from);
    this.#update((entry) => (entry.room === from ? { ...entry, room: to, failure: "", retry: false, held: false } : entry));
  }

  /** Take the failure from one post, so that it is sent again. */
  revive(nonce: string): void {
    this.#update((entry) => (entry.nonce === nonce ? { ...entry, failure: "", retry: false } : entry));
  }

  /** The same for each post of a room whose refusal may be over. */
  reviveAll(room: string): void {
    this.#update((entry) => (entry.room === room && entry.retry ? { ...entry, failure: "", retry: false } : entry));
  }

  #change(room: string, nonce: string, change: Pick<Unsent, "failure" | "retry" | "held">): void {
    this.#update((entry) => (entry.nonce === nonce && entry.room === room ? { ...entry, ...change } : entry));
  }

  #update(change: (entry: Unsent) => Unsent): void {
    const entries = this.#entries.map(change);
    const changed = entries.filter((entry, index) => entry !== this.#entries[index]);
    if (changed.length === 0) return;
    changed.forEach((entry) => this.#keep(entry));
    this.#replace(entries);
  }

  #keep(entry: Unsent): void {
    this.#store.set(KEY + entry.nonce, entry);
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
    typeof entry.kind === "string" &&
    typeof entry.body === "object" &&
    entry.body !== null &&
    (entry.body.target === undefined || typeof entry.body.target === "string") &&
    typeof entry.at === "number" &&
    typeof entry.failure === "string" &&
    typeof entry.nonce === "string" &&
    entry.nonce.length > 0 &&
    entry.nonce.length <= MAX_NONCE
  );
}
