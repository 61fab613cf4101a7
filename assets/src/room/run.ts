import type { Event } from "../wire/protocol";

/** A dense run of a room's events, oldest first. */
export class Run {
  readonly events: readonly Event[];
  /** The lowest seq that can be had; what lies below was never said, or is not kept any more. */
  readonly oldest: number;

  constructor(events: readonly Event[] = [], oldest = 1) {
    this.events = events;
    this.oldest = oldest;
  }

  /** Seq of the first event; 1 when there is none. */
  get first(): number {
    return this.events[0]?.seq ?? 1;
  }

  /** Seq of the last event; 0 when there is none. */
  get last(): number {
    return this.events.at(-1)?.seq ?? 0;
  }

  /** Whether events before the first can be had. */
  get earlier(): boolean {
    return this.first > this.oldest;
  }

  /** Whether there were events before the first that are not kept any more. */
  get cut(): boolean {
    return !this.earlier && this.first > 1;
  }

  /** Return the event with this nonce; undefined when it is not in the run. */
  find(nonce: string): Event | undefined {
    return this.events.find((event) => event.nonce === nonce);
  }

  /** Put a page before the first event: an empty one says that nothing is there; one that leaves a hole is no use. */
  before(page: readonly Event[], oldest: number): Run {
    const earlier = page.filter(({ seq }) => seq < this.first);
    if (earlier.length === 0) return new Run(this.events, this.first);
    return earlier.at(-1)?.seq === this.first - 1 ? new Run([...earlier, ...this.events], oldest) : this;
  }

  /** Put a page after the last event; one that leaves a hole is no use. */
  after(page: readonly Event[], oldest: number = this.oldest): Run {
    const later = page.filter(({ seq }) => seq > this.last);
    return later[0]?.seq === this.last + 1 || this.events.length === 0
      ? new Run([...this.events, ...later], oldest)
      : this;
  }

  /** The newest `count` events. */
  newest(count: number): Run {
    return new Run(this.events.slice(-count), this.oldest);
  }
}
