import type { Event, Joined, Mark, Page } from "../wire/protocol";
import { Cursor, type Admission } from "./cursor";
import { Fold } from "./fold";
import { Run } from "./run";

/** Events that stay in memory while nobody reads further up. */
const KEPT = 200;

/** What this page holds of a room's history: its live end, and now and then a part of its past. */
export class Timeline {
  /** What ends at the cursor. */
  live = $state.raw(new Run());
  /** What somebody jumped to and is shown in place of the live end; null when that is shown. */
  part = $state.raw<Run | null>(null);
  #fold = new Fold();
  #folded = $state(0);
  #cursor = new Cursor();

  /** The last seq that was handled. */
  get cursor(): number {
    return this.#cursor.seq;
  }

  /** By what the event at the cursor is known again; undefined when it is not here. */
  get mark(): Mark | undefined {
    const last = this.live.events.at(-1);
    return last?.seq === this.cursor ? { nonce: last.nonce, at: last.at } : undefined;
  }

  get shown(): Run {
    return this.part ?? this.live;
  }

  /** Seq of the newest message that came. */
  get newest(): number {
    return this.live.events.findLast(({ kind }) => kind === "message")?.seq ?? 0;
  }

  /** What was done to the messages; whoever reads it here follows its changes. */
  get fold(): Fold {
    void this.#folded;
    return this.#fold;
  }

  /** Take the answer to a join. */
  joined({ events, later = [], oldest = 1 }: Joined): void {
    if ((events[0]?.seq ?? 0) > this.cursor + 1) this.begin(events[0]!.seq - 1);
    this.take(events);
    this.live = new Run(this.live.events, oldest);
    this.#take(later);
  }

  /** Take events that follow the live end. */
  take(events: readonly Event[]): Admission {
    const [first, last] = [events[0], events.at(-1)];
    if (first === undefined || last === undefined) return "seen";
    const before = this.cursor;
    const admission = this.#cursor.admit(first.seq, last.seq);
    if (admission === "next") {
      const fresh = events.filter(({ seq }) => seq > before);
      this.live = this.live.after(fresh);
      this.#take(fresh);
    }
    return admission;
  }

  /** Take the page after the cursor. */
  repair({ events, later = [], oldest = 1 }: Page): void {
    const first = events[0]?.seq ?? 0;
    // What lies between was removed: that is no hole.
    if (first === oldest && first > this.cursor + 1) this.begin(first - 1);
    this.take(events);
    this.live = new Run(this.live.events, oldest);
    this.#take(later);
  }

  /** Take the page before a seq; where nothing begins there any more, it is passed over. */
  pageBack({ events, later = [], oldest = 1 }: Page, before: number): void {
    this.#takeWithin(events);
    if (before === this.part?.first) this.part = this.part.before(events, oldest);
    else if (before === this.live.first) this.live = this.live.before(events, oldest);
    this.#meet();
    this.#take(later);
  }

  /** Take the page after a seq; where the part does not end there any more, it is passed over. */
  pageOn({ events, later = [], oldest = 1 }: Page, after: number): void {
    this.#takeWithin(events);
    if (after === this.part?.last) this.part = this.part.after(events, oldest);
    this.#meet();
    this.#take(later);
  }

  /** Show the page that somebody jumped to. */
  jump({ events, later = [], oldest = 1 }: Page): void {
    this.#takeWithin(events);
    this.part = new Run(events, oldest);
    this.#meet();
    this.#take(later);
  }

  /** Show the run that has an event; false when it is not here. */
  show(nonce: string): boolean {
    if (this.part?.find(nonce) !== undefined) return true;
    if (this.live.find(nonce) === undefined) return false;
    this.part = null;
    return true;
  }

  /** Show the live end. */
  toLive(): void {
    this.part = null;
  }

  /** Forget everything and begin after a seq. */
  begin(seq = 0): void {
    this.live = new Run();
    this.part = null;
    this.#fold = new Fold();
    this.#folded += 1;
    this.#cursor = new Cursor(seq);
  }

  /** Forget what lies far above the live end. */
  trim(): void {
    if (this.part !== null || this.live.events.length <= 2 * KEPT) return;
    this.live = this.live.newest(KEPT);
    this.#fold.retain(new Set(this.live.events.map(({ nonce }) => nonce)));
  }

  /**
   * Take changes of messages in a page of the past. Changes of older messages are passed over: those came with their
   * own page, which knows what they came to in the end.
   */
  #takeWithin(events: readonly Event[]): void {
    const here = new Set(events.map(({ nonce }) => nonce));
    this.#take(events.filter(({ body }) => here.has(body.target ?? "")));
  }

  #take(events: readonly Event[]): void {
    this.#fold.take(events);
    this.#folded += 1;
  }

  /** A part that has reached the live end is one with it. */
  #meet(): void {
    const { part, live } = this;
    if (part === null || live.events.length === 0 || part.last < live.first - 1) return;
    this.live = live.before(part.events, part.oldest);
    this.part = null;
  }
}
