import type { Event } from "../wire/protocol";

/**
 * A dense run of a room's events, of which the lines are kept, messages and rules, oldest first. What was done to messages lies in
 * the fold; so a run of so many lines takes so much memory, however often people react to them.
 */
export class Run {
  readonly messages: readonly Event[];
  /** Seq of the first event; 1 when there is none. */
  readonly first: number;
  /** Seq of the last event; 0 when there is none. */
  readonly last: number;
  /** The lowest seq that can be had; what lies below was never said, or is not kept any more. */
  readonly oldest: number;

  constructor(messages: readonly Event[] = [], first = 1, last = 0, oldest = 1) {
    this.messages = messages;
    this.first = first;
    this.last = last;
    this.oldest = oldest;
  }

  /** Return the run of these events. */
  static of(events: readonly Event[], oldest = 1): Run {
    return new Run(events.filter(isLine), events[0]?.seq ?? 1, events.at(-1)?.seq ?? 0, oldest);
  }

  /** Whether events before the first can be had. */
  get earlier(): boolean {
    return this.first > this.oldest;
  }

  /** Whether there were events before the first that are not kept any more. */
  get cut(): boolean {
    return !this.earlier && this.first > 1;
  }

  /** Whether an event of this seq is in the run. */
  has(seq: number): boolean {
    return this.first <= seq && seq <= this.last;
  }

  /** Return the message with this nonce; undefined when it is not in the run. */
  find(nonce: string): Event | undefined {
    return this.messages.find((message) => message.nonce === nonce);
  }

  /** The same run, of whose room nothing below a seq can be had. */
  since(oldest: number): Run {
    return new Run(this.messages, this.first, this.last, oldest);
  }

  /** Put a page before the first event: an empty one says that nothing is there; one that leaves a hole is no use. */
  before(page: readonly Event[], oldest: number): Run {
    const earlier = Run.of(page.filter(({ seq }) => seq < this.first));
    if (earlier.last === 0) return this.since(this.first);
    return earlier.last === this.first - 1 ? earlier.joined(this, oldest) : this;
  }

  /** Put a page after the last event; one that leaves a hole is no use. */
  after(page: readonly Event[], oldest: number = this.oldest): Run {
    const later = Run.of(page.filter(({ seq }) => seq > this.last));
    if (this.last === 0) return later.since(oldest);
    return later.first === this.last + 1 && later.last > 0 ? this.joined(later, oldest) : this;
  }

  /** Put another run behind this one, which it follows or overlaps. */
  joined(other: Run, oldest: number = this.oldest): Run {
    const fresh = other.messages.filter(({ seq }) => seq > this.last);
    return new Run([...this.messages, ...fresh], this.first, Math.max(this.last, other.last), oldest);
  }

  /** The run from its newest `count` messages on. */
  newest(count: number): Run {
    const kept = this.messages.slice(-count);
    if (kept.length === this.messages.length) return this;
    return new Run(kept, kept[0]?.seq ?? this.last + 1, this.last, this.oldest);
  }

  /** The run up to its oldest `count` messages. */
  eldest(count: number): Run {
    const next = this.messages[count];
    return next === undefined ? this : new Run(this.messages.slice(0, count), this.first, next.seq - 1, this.oldest);
  }
}

// Edits and the like are folded into their messages, and a later version's kinds mean nothing here.
function isLine({ kind }: Event): boolean {
  return kind === "message" || kind === "rule";
}
